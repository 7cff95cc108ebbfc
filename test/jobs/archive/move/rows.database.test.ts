import { describe, expect } from 'vitest'
import { test } from '../../../support/archive-job.ts'
import { readExact } from '../../../support/archive-tables.ts'
import type { TestDatabase } from '../../../support/database.ts'
import { testServer } from '../../../support/test-server.ts'
import { makeThings } from '../carry/every-type.ts'
import { hoursAgo, makeOrders } from './orders.ts'

/** Old enough for every job here. */
const old = hoursAgo(24 * 450)

/** What both tables hold together, and what lies in the archive alone. */
async function readBoth(database: TestDatabase, table: string) {
  const archive = await readExact(database, `${table}_archive`)
  return { both: [...(await readExact(database, table)), ...archive].toSorted(), archive }
}

describe('rows', () => {
  test('move into the month of their age, when they are old enough and the condition holds', async ({
    database,
    openArchive,
  }) => {
    await makeOrders(database, { count: 480, hours: 24 })
    const where = "status = 'DONE' OR status = 'CANCELLED'"
    const job = await openArchive({ job: { where, into: { table: 'orders_archive', monthsAhead: 0 } } })
    const before = await readExact(database, 'orders')
    const { result } = await job.run()
    const { both, archive } = await readBoth(database, 'orders')
    const { archived, deleted } = result.counts
    expect(result).toMatchObject({ status: 'succeeded', effect: 'complete', exitCode: 0 })
    expect({ archived, deleted, both }).toEqual({
      archived: archive.length,
      deleted: archive.length,
      both: before,
    })
    const [left] = await database.query(
      `SELECT COUNT(*) AS old FROM orders WHERE (${where}) AND created_at < UTC_TIMESTAMP() - INTERVAL 13 MONTH`,
    )
    expect(left).toEqual({ old: '0' })
    const [young] = await database.query(
      `SELECT COUNT(*) AS young FROM orders_archive WHERE NOT (${where}) OR created_at > UTC_TIMESTAMP() - INTERVAL 13 MONTH`,
    )
    expect(young).toEqual({ young: '0' })
    for (const { month, row_count } of await job.months()) {
      const partition = `p${String(month).replace('-', '')}`
      const [held] = await database.query(
        `SELECT COUNT(*) AS inside, SUM(created_at LIKE '${month}%') AS ofMonth FROM orders_archive PARTITION (${partition})`,
      )
      expect({ month, ...held }).toEqual({ month, inside: row_count, ofMonth: row_count })
    }
  })

  test('of every type arrive as they were', async ({ database, openArchive }) => {
    // As old tables have them: dates that strict modes refuse.
    await database.query("SET sql_mode = ''")
    await makeThings(database, testServer().family)
    const job = await openArchive({
      job: { table: 'things', into: { table: 'things_archive', monthsAhead: 0 } },
    })
    const before = await readExact(database, 'things')
    const { result } = await job.run()
    expect(result).toMatchObject({ exitCode: 0, counts: { archived: before.length } })
    expect((await readBoth(database, 'things')).archive).toEqual(before)
  })

  test('are found again by keys of three columns, in batches smaller than a tie', async ({
    database,
    openArchive,
  }) => {
    await database.query(`CREATE TABLE orders (region VARCHAR(20) CHARACTER SET latin1 NOT NULL, code VARCHAR(20) NOT NULL,
        part VARBINARY(8) NOT NULL, number BIGINT UNSIGNED NOT NULL, created_at DATETIME(6) NOT NULL,
        PRIMARY KEY (region, code, part), KEY by_created (created_at))`)
    const codes = ['plain', 'line\n', 'back\\', 'nul\0', "it's", 'trailing ', 'ünï😀', '']
    const parts = ['', '00', '5C00', '270A', 'FF20']
    const rows = codes.flatMap((code) =>
      parts.map((part) => ['Köln', code, Buffer.from(part, 'hex'), '18446744073709551615', old]),
    )
    await database.query('INSERT INTO orders VALUES ?', [rows])
    const job = await openArchive({
      job: { batch: { rows: 3 }, into: { table: 'orders_archive', monthsAhead: 0 } },
    })
    const before = await readExact(database, 'orders')
    const { result } = await job.run()
    expect(result).toMatchObject({ exitCode: 0, counts: { archived: rows.length } })
    expect(await readBoth(database, 'orders')).toEqual({ both: before, archive: before })
  })

  test('with keys above 2^63 are found again', async ({ database, openArchive }) => {
    await database.query(`CREATE TABLE orders (id BIGINT UNSIGNED NOT NULL PRIMARY KEY, created_at TIMESTAMP NOT NULL
        DEFAULT CURRENT_TIMESTAMP, KEY by_created (created_at))`)
    const ids = ['9223372036854775807', '9223372036854775808', '18446744073709551614', '18446744073709551615']
    await database.query('INSERT INTO orders VALUES ?', [ids.map((id) => [id, old])])
    const job = await openArchive({
      job: { batch: { rows: 1 }, into: { table: 'orders_archive', monthsAhead: 0 } },
    })
    expect((await job.run()).result).toMatchObject({ exitCode: 0, counts: { archived: 4 } })
    const moved = await database.query('SELECT id FROM orders_archive ORDER BY id')
    expect(moved.map(({ id }) => id)).toEqual(ids)
  })

  test('that come late, between those already there, are proven by their keys', async ({
    database,
    openArchive,
  }) => {
    await makeOrders(database, { count: 0, hours: 1 })
    const insert = async (from: number) => {
      const rows = Array.from({ length: 40 }, (_, index) => [from + 2 * index, 'DONE', null, old])
      await database.query('INSERT INTO orders VALUES ?', [rows])
    }
    const job = await openArchive({ job: { into: { table: 'orders_archive', monthsAhead: 0 } } })
    await insert(1)
    await job.run()
    await insert(2)
    expect((await job.run()).result).toMatchObject({ exitCode: 0, counts: { archived: 40 } })
    expect(await job.months()).toMatchObject([{ row_count: '80', state: 'open' }])
  })
})
