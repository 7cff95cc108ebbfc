import { describe, expect } from 'vitest'
import type { ArchiveJob } from '../../../support/archive-job.ts'
import { test } from '../../../support/archive-job.ts'
import { idsOf, openFilledArchive } from '../rotate/old-orders.ts'
import { into, makeShop, newer, older, withPayments } from './shop.ts'

interface Listed {
  readonly table: string
  readonly months: readonly Readonly<Record<string, unknown>>[]
}

async function months(job: ArchiveJob) {
  const { result, report } = await job.verb('months')
  expect(result).toMatchObject({ exitCode: 0, effect: 'none' })
  return { tables: result.detail.tables as readonly Listed[], report, result }
}

describe('months', () => {
  test('are told before the first run, and without tables of our own', async ({ database, openArchive }) => {
    await makeShop(database)
    const job = await openArchive({ job: withPayments })
    const tables = await database.query("SHOW TABLES LIKE 'rowkeeper%'")
    const names = tables.flatMap((row) => Object.values(row)).map(String)
    await database.query(`DROP TABLE ${names.join(', ')}`)
    const before = await months(job)
    expect(before.tables).toMatchObject([
      {
        table: 'orders_archive',
        months: [
          { month: older, liveRows: 20, archivedRows: 0, where: ['live table'], proof: 'nothing' },
          { month: newer, liveRows: 20 },
        ],
      },
      { table: 'payments_archive', months: [] },
    ])
    expect(JSON.stringify(before.report)).toContain('nothing is known of proofs')
    expect(before.result.next).toEqual(['rowkeeper state install'])
  })

  test('are told with their children, their proof and their place', async ({ database, openArchive }) => {
    await makeShop(database)
    const job = await openArchive({ job: withPayments })
    await job.run()
    await job.verb('verify', { month: newer })
    await job.verb('restore', { month: older })
    // The month of the cutoff has a partition too; nobody accounts for what is put there by hand.
    await database.query(`INSERT INTO payments_archive (id, order_id, amount, paid_at, rowkeeper_age)
      VALUES (99, 1, 1, '2024-02-01', UTC_TIMESTAMP() - INTERVAL 13 MONTH)`)
    const { tables, result } = await months(job)
    expect(tables[0]?.months).toMatchObject([
      { month: older, liveRows: 20, archivedRows: 0, pinnedAt: expect.any(String), proof: 'nothing' },
      { month: newer, liveRows: 0, archivedRows: 20, where: ['archive table'], proof: 'verified' },
    ])
    expect(tables[1]).toMatchObject({
      table: 'payments_archive',
      months: [
        { month: newer, archivedRows: 10, proof: 'verified' },
        { archivedRows: 1, proof: 'unproven' },
      ],
    })
    expect(result.next).toEqual([
      'rowkeeper archive verify old-orders',
      `rowkeeper archive release old-orders --month ${older}`,
    ])
  })

  test('that are held come back at once, and dropped ones do not', async ({ database, openArchive }) => {
    const { job, old, young } = await openFilledArchive(database, openArchive)
    await job.run()
    const held = (await months(job)).tables[0]?.months
    expect(held).toMatchObject([
      { month: old, where: ['held'], archivedRows: 3, heldUntil: expect.any(String) },
      { month: young, where: ['archive table'] },
    ])
    expect((await job.verb('verify')).result).toMatchObject({ exitCode: 0, counts: { proven: 2 } })
    const preview = await job.verb('restore', { month: old, dryRun: 'true' })
    expect(preview.result).toMatchObject({ exitCode: 0, effect: 'none' })
    expect(await idsOf(database, 'orders_archive')).toBe('4 5 6')
    const back = await job.verb('restore', { month: old })
    expect(back.result).toMatchObject({
      exitCode: 0,
      next: [
        `rowkeeper archive restore old-orders --month ${old}`,
        `rowkeeper archive release old-orders --month ${old}`,
      ],
    })
    expect(await idsOf(database, 'orders_archive')).toBe('1 2 3 4 5 6')
    expect((await job.verb('restore', { month: old })).result).toMatchObject({ counts: { restored: 3 } })
    expect(await idsOf(database, 'orders')).toBe('1 2 3')
    await job.verb('release', { month: old })
    await job.configure({ job: { into: { table: 'orders_archive', keep: '60 months', hold: '0s' } } })
    // Archived by the one, taken out by the other.
    await job.run()
    await job.run()
    const gone = await job.verb('restore', { month: old })
    expect(gone.result).toMatchObject({ exitCode: 4, error: { code: 'archive.monthDropped' } })
    expect((await months(job)).tables[0]?.months[0]).toMatchObject({ where: ['dropped'], archivedRows: 0 })
  })
})

describe('rebuild', () => {
  test('is refused where it gains little, done by force, and refused where it would lock', async ({
    database,
    openArchive,
  }) => {
    await makeShop(database)
    await database.query('DROP TABLE payments')
    const job = await openArchive({ job: { into: into() } })
    await job.run()
    const said = async (options: Readonly<Record<string, string>>) =>
      (await job.verb('rebuild', options)).result
    const small = { exitCode: 4, effect: 'none', error: { code: 'archive.rebuildTooSmall' } }
    for (const which of [{}, { archive: 'true' }, { dryRun: 'true' }])
      expect(await said(which)).toMatchObject(small)
    for (const which of [{}, { archive: 'true' }])
      expect(await said({ ...which, force: 'true' })).toMatchObject({
        exitCode: 0,
        effect: 'complete',
        detail: { before: { dataBytes: expect.any(Number) }, after: { dataBytes: expect.any(Number) } },
      })
    expect((await job.verb('verify')).result.exitCode).toBe(0)
    await database.query('ALTER TABLE orders ADD FULLTEXT (note)')
    expect(await said({ force: 'true' })).toMatchObject({
      exitCode: 4,
      error: { code: 'archive.rebuildNotOnline', message: expect.stringMatching(/full-?text/i) },
    })
  })
})
