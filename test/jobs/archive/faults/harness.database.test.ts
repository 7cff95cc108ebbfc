import { describe, expect } from 'vitest'
import { never } from '../../../../src/lib/abort.ts'
import { systemClock } from '../../../../src/lib/clock.ts'
import { testServer } from '../../../support/test-server.ts'
import { test } from './fixture.ts'
import { planted } from './planted.ts'
import { findViolations } from './violations.ts'
import { startWorldObserver, startWorldWriters } from './world.ts'

describe('the application of the fault tests', () => {
  for (const way of ['here', 'exchange'] as const) {
    test(`writes the truth together with its rows, and is told so (${way})`, async ({ openWorld }) => {
      const world = await openWorld(way)
      const observer = await startWorldObserver(world)
      const writers = await startWorldWriters(world, 7)
      await systemClock.sleep(2000, never)
      const written = await writers.stop()
      const { looks, violations } = await observer.stop()
      expect(violations).toEqual([])
      expect(looks).toBeGreaterThan(5)
      expect(written.committed).toBeGreaterThan(20)
      expect(written.rolledBack).toBeGreaterThan(0)
    })
  }
})

// A check that has never been seen to fail proves nothing.
describe('the checks of the fault tests', () => {
  for (const way of ['here', 'there'] as const) {
    test(`find what is planted after a run, and nothing else (${way})`, async ({ openWorld }) => {
      const { database, places, ...world } = await openWorld(way)
      await world.recover()
      expect(await world.job.runs()).not.toEqual([])
      expect(await findViolations(database, places)).toEqual([])
      for (const { name, sql, found } of planted.filter((plant) => plant.way === way)) {
        await database.query('START TRANSACTION')
        await database.query(sql)
        const said = (await findViolations(database, places)).join('\n')
        await database.query('ROLLBACK')
        for (const text of found) expect(said, name).toContain(text)
      }
      expect(await findViolations(database, places)).toEqual([])
    })
  }

  test('find a held table that was left', async ({ openWorld }) => {
    const world = await openWorld('here')
    await world.recover()
    await world.database.query('CREATE TABLE rk_hold_customers_200506 (id INT)')
    expect(await findViolations(world.database, world.places, world.end())).toContain(
      'the table rk_hold_customers_200506 was left',
    )
  })

  // Without WITHOUT VALIDATION the server lets no row into another month's partition.
  test.skipIf(testServer().family === 'mariadb')('A6: find a row of another month', async ({ openWorld }) => {
    const { database, places, ...world } = await openWorld('exchange')
    await world.recover()
    const [first] = await database.query(
      `SELECT PARTITION_NAME AS name FROM information_schema.PARTITIONS
        WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = 'orders_archive' AND PARTITION_ORDINAL_POSITION = 1`,
    )
    await database.query(`CREATE TABLE stray LIKE orders_archive; ALTER TABLE stray REMOVE PARTITIONING;
      INSERT INTO stray SELECT * FROM orders_archive;
      ALTER TABLE orders_archive EXCHANGE PARTITION ${first?.name} WITH TABLE stray WITHOUT VALIDATION`)
    const said = (await findViolations(database, places)).join('\n')
    expect(said).toContain(`lies in the partition ${first?.name} of another month`)
  })
})
