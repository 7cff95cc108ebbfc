import { describe, expect } from 'vitest'
import type { TestDatabase } from '../../../support/database.ts'
import { test } from './cold.ts'
import { endAt, makeOldOrders } from './old-orders.ts'

const settings = {
  job: {
    batch: { rows: 10 },
    children: [
      { table: 'items', key: ['order_id'], children: [{ table: 'parcels', key: ['order_id', 'line'] }] },
    ],
  },
}
const tables = ['orders', 'items', 'parcels']

/** Two items for each order, and a parcel for the first of them. */
async function makeFamilies(database: TestDatabase, count: number): Promise<void> {
  await makeOldOrders(database, count)
  await database.query(`
    CREATE TABLE items (order_id INT NOT NULL, line TINYINT NOT NULL, name VARCHAR(20) NOT NULL,
      PRIMARY KEY (order_id, line), FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE);
    CREATE TABLE parcels (id INT NOT NULL PRIMARY KEY, order_id INT NOT NULL, line TINYINT NOT NULL,
      FOREIGN KEY (order_id, line) REFERENCES items (order_id, line));
    INSERT INTO items SELECT id, line, CONCAT('item ', id) FROM orders JOIN (SELECT 1 AS line UNION SELECT 2) AS l;
    INSERT INTO parcels SELECT id + 1000, id, 1 FROM orders`)
}

describe('children', () => {
  test('go with the row they belong to, into its month', async ({ database, cold, openCarry }) => {
    await makeFamilies(database, 25)
    const { job, readEverything, journal, months } = await openCarry(settings)
    const before = await readEverything(tables)
    const { result } = await job.run()
    expect(result).toMatchObject({ exitCode: 0, counts: { archived: 25, deleted: 25 } })
    expect(await readEverything(tables)).toEqual(before)
    expect(await database.query('SELECT id FROM orders UNION SELECT order_id FROM items')).toEqual([])
    expect(
      await cold.query(`SELECT COUNT(*) AS wrong FROM parcels_archive AS p JOIN orders_archive AS o ON o.id = p.order_id
        WHERE p.rowkeeper_age <> o.created_at`),
    ).toEqual([{ wrong: 0 }])
    expect((await months()).map(({ archive_table, row_count }) => [archive_table, row_count])).toEqual([
      ['items_archive', 50],
      ['orders_archive', 25],
      ['parcels_archive', 25],
    ])
    expect(await journal()).toEqual([])
  })

  test('that changed in between take their whole family back', async ({ database, cold, openCarry }) => {
    await makeFamilies(database, 5)
    const { job, readEverything, journal } = await openCarry(settings)
    await job.run(endAt('archive.carry-copied'))
    expect(await cold.query('SELECT id FROM orders_archive')).toHaveLength(5)
    await database.query(`UPDATE items SET name = 'changed' WHERE order_id = 1 AND line = 2`)
    await database.query('INSERT INTO parcels VALUES (5002, 2, 2)')
    await database.query('DELETE FROM parcels WHERE order_id = 3')
    const before = await readEverything(tables)
    const { result } = await job.run()
    expect(result).toMatchObject({ exitCode: 0, counts: { archived: 5, deleted: 5 } })
    const after = await readEverything(tables)
    expect(after).toEqual([...new Set(after)])
    expect(after.filter((row) => !before.includes(row))).toEqual([])
    expect(await cold.query('SELECT name FROM items_archive WHERE order_id = 1 ORDER BY line')).toEqual([
      { name: 'item 1' },
      { name: 'changed' },
    ])
    expect(await cold.query('SELECT id FROM parcels_archive ORDER BY id')).toEqual(
      [1001, 1002, 1004, 1005, 5002].map((id) => ({ id })),
    )
    expect(await database.query('SELECT id FROM orders')).toEqual([])
    expect(await journal()).toEqual([])
    expect((await job.verb('verify')).result).toMatchObject({ exitCode: 0 })
  })
})
