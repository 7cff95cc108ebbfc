import { describe, expect } from 'vitest'
import { type ArchiveJob, test } from '../../../support/archive-job.ts'
import { observe, readExact } from '../../../support/archive-tables.ts'
import type { TestDatabase } from '../../../support/database.ts'

const ROWS = 240
const settings = { job: { batch: { rows: 10 }, into: { table: 'orders_archive', monthsAhead: 0 } } }

/** One order every three hours, from the first day of a month to its last. */
async function makeLongMonth(database: TestDatabase): Promise<void> {
  await database.query(`CREATE TABLE orders (id INT PRIMARY KEY, note VARCHAR(20) NULL, created_at DATETIME NOT NULL,
    KEY by_created (created_at))`)
  const rows = Array.from({ length: ROWS }, (_, index) => {
    const [day, hour] = [1 + Math.floor(index / 8), 3 * (index % 8)].map((part) =>
      String(part).padStart(2, '0'),
    )
    return [index + 1, `note ${index}`, `2025-06-${day} ${hour}:00:00`]
  })
  await database.query('INSERT INTO orders VALUES ?', [rows])
}

async function readMonth(job: ArchiveJob) {
  return (await job.months()).map(({ month, row_count, state }) => ({ month, row_count, state }))
}

describe('a long month', () => {
  test('is moved in two halves side by side', async ({ database, openArchive }) => {
    await makeLongMonth(database)
    const job = await openArchive(settings)
    const before = await readExact(database, 'orders')
    const observer = await observe(database, {
      of: 'orders',
      key: ['id'],
      places: ['orders', 'orders_archive'],
    })
    let [open, most] = [0, 0]
    const { result } = await job.run({
      async reach(point) {
        if (point === 'archive.rows-locked') open += 1
        most = Math.max(most, open)
        if (point === 'archive.batch-committed') open -= 1
      },
    })
    expect((await observer.stop()).violations).toEqual([])
    expect(result).toMatchObject({ exitCode: 0, counts: { archived: ROWS, deleted: ROWS, months: 1 } })
    expect(most).toBe(2)
    expect(await readExact(database, 'orders_archive')).toEqual(before)
    expect(await readMonth(job)).toEqual([{ month: '2025-06', row_count: String(ROWS), state: 'open' }])
  })

  test('is left where it is by both when one of them fails, and finished by the next run', async ({
    database,
    openArchive,
  }) => {
    await makeLongMonth(database)
    const job = await openArchive(settings)
    const before = await readExact(database, 'orders')
    let copied = 0
    const { result } = await job.run({
      async reach(point) {
        if (point === 'archive.rows-copied' && ++copied === 4) throw new Error('injected')
      },
    })
    const archived = await readExact(database, 'orders_archive')
    expect(result).toMatchObject({ exitCode: 70, effect: 'unknown', counts: { archived: archived.length } })
    expect(archived.length).toBeLessThan(ROWS / 2)
    expect([...(await readExact(database, 'orders')), ...archived].toSorted()).toEqual(before)
    expect((await job.run()).result).toMatchObject({
      exitCode: 0,
      counts: { archived: ROWS - archived.length },
    })
    expect(await readExact(database, 'orders_archive')).toEqual(before)
    expect(await readMonth(job)).toEqual([{ month: '2025-06', row_count: String(ROWS), state: 'open' }])
  })
})
