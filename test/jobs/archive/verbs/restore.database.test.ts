import { describe, expect } from 'vitest'
import type { ArchiveJob } from '../../../support/archive-job.ts'
import { test } from '../../../support/archive-job.ts'
import { readExact } from '../../../support/archive-tables.ts'
import { testServer } from '../../../support/test-server.ts'
import { makeThings } from '../carry/every-type.ts'
import {
  addRewritingTriggers,
  count,
  into,
  ledgerOf,
  makeShop,
  newer,
  older,
  readShop,
  withPayments,
} from './shop.ts'

async function restored(job: ArchiveJob, options: Readonly<Record<string, string>>) {
  const { result } = await job.verb('restore', options)
  expect(result, JSON.stringify(result.error)).toMatchObject({ status: 'succeeded', exitCode: 0 })
  return result
}

describe('a month that is restored', () => {
  test('is what it was, for every type, and so is a row by its key', async ({ database, openArchive }) => {
    await database.query("SET sql_mode = ''")
    await makeThings(database, testServer().family)
    const before = await readExact(database, 'things')
    const job = await openArchive({ job: { table: 'things', into: into({ table: 'things_archive' }) } })
    expect((await job.run()).result.status).toBe('succeeded')
    const key = 'k1\\\n,0x01005C27'
    expect(await restored(job, { key })).toMatchObject({ counts: { restored: 1 } })
    const said = async (wanted: string) => (await job.verb('restore', { key: wanted })).result
    expect(await said(key)).toMatchObject({ exitCode: 66, error: { code: 'archive.noSuchRow' } })
    expect(await said('k1')).toMatchObject({ exitCode: 64, error: { code: 'usage.badKey' } })
    expect(await count(database, 'things')).toBe(1)
    for (const { month } of await job.months()) await restored(job, { month: String(month) })
    expect(await readExact(database, 'things')).toEqual(before)
    expect(await count(database, 'things_archive')).toBe(0)
  })

  test('comes with its children, although triggers rewrite what is inserted', async ({
    database,
    openArchive,
  }) => {
    await makeShop(database)
    await addRewritingTriggers(database)
    const before = await readShop(database)
    const job = await openArchive({ job: { ...withPayments, batch: { rows: 3 } } })
    expect((await job.run()).result.counts).toMatchObject({ archived: 40 })
    const result = await restored(job, { month: older })
    expect(result).toMatchObject({
      effect: 'complete',
      counts: { restored: 20, children: 10, present: 0 },
      next: [`rowkeeper archive release old-orders --month ${older}`],
    })
    expect(await count(database, 'orders_archive')).toBe(20)
    await restored(job, { month: newer })
    expect(await readShop(database)).toEqual(before)
    expect(await ledgerOf(job, older)).toMatchObject({ row_count: '0', checksum_xor: '0', checksum_sum: '0' })
    expect(await ledgerOf(job, older, 'payments_archive')).toMatchObject({ row_count: '0' })
  })

  test('is left alone by runs until it is released', async ({ database, openArchive }) => {
    await makeShop(database)
    const job = await openArchive({ job: withPayments })
    await job.run()
    await restored(job, { month: older })
    expect(await ledgerOf(job, older)).toMatchObject({ pinned_by: 'operator@desk' })
    expect((await job.plan()).result.detail.kept).toMatchObject([{ rows: 20 }])
    expect((await job.run()).result.counts).toMatchObject({ archived: 0 })
    expect((await job.verb('release', { month: older })).result).toMatchObject({ effect: 'complete' })
    expect(await ledgerOf(job, older)).toMatchObject({ pinned_at: null, pinned_by: null })
    expect((await job.run()).result.counts).toMatchObject({ archived: 20 })
    expect((await job.verb('verify')).result.status).toBe('succeeded')
    expect((await job.verb('release', { month: older })).result).toMatchObject({
      effect: 'none',
      exitCode: 0,
    })
  })
})

describe('a row that is restored', () => {
  test('comes with its children and is taken again by the next run', async ({ database, openArchive }) => {
    await makeShop(database)
    const before = await readShop(database)
    const job = await openArchive({ job: withPayments })
    await job.run()
    expect(await restored(job, { key: '8' })).toMatchObject({ counts: { restored: 1, children: 1 } })
    expect(await database.query('SELECT id FROM orders WHERE id <= 40')).toEqual([{ id: 8 }])
    expect(await ledgerOf(job, older)).toMatchObject({ row_count: '19', pinned_at: null })
    expect((await job.run()).result.counts).toMatchObject({ archived: 1 })
    for (const month of [older, newer]) await restored(job, { month })
    expect(await readShop(database)).toEqual(before)
  })
})

describe('restoring is refused', () => {
  test('where the live table has something else under a key, before anything is changed', async ({
    database,
    openArchive,
  }) => {
    await makeShop(database)
    const job = await openArchive({ job: withPayments })
    await job.run()
    await database.query(`INSERT INTO orders (id, customer_id, created_at) VALUES (7, 1, '2026-01-01')`)
    const { result } = await job.verb('restore', { month: older })
    expect(result).toMatchObject({
      exitCode: 4,
      effect: 'none',
      error: { code: 'archive.keyTaken', message: expect.stringContaining('id = 7.') },
    })
    expect(await count(database, 'orders_archive')).toBe(40)
    expect(await ledgerOf(job, older)).toMatchObject({ pinned_at: null })
    await database.query('DELETE FROM orders WHERE id = 7')
    await restored(job, { month: older })
  })

  test('but an equal row is settled: its copy goes', async ({ database, openArchive }) => {
    await makeShop(database)
    const before = await readShop(database)
    const job = await openArchive({ job: withPayments })
    await job.run()
    const columns = 'id, customer_id, created_at, note, changed_at'
    await database.query(
      `INSERT INTO orders (${columns}) SELECT ${columns} FROM orders_archive WHERE id IN (3, 4)`,
    )
    const preview = await job.verb('restore', { month: older, dryRun: 'true' })
    expect(preview.result).toMatchObject({ counts: { present: 2 } })
    expect(await restored(job, { month: older })).toMatchObject({ counts: { restored: 20, present: 2 } })
    await restored(job, { month: newer })
    expect(await readShop(database)).toEqual(before)
  })

  test('where a row that it refers to is gone', async ({ database, openArchive }) => {
    await makeShop(database)
    const job = await openArchive({ job: withPayments })
    await job.run()
    await database.query('DELETE FROM orders; DELETE FROM customers WHERE id = 2')
    for (const dryRun of [{}, { dryRun: 'true' }]) {
      expect((await job.verb('restore', { month: older, ...dryRun })).result).toMatchObject({
        exitCode: 4,
        error: {
          code: 'archive.parentMissing',
          message: expect.stringMatching(/customers .*\(order_customer\): id = 2\./),
        },
      })
    }
    const { result } = await job.verb('restore', { key: '2' })
    expect(result).toMatchObject({ exitCode: 4, error: { code: 'archive.refusedByTable' } })
    expect(result.error?.message).toContain('order_customer')
    expect(await count(database, 'orders')).toBe(0)
  })

  test('where a trigger rewrites updates too, with its name', async ({ database, openArchive }) => {
    await makeShop(database)
    const job = await openArchive({ job: withPayments })
    await job.run()
    await database.query(`CREATE TRIGGER stamp_new BEFORE INSERT ON orders FOR EACH ROW SET NEW.note = 'new';
      CREATE TRIGGER stamp_old BEFORE UPDATE ON orders FOR EACH ROW SET NEW.note = 'old'`)
    const { result } = await job.verb('restore', { month: older })
    expect(result).toMatchObject({ exitCode: 4, effect: 'none', error: { code: 'archive.notAsArchived' } })
    expect(result.error?.message).toContain('stamp_new (BEFORE INSERT), stamp_old (BEFORE UPDATE)')
    expect(await count(database, 'orders_archive')).toBe(40)
    expect(await ledgerOf(job, older)).toMatchObject({ pinned_at: null })
  })

  test('where the archive does not hold what it must, or not the same columns', async ({
    database,
    openArchive,
  }) => {
    await makeShop(database)
    const job = await openArchive({ job: withPayments })
    await job.run()
    const said = async (options: Readonly<Record<string, string>>) =>
      (await job.verb('restore', options)).result
    await database.query(`UPDATE orders_archive SET note = 'x' WHERE id = 2`)
    expect(await said({ month: older })).toMatchObject({
      exitCode: 4,
      error: { code: 'archive.monthDiffers' },
    })
    expect((await job.verb('verify', { month: older, adopt: 'true' })).result.exitCode).toBe(0)
    expect((await said({ month: older })).exitCode).toBe(0)
    expect(await said({ month: older })).toMatchObject({
      exitCode: 66,
      error: { code: 'archive.alreadyBack' },
    })
    expect(await said({ month: '2001-01' })).toMatchObject({
      exitCode: 66,
      error: { code: 'archive.noSuchMonth' },
    })
    expect(await said({})).toMatchObject({ exitCode: 64 })
    expect(await said({ month: '2005-6' })).toMatchObject({ exitCode: 64 })
    await database.query('ALTER TABLE orders ADD COLUMN colour INT NOT NULL DEFAULT 7')
    expect(await said({ month: newer })).toMatchObject({
      exitCode: 4,
      error: { code: 'archive.otherColumns' },
    })
    await database.query('ALTER TABLE orders DROP COLUMN colour, DROP COLUMN note')
    const lost = await said({ month: newer })
    expect(lost.error?.message).toMatch(/note .*would lose them/)
  })
})

describe('a dry run', () => {
  test('tells rows, triggers and time, and writes nothing', async ({ database, openArchive }) => {
    await makeShop(database)
    const job = await openArchive({ job: withPayments })
    await job.run()
    await addRewritingTriggers(database)
    await database.query('CREATE TRIGGER told AFTER INSERT ON orders FOR EACH ROW SET @told = 1')
    const state = async () => [
      ...(await readShop(database)),
      ...(await readExact(database, 'orders_archive')),
      ...(await job.months()).map((row) => JSON.stringify(row)),
      await count(database, 'rowkeeper_run'),
    ]
    const before = await state()
    const { result, report } = await job.verb('restore', { month: older, dryRun: 'true' })
    expect(result).toMatchObject({
      dryRun: true,
      exitCode: 0,
      effect: 'none',
      detail: { tables: [{ rows: 20, triggers: ['order_date', 'told'] }, { rows: 10 }], unproven: [] },
    })
    expect(report?.headline).toBe('old-orders: 20 rows with 10 rows of children would be restored to orders.')
    expect(await state()).toEqual(before)
  })
})
