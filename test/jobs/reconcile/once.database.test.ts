import { describe, expect } from 'vitest'
import { test } from '../../support/reconcile-shop.ts'

describe('an approved row', () => {
  test('is worked on once, also when its own page is planned ahead', async ({ shop }) => {
    await shop.configure({ job: { actions: { compensate: 'review' } } })
    const waiting = { local: 'PENDING', external: 'PENDING', ageMinutes: 60 } as const
    // The first page is 500 rows: the approved row is on it as such, and on the second as itself.
    await shop.seed([...Array(510).fill(waiting), { local: 'FAILED', external: 'PAID', ageMinutes: 30 }])
    await shop.run()
    await shop.review('approve', 'o-511')
    await shop.makeDue()
    const { result } = await shop.run()
    expect(result.counts).toMatchObject({ examined: 511, mismatched: 1, compensated: 1 })
    expect(result.detail.endings).toEqual({ compensated: 1 })
    const item = (await shop.items()).find(({ reference }) => reference === 'o-511')
    expect(item).toMatchObject({ state: 'watching', reason: 'cancelled at the service', proposal: null })
  })
})

describe('a cancel whose outcome is unknown', () => {
  test('is not sent again after its key’s window, whatever the application did to the row meanwhile', async ({
    shop,
  }) => {
    await shop.configure({ job: { actions: { compensate: 'auto', markPaid: 'review' } } })
    await shop.seed([{ local: 'FAILED', external: 'PAID' }])
    shop.provider.faults.add({ kind: 'statusBefore', status: 503, operation: 'cancel' })
    await shop.run()
    shop.provider.faults.clear()
    const rowTo = (status: string) => shop.database.query('UPDATE payments SET status = ?', [status])
    await shop.database.query('UPDATE rowkeeper_operation SET first_sent_at = first_sent_at - INTERVAL 2 DAY')
    await rowTo('PENDING')
    await shop.run()
    await rowTo('FAILED')
    await shop.run()
    expect(await shop.operations()).toMatchObject([{ state: 'unknown', attempts: 1 }])
    expect(shop.provider.state.mutations()).toHaveLength(1)
  })
})
