import { describe, expect } from 'vitest'
import { test } from '../../support/archive-job.ts'
import type { TestDatabase } from '../../support/database.ts'
import { monthAgo } from './rotate/old-orders.ts'

const tables = `CREATE TABLE orders (id INT PRIMARY KEY, created_at DATETIME NOT NULL, paid_at DATETIME NOT NULL,
    KEY by_age (created_at, id), KEY by_payment (paid_at, id));
  CREATE TABLE items (id INT PRIMARY KEY, order_id INT NOT NULL, KEY by_order (order_id))`

const look = ({ query }: TestDatabase) =>
  query(`SELECT job, source_table, age_column FROM rowkeeper_archived
    WHERE source_schema = DATABASE() AND moved_before < UTC_TIMESTAMP() ORDER BY source_table`)

describe('what an archive job puts down of the rows it moves', () => {
  test('is there before the first row leaves, and names children whose rows go along', async ({
    database,
    openArchive,
  }) => {
    const old = await monthAgo(database, 20)
    await database.query(
      `${tables}; INSERT INTO orders VALUES (1, '${old}-03', '${old}-03'); INSERT INTO items VALUES (1, 1)`,
    )
    const job = await openArchive({ job: { children: [{ table: 'items', key: ['order_id'] }] } })
    const met: unknown[] = []
    await job.run({
      async reach(point) {
        if (point.startsWith('archive.') && met.length === 0) met.push(await look(database))
      },
    })
    const noted = [
      { job: 'old-orders', source_table: 'items', age_column: null },
      { job: 'old-orders', source_table: 'orders', age_column: 'created_at' },
    ]
    expect(met.at(-1)).toEqual(noted)
    expect(await database.query('SELECT COUNT(*) AS orders FROM orders')).toEqual([{ orders: '0' }])
    expect(await look(database)).toEqual(noted)
  })

  test('is nothing while there is nothing to move', async ({ database, openArchive }) => {
    await database.query(tables)
    const job = await openArchive()
    expect((await job.run()).result).toMatchObject({ exitCode: 0 })
    expect(await look(database)).toEqual([])
  })

  test('stays as late as it ever was, and is of no column once the job has gone by two', async ({
    database,
    openArchive,
  }) => {
    const [older, old] = [await monthAgo(database, 30), await monthAgo(database, 20)]
    await database.query(`${tables}; INSERT INTO orders VALUES (1, '${old}-03', '${old}-03')`)
    const job = await openArchive()
    await job.run()
    const until = 'SELECT moved_before FROM rowkeeper_archived'
    const first = await database.query(until)
    await database.query(`INSERT INTO orders VALUES (2, '${older}-03', '${older}-03')`)
    await job.configure({
      job: { age: { column: 'paid_at', olderThan: '25 months' }, into: { table: 'orders_paid' } },
    })
    expect((await job.run()).result).toMatchObject({ exitCode: 0 })
    expect(await database.query(until)).toEqual(first)
    expect(await look(database)).toMatchObject([{ source_table: 'orders', age_column: null }])
  })
})
