import { describe, expect } from 'vitest'
import type { ArchiveJob } from '../../../support/archive-job.ts'
import { test } from '../../../support/archive-job.ts'
import { into, ledgerOf, makeShop, newer, older, withPayments } from './shop.ts'

interface Proof {
  readonly table: string
  readonly month: string
  readonly verdict: string
  readonly because: string | null
}

async function verify(job: ArchiveJob, options: Readonly<Record<string, string>> = {}) {
  const { result } = await job.verb('verify', options)
  const months = (result.detail.months ?? []) as readonly Proof[]
  const verdicts = months.map(({ table, month, verdict }) => `${table} ${month} ${verdict}`)
  return { result, verdicts, reasons: months.flatMap(({ because }) => because ?? []) }
}

describe('verify', () => {
  test('proves every month of every archive table, and says when', async ({ database, openArchive }) => {
    await makeShop(database)
    const job = await openArchive({ job: withPayments })
    await job.run()
    const { result, verdicts } = await verify(job)
    expect(result).toMatchObject({ exitCode: 0, effect: 'none', counts: { proven: 4, doubled: 0, live: 0 } })
    expect(verdicts).toEqual(
      ['orders', 'payments'].flatMap((table) =>
        [older, newer].map((month) => `${table}_archive ${month} proven`),
      ),
    )
    expect((await ledgerOf(job, older)).verified_at).toEqual(expect.any(String))
    expect((await verify(job, { month: newer })).verdicts).toHaveLength(2)
    expect((await verify(job, { month: '2001-01' })).result).toMatchObject({
      exitCode: 66,
      error: { code: 'archive.noSuchMonth' },
    })
  })

  test('finds a changed byte, a missing row and one too many, and takes what is right', async ({
    database,
    openArchive,
  }) => {
    await makeShop(database)
    const job = await openArchive({ job: withPayments })
    await job.run()
    await verify(job)
    await database.query(`UPDATE orders_archive SET note = CONCAT(note, ' ') WHERE id = 2;
      DELETE FROM orders_archive WHERE id = 30;
      INSERT INTO payments_archive (id, order_id, amount, paid_at, rowkeeper_age)
        VALUES (99, 8, 1, '2024-03-01', '${older}-08 10:00:00')`)
    const { result, verdicts, reasons } = await verify(job)
    expect(result).toMatchObject({
      exitCode: 1,
      status: 'failed',
      counts: { differs: 3, proven: 1 },
      error: {
        code: 'archive.differs',
        hint: expect.stringContaining(`verify old-orders --month ${older} --adopt`),
      },
    })
    expect(verdicts[3]).toBe(`payments_archive ${newer} proven`)
    expect(reasons).toEqual([
      'as many rows as there must be, but not with the same content',
      '1 missing',
      '1 too many',
    ])
    expect((await ledgerOf(job, older)).verified_at).toBeNull()
    // All months at once are adopted only where nothing is known to be wrong.
    expect((await verify(job, { adopt: 'true' })).result.exitCode).toBe(1)
    for (const month of [older, newer])
      expect((await verify(job, { month, adopt: 'true' })).result).toMatchObject({
        exitCode: 0,
        effect: 'complete',
      })
    expect((await verify(job)).result).toMatchObject({ exitCode: 0, counts: { proven: 4 } })
  })

  test('finds keys that stand twice', async ({ database, openArchive }) => {
    await makeShop(database)
    await database.query('DROP TABLE payments')
    const job = await openArchive({ job: { into: into() } })
    await job.run()
    await database.query(`INSERT INTO orders_archive (id, customer_id, created_at, changed_at)
        VALUES (5, 1, '${newer}-05 10:00:00', '2024-04-01');
      INSERT INTO orders (id, customer_id, created_at) VALUES (33, 1, '2026-01-01')`)
    const { result } = await verify(job, { adopt: 'true', month: newer })
    expect(result).toMatchObject({ exitCode: 1, counts: { proven: 1, differs: 0, doubled: 1, live: 1 } })
    expect(result.detail.keys).toMatchObject({
      orders_archive: {
        doubled: { keys: 1, samples: [`id = 5 in ${older} and ${newer}`] },
        live: { keys: 1, samples: [`id = 33 in ${newer}`] },
      },
    })
    expect((await verify(job, { month: older })).result).toMatchObject({ counts: { doubled: 1, live: 0 } })
    const again = await job.verb('restore', { key: '5' })
    expect(again.result).toMatchObject({ exitCode: 4, error: { code: 'archive.keyTwice' } })
  })

  test('leaves what nobody accounted for to an operator', async ({ database, openArchive }) => {
    await makeShop(database)
    await database.query('DROP TABLE payments')
    const job = await openArchive({ job: { into: into() } })
    await job.run()
    await database.query(`ALTER TABLE orders_archive MODIFY note VARCHAR(60) NULL;
      ALTER TABLE orders MODIFY note VARCHAR(60) NULL`)
    const { result, verdicts, reasons } = await verify(job)
    expect(result).toMatchObject({ exitCode: 3, counts: { unproven: 2 } })
    expect(verdicts).toEqual([older, newer].map((month) => `orders_archive ${month} unproven`))
    expect(new Set(reasons)).toEqual(new Set(['its columns were altered since its rows came']))
    expect(result.next).toEqual(['rowkeeper archive verify old-orders --adopt'])
    // A month that the ledger never heard of: made and filled by hand.
    await database.query('DELETE FROM rowkeeper_month WHERE month = ?', [older])
    expect((await verify(job, { adopt: 'true' })).verdicts).toEqual(
      [older, newer].map((month) => `orders_archive ${month} adopted`),
    )
    expect((await verify(job)).result).toMatchObject({ exitCode: 0, counts: { proven: 2 } })
    expect(await ledgerOf(job, older)).toMatchObject({ state: 'open', row_count: '20' })
  })

  test('needs no pause of a run that is at work', async ({ database, openArchive }) => {
    await makeShop(database)
    const job = await openArchive({ job: { ...withPayments, batch: { rows: 10 } } })
    const seen: unknown[] = []
    const { result } = await job.run({
      reach: async (point) => {
        if (point !== 'archive.batch-committed') return
        const { exitCode, counts } = (await verify(job)).result
        seen.push([exitCode, counts.differs, counts.live])
      },
    })
    expect(result).toMatchObject({ exitCode: 0, counts: { archived: 40 } })
    expect(new Set(seen.map((entry) => JSON.stringify(entry)))).toEqual(new Set(['[0,0,0]']))
    expect(seen.length).toBeGreaterThan(2)
    // Rows that came after a month was verified take its mark away.
    expect((await ledgerOf(job, newer)).verified_at).toEqual(expect.any(String))
    await database.query(`INSERT INTO orders (customer_id, created_at) VALUES (1, '${newer}-28')`)
    await job.run()
    expect((await ledgerOf(job, newer)).verified_at).toBeNull()
  })
})
