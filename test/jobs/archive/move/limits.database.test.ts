import { describe, expect } from 'vitest'
import { createStopControl } from '../../../../src/lib/abort.ts'
import { systemClock } from '../../../../src/lib/clock.ts'
import { test } from '../../../support/archive-job.ts'
import { readExact } from '../../../support/archive-tables.ts'
import { hoursAgo, makeOrders } from './orders.ts'

const settings = { job: { batch: { rows: 10 }, into: { table: 'orders_archive', monthsAhead: 0 } } }
/** Of 480 orders, one a day, those older than 13 months lie in three or four months. */
const orders = { count: 480, hours: 24 }

describe('a run that ends early', () => {
  test('at its limit moves exactly so many rows and says what is left', async ({ database, openArchive }) => {
    await makeOrders(database, orders)
    const job = await openArchive(settings)
    const before = await readExact(database, 'orders')
    const { result } = await job.run({ limit: 35 })
    expect(result).toMatchObject({
      exitCode: 3,
      status: 'partial',
      counts: { archived: 35, deleted: 35 },
      detail: { leftReasons: ['limit reached: no more than 35 rows in one run'] },
    })
    const rest = (result.counts.eligible ?? 0) - 35
    expect((await job.run()).result).toMatchObject({ exitCode: 0, counts: { archived: rest } })
    const archive = await readExact(database, 'orders_archive')
    expect([...(await readExact(database, 'orders')), ...archive].toSorted()).toEqual(before)
  })

  test('stops after the batch in hand, and the next one goes on', async ({ database, openArchive }) => {
    await makeOrders(database, orders)
    const job = await openArchive(settings)
    const control = createStopControl(systemClock, 20_000)
    const { result } = await job.run({
      control,
      async reach(point) {
        if (point === 'archive.rows-copied' && !control.stop.aborted) control.request('stopped')
      },
    })
    control.release()
    expect(result).toMatchObject({ exitCode: 5, status: 'stopped', effect: 'partial' })
    expect(await readExact(database, 'orders_archive')).toHaveLength(result.counts.archived ?? 0)
    expect(result.counts.archived).toBeLessThanOrEqual(10)
    const rest = (result.counts.eligible ?? 0) - (result.counts.archived ?? 0)
    expect((await job.run()).result).toMatchObject({ exitCode: 0, counts: { archived: rest } })
  })

  test('leaves a month alone that was restored after it was planned', async ({ database, openArchive }) => {
    await makeOrders(database, { count: 0, hours: 1 })
    const rows = Array.from({ length: 20 }, (_, index) => [index + 1, 'DONE', null, hoursAgo(24 * 450)])
    await database.query('INSERT INTO orders VALUES ?', [rows])
    const job = await openArchive(settings)
    await job.run({ limit: 5 })
    const { saved } = await job.plan()
    await database.query('UPDATE rowkeeper_month SET pinned_at = UTC_TIMESTAMP(3)')
    const [pinned] = await job.months()
    const { result } = await job.run(saved === undefined ? {} : { saved })
    const reason = `${pinned?.month} was restored by an operator and stays until it is released`
    expect(result).toMatchObject({ exitCode: 3, effect: 'none', detail: { leftReasons: [reason] } })
    expect(await job.months()).toEqual([pinned])
  })
})
