import { DateTime } from 'luxon'
import { describe, expect } from 'vitest'
import { systemClock } from '../../../../src/lib/clock.ts'
import { type ReconcileShop, test } from '../../../support/reconcile-shop.ts'

/** A row as an application in that zone writes it: local time, no offset. The provider says PAID. */
async function writeLocally(shop: ReconcileShop, zone: string, instants: readonly string[]): Promise<void> {
  const rows = instants.map((instant, index) => {
    const id = index + 1
    const text = DateTime.fromISO(instant, { zone: zone.replace(/^\+/, 'UTC+') }).toFormat(
      'yyyy-MM-dd HH:mm:ss.SSS',
    )
    shop.provider.state.create({ id: `pay_${id}`, orderId: `o-${id}`, amount: '12.30', currency: 'EUR' })
    return [id, `o-${id}`, 'PENDING', '12.30', 'EUR', text]
  })
  await shop.database.query(
    'INSERT INTO payments (id, order_id, status, amount, currency, created_at) VALUES ?',
    [rows],
  )
}

/** Grace and look-back that end at given instants, so that "five minutes ago" lies in a night of the past. */
function windowOf(oldest: string, youngest: string) {
  const now = systemClock.now().getTime()
  const age = (instant: string) => `${Math.round((now - Date.parse(instant)) / 1000)}s`
  return { lookBack: age(oldest), grace: age(youngest) }
}

async function examinedIds(shop: ReconcileShop): Promise<number[]> {
  const { result } = await shop.run()
  expect(result.exitCode).toBe(0)
  return (await shop.rows()).filter((row) => row.status === 'PAID').map((row) => Number(row.id))
}

const minutesAgo = (minutes: number) => new Date(systemClock.now().getTime() - minutes * 60_000).toISOString()

for (const zone of ['Asia/Seoul', 'America/New_York', 'UTC', '+05:45']) {
  test(`rows written in ${zone} are neither too young nor too old`, async ({ shop }) => {
    await shop.configure({
      database: { dateTimeZone: zone },
      job: { grace: '5m', lookBack: '2h' },
    })
    await writeLocally(shop, zone, [
      minutesAgo(1),
      minutesAgo(4),
      minutesAgo(6),
      minutesAgo(118),
      minutesAgo(122),
    ])
    expect(await examinedIds(shop)).toEqual([3, 4])
  })
}

test('TIMESTAMP columns are instants whatever the zone of the application', async ({ shop }) => {
  await shop.database.query('ALTER TABLE payments MODIFY created_at TIMESTAMP(3) NOT NULL')
  await shop.configure({ database: { dateTimeZone: 'Asia/Seoul' }, job: { grace: '5m', lookBack: '2h' } })
  await shop.database.query("SET time_zone = '+00:00'")
  await writeLocally(shop, 'UTC', [minutesAgo(4), minutesAgo(6), minutesAgo(118), minutesAgo(122)])
  expect(await examinedIds(shop)).toEqual([2, 3])
})

describe('the night of 2026-11-01 in New York, when 01:00 to 02:00 comes twice (05:00 and 06:00 UTC)', () => {
  const night = [
    '2026-11-01T04:59:00Z', // 00:59
    '2026-11-01T05:50:00Z', // 01:50, the first
    '2026-11-01T06:01:00Z', // 01:01, the second
    '2026-11-01T06:50:00Z', // 01:50, the second
    '2026-11-01T07:10:00Z', // 02:10
  ]

  test('a row of the second hour is not taken for one of the first and judged too early', async ({
    shop,
  }) => {
    await shop.configure({
      database: { dateTimeZone: 'America/New_York' },
      job: windowOf('2026-10-31T00:00:00Z', '2026-11-01T05:58:00Z'),
    })
    await writeLocally(shop, 'America/New_York', night)
    expect(await examinedIds(shop)).not.toContain(3)
  })

  test('a row of the night is seen in the end', async ({ shop }) => {
    await shop.configure({
      database: { dateTimeZone: 'America/New_York' },
      job: windowOf('2026-10-31T00:00:00Z', '2026-11-01T07:05:00Z'),
    })
    await writeLocally(shop, 'America/New_York', night)
    expect(await examinedIds(shop)).toEqual([1, 2, 3, 4])
  })

  test('a row of the second hour is not too old when the look-back ends in the first', async ({ shop }) => {
    await shop.configure({
      database: { dateTimeZone: 'America/New_York' },
      job: windowOf('2026-11-01T05:40:00Z', '2026-11-01T08:00:00Z'),
    })
    await writeLocally(shop, 'America/New_York', night)
    expect(await examinedIds(shop)).toEqual([2, 3, 4, 5])
  })
})

test('the night of 2026-03-08 in New York, when 02:00 to 03:00 does not exist', async ({ shop }) => {
  await shop.configure({
    database: { dateTimeZone: 'America/New_York' },
    job: windowOf('2026-03-08T06:55:00Z', '2026-03-08T07:05:00Z'),
  })
  const night = [
    '2026-03-08T06:50:00Z',
    '2026-03-08T06:59:00Z',
    '2026-03-08T07:01:00Z',
    '2026-03-08T07:10:00Z',
  ]
  await writeLocally(shop, 'America/New_York', night)
  expect(await examinedIds(shop)).toEqual([2, 3])
})
