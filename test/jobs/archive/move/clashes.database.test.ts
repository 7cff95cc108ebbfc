import { describe, expect } from 'vitest'
import { type ArchiveJob, test } from '../../../support/archive-job.ts'
import { readExact } from '../../../support/archive-tables.ts'
import type { TestDatabase } from '../../../support/database.ts'
import { hoursAgo, makeOrders } from './orders.ts'

const old = hoursAgo(24 * 450)

/** Nine rows in the archive, proven; a tenth one comes back with the key of the first. */
async function makeClash(database: TestDatabase, job: ArchiveJob, note: string): Promise<void> {
  const rows = Array.from({ length: 9 }, (_, index) => [index + 1, 'DONE', `note ${index + 1}`, old])
  await database.query('INSERT INTO orders VALUES ?', [rows])
  await job.run()
  await database.query('INSERT INTO orders VALUES (?), (?)', [
    [1, 'DONE', note, old],
    [10, 'DONE', 'new', old],
  ])
}

const settings = { job: { into: { table: 'orders_archive', monthsAhead: 0 } } }

describe('a batch that cannot be proven', () => {
  test('is refused when the archive has an equal copy of a row', async ({ database, openArchive }) => {
    await makeOrders(database, { count: 0, hours: 1 })
    const job = await openArchive(settings)
    await makeClash(database, job, 'note 1')
    const before = [
      await readExact(database, 'orders'),
      await readExact(database, 'orders_archive'),
      await job.months(),
    ]
    const { result } = await job.run()
    expect(result).toMatchObject({ exitCode: 1, effect: 'none', error: { code: 'archive.copyThere' } })
    expect(
      result.error?.message.replaceAll(database.name, 'shop').replace(/\d{4}-\d\d/, 'YYYY-MM'),
    ).toMatchInlineSnapshot(
      `"While moving YYYY-MM of shop.orders: shop.orders_archive has an equal copy of 1 row already, the first with id = 1. The batch was rolled back: no row of it was changed."`,
    )
    expect([
      await readExact(database, 'orders'),
      await readExact(database, 'orders_archive'),
      await job.months(),
    ]).toEqual(before)
  })

  test('is refused when the archive has another row with a key', async ({ database, openArchive }) => {
    await makeOrders(database, { count: 0, hours: 1 })
    const job = await openArchive(settings)
    await makeClash(database, job, 'changed')
    const before = [await readExact(database, 'orders'), await readExact(database, 'orders_archive')]
    const { result } = await job.run()
    expect(result).toMatchObject({ exitCode: 1, effect: 'none', error: { code: 'archive.keyTaken' } })
    expect(
      result.error?.message.replaceAll(database.name, 'shop').replace(/\d{4}-\d\d/, 'YYYY-MM'),
    ).toMatchInlineSnapshot(
      `"While moving YYYY-MM of shop.orders: shop.orders_archive has another row with id = 1. The batch was rolled back: no row of it was changed."`,
    )
    expect([await readExact(database, 'orders'), await readExact(database, 'orders_archive')]).toEqual(before)
  })

  test('is rolled back when the copy differs from what was locked', async ({ database, openArchive }) => {
    await makeOrders(database, { count: 10, hours: 24 * 50 })
    const job = await openArchive(settings)
    const before = await readExact(database, 'orders')
    const { result } = await job.run({
      async reach(point) {
        if (point !== 'archive.month-opened') return
        await database.query(
          "CREATE TRIGGER tidy BEFORE INSERT ON orders_archive FOR EACH ROW SET NEW.note = TRIM(LEADING 'n' FROM NEW.note)",
        )
      },
    })
    expect(result).toMatchObject({ exitCode: 1, error: { code: 'archive.copyDiffers' } })
    expect(await readExact(database, 'orders')).toEqual(before)
    expect(await readExact(database, 'orders_archive')).toEqual([])
  })

  test('is rolled back when fewer rows are deleted than were locked', async ({ database, openArchive }) => {
    await makeOrders(database, { count: 300, hours: 48 })
    // Holds for the lock and the copy, and no longer for the last row when the delete asks.
    const job = await openArchive({ job: { ...settings.job, where: 'id <> COALESCE(@copied, 0)' } })
    const before = await readExact(database, 'orders')
    const { result } = await job.run({
      async reach(point) {
        if (point !== 'archive.month-opened') return
        await database.query(
          'CREATE TRIGGER remember AFTER INSERT ON orders_archive FOR EACH ROW SET @copied = NEW.id',
        )
      },
    })
    expect(result).toMatchObject({ exitCode: 1, error: { code: 'archive.countsDisagree' } })
    const archive = await readExact(database, 'orders_archive')
    expect([...(await readExact(database, 'orders')), ...archive].toSorted()).toEqual(before)
  })
})
