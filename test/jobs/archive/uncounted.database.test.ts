import { describe, expect } from 'vitest'
import { test } from '../../support/archive-job.ts'
import type { TestDatabase } from '../../support/database.ts'
import { monthAgo } from './rotate/old-orders.ts'

const tables = `CREATE TABLE orders (id INT PRIMARY KEY, created_at DATETIME NOT NULL, KEY by_age (created_at, id))`

async function countedUntil(database: TestDatabase, table: string, until: string | null): Promise<void> {
  await database.query(
    `REPLACE INTO rowkeeper_rollup VALUES ('views', DATABASE(), ?, 'created_at', 'recompute', ?, UTC_TIMESTAMP(3))`,
    [table, until],
  )
}

describe('rows that a rollup job has yet to count', () => {
  test('stay in the live table, and the plan says which job is behind', async ({ database, openArchive }) => {
    const [older, old] = [await monthAgo(database, 20), await monthAgo(database, 19)]
    await database.query(
      `${tables}; INSERT INTO orders VALUES (1, '${older}-03'), (2, '${older}-04'), (3, '${old}-05')`,
    )
    const job = await openArchive()
    await countedUntil(database, 'orders', null)
    const planned = await job.plan()
    expect(planned.result.counts).toMatchObject({ eligible: 0 })
    expect(JSON.stringify(planned.report)).toContain(`${older}: the rollup job views has not counted it yet`)
    expect((await job.run()).result).toMatchObject({ exitCode: 0, counts: { archived: 0 } })
    // Counted up to the end of the older month, and not one millisecond further.
    await countedUntil(database, 'orders', `${old}-01 00:00:00.000`)
    expect((await job.run()).result).toMatchObject({ exitCode: 0, counts: { archived: 2 } })
    await countedUntil(database, 'orders', '9999-01-01')
    expect((await job.run()).result).toMatchObject({ exitCode: 0, counts: { archived: 1 } })
  })

  test('keep their month in the archive table, also when it is counted from there', async ({
    database,
    openArchive,
  }) => {
    const old = await monthAgo(database, 61)
    await database.query(
      `${tables}; INSERT INTO orders VALUES (1, '${old}-03'), (2, '${await monthAgo(database, 30)}-04')`,
    )
    const job = await openArchive()
    expect((await job.run()).result).toMatchObject({ counts: { archived: 2 } })
    await job.configure({ job: { into: { table: 'orders_archive', keep: '60 months' } } })
    await countedUntil(database, 'orders_archive', `${old}-15`)
    const planned = await job.plan()
    expect(JSON.stringify(planned.report)).toContain(
      `${old} is older than 60 months and stays: the rollup job views has not counted it yet`,
    )
    expect((await job.run()).result.detail.rotations).toEqual([])
    // The archive's own live table being counted says nothing of months that have left it.
    await database.query('DELETE FROM rowkeeper_rollup')
    await countedUntil(database, 'orders', null)
    expect((await job.run()).result.detail.rotations).toMatchObject([{ month: old, ending: 'held' }])
  })

  test('go when the rollup job was removed, and an operator has said so', async ({
    database,
    openArchive,
  }) => {
    const old = await monthAgo(database, 20)
    await database.query(`${tables}; INSERT INTO orders VALUES (1, '${old}-03')`)
    const job = await openArchive()
    await countedUntil(database, 'orders', null)
    await database.query(
      "INSERT INTO rowkeeper_rollup VALUES ('likes', DATABASE(), 'posts', 'created_at', 'consume', NULL, UTC_TIMESTAMP(3))",
    )
    const planned = await job.plan()
    expect(JSON.stringify(planned.report)).toContain('rowkeeper archive forget-rollup old-orders views')
    const forget = (rollup: string, options = {}) =>
      job.verb('forget-rollup', options, { arguments: { rollup } })
    // One that counts another table holds nothing of this one back.
    expect((await forget('likes')).result).toMatchObject({
      exitCode: 66,
      error: {
        code: 'archive.noSuchRollup',
        message: 'No rollup job likes has counted a table of old-orders; these have: views.',
      },
    })
    expect((await forget('views', { dryRun: 'true' })).result).toMatchObject({ exitCode: 0, effect: 'none' })
    expect((await job.run()).result).toMatchObject({ counts: { archived: 0 } })
    expect((await forget('views')).result).toMatchObject({
      exitCode: 0,
      effect: 'complete',
      detail: { forgotten: [{ job: 'views', which: 'live', strategy: 'recompute' }] },
    })
    expect(await database.query('SELECT job FROM rowkeeper_rollup')).toEqual([{ job: 'likes' }])
    expect((await job.run()).result).toMatchObject({ exitCode: 0, counts: { archived: 1 } })
  })

  test('are looked for again when the month begins to leave', async ({ database, openArchive }) => {
    const old = await monthAgo(database, 61)
    await database.query(`${tables}; INSERT INTO orders VALUES (1, '${old}-03')`)
    const job = await openArchive()
    await job.run()
    await job.configure({ job: { into: { table: 'orders_archive', keep: '60 months' } } })
    const { result } = await job.run({
      reach: async (point) => {
        if (point === 'run.page-planned') await countedUntil(database, 'orders_archive', null)
      },
    })
    expect(result).toMatchObject({ exitCode: 3, detail: { rotations: [{ month: old, ending: 'notTaken' }] } })
  })
})
