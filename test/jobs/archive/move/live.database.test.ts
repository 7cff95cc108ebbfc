import { describe, expect } from 'vitest'
import { never } from '../../../../src/lib/abort.ts'
import { systemClock } from '../../../../src/lib/clock.ts'
import { test } from '../../../support/archive-job.ts'
import { observe, readExact } from '../../../support/archive-tables.ts'
import { openSession } from '../../../support/session.ts'
import { hoursAgo, makeOrders } from './orders.ts'

/** Within the month of the oldest orders. */
const between = hoursAgo(24 * 479.5)

describe('an application at work', () => {
  test('keeps its changes, and sees each row in one place at every instant', async ({
    database,
    openArchive,
  }) => {
    await makeOrders(database, { count: 480, hours: 24 })
    const job = await openArchive({
      job: {
        where: "status <> 'OPEN'",
        batch: { rows: 20 },
        into: { table: 'orders_archive', monthsAhead: 0 },
      },
    })
    const application = await openSession(database.url)
    const observer = await observe(database, {
      of: 'orders',
      key: ['id'],
      places: ['orders', 'orders_archive'],
      where: 'id <> 5',
    })
    let waiting: Promise<{ affectedRows: number }> | undefined
    const { result } = await job.run({
      async reach(point) {
        if (point === 'archive.month-opened' && waiting === undefined) {
          await application.change("UPDATE orders SET status = 'OPEN' WHERE id = 4")
          await application.change('DELETE FROM orders WHERE id = 5')
        }
        if (point === 'archive.rows-locked' && waiting === undefined) {
          await application.change("INSERT INTO orders VALUES (1000, 'DONE', 'came late', ?)", [between])
          waiting = application.change("UPDATE orders SET note = 'held' WHERE id = 3")
        }
      },
    })
    // Told that there was nothing to change, not that it was changed and then lost.
    expect(await waiting).toEqual({ affectedRows: 0 })
    await application.close()
    const { looks, violations } = await observer.stop()
    expect(violations).toEqual([])
    expect(looks).toBeGreaterThan(10)
    expect(result).toMatchObject({ exitCode: 0 })
    const stayed = await database.query(
      'SELECT id, status, note FROM orders WHERE id IN (3, 4, 5, 1000) ORDER BY id',
    )
    expect(stayed).toEqual([
      { id: '4', status: 'OPEN', note: 'note 3' },
      { id: '1000', status: 'DONE', note: 'came late' },
    ])
    expect((await job.run()).result).toMatchObject({ exitCode: 0, counts: { archived: 1 } })
    expect(await readExact(database, 'orders_archive')).toContainEqual(expect.stringContaining('"id":"1000"'))
  })

  test('may hold a row for longer than a batch waits for it', async ({ database, openArchive }) => {
    await makeOrders(database, { count: 480, hours: 24 })
    const job = await openArchive({
      job: { where: "status <> 'OPEN'", into: { table: 'orders_archive', monthsAhead: 0 } },
      database: { timeouts: { lockWait: '1s' } },
    })
    const application = await openSession(database.url)
    await application.query('START TRANSACTION')
    await application.change("UPDATE orders SET note = 'held' WHERE id = 8")
    const points: string[] = []
    const running = job.run({
      async reach(point) {
        points.push(point)
      },
    })
    await expect.poll(() => points, { timeout: 20_000 }).toContain('archive.month-opened')
    // Longer than one wait for the lock: the batch begins anew, with half as many rows.
    await systemClock.sleep(1300, never)
    await application.query('COMMIT')
    await application.close()
    expect((await running).result).toMatchObject({ exitCode: 0 })
    expect(await database.query('SELECT note FROM orders_archive WHERE id = 8')).toEqual([{ note: 'held' }])
  })
})
