import { describe, expect } from 'vitest'
import { test } from './fixture.ts'
import { look } from './look.ts'

const firstBatch = { here: 6, there: 15 }

/** A column more, on both sides as the application's migrations would do it, with a value in every row. */
function addColumn(table: string, archiveSchema: string): string {
  return `ALTER TABLE ${table} ADD COLUMN extra VARCHAR(20) NOT NULL DEFAULT 'none';
    ALTER TABLE truth_${table} ADD COLUMN extra VARCHAR(20) NOT NULL DEFAULT 'none';
    UPDATE ${table} SET extra = CONCAT('new ', id);
    UPDATE truth_${table} JOIN ${table} USING (id) SET truth_${table}.extra = ${table}.extra;
    ALTER TABLE ${archiveSchema}.${table}_archive ADD COLUMN extra VARCHAR(20) NOT NULL DEFAULT 'none'`
}

describe('a table that is altered while a month is moved', () => {
  for (const way of ['here', 'there'] as const) {
    for (const table of ['orders', 'items'] as const) {
      test(`loses nothing of a new column (${way}, ${table})`, async ({ openWorld }) => {
        const { database, places, ...world } = await openWorld(way)
        let isAltered = false
        const { result } = await world.run({
          async reach(point) {
            if (isAltered || !/(batch|carry)-committed$/.test(point)) return
            isAltered = true
            await database.query(addColumn(table, places.archiveSchema))
          },
        })
        expect(result).toMatchObject({
          exitCode: 75,
          effect: 'partial',
          counts: { archived: firstBatch[way] },
        })
        expect(result.error).toMatchObject({ code: 'archive.tableAltered' })
        await world.recover()
        const lost =
          await database.query(`SELECT moved.id FROM ${places.archiveSchema}.${table}_archive AS moved
          JOIN truth_${table} AS truth ON truth.id = moved.id WHERE moved.extra <> truth.extra`)
        expect(lost).toEqual([])
        // A month whose table was altered counts as unproven until somebody adopts it.
        expect(await look(database.query, places)).toEqual([])
      })
    }
  }
})
