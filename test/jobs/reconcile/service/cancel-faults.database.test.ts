import { describe, expect } from 'vitest'
import type { Fault } from '../../../../src/sandbox/provider/faults.ts'
import { type ReconcileShop, test } from '../../../support/reconcile-shop.ts'
import { describeFault, everyFault } from './every-fault.ts'
import {
  everyKind,
  everyTruth,
  expectSafe,
  hasty,
  hastyCancel,
  runUntilSettled,
  statusesHere,
  statusesThere,
} from './settle.ts'

/**
 * The service's last word on a cancel that it did not carry out, or a sign that our key or our payment is not what we
 * think: no further cancel is sent without a person.
 */
function isLeftToPeople(fault: Fault): boolean {
  const isRefusal = fault.kind === 'statusBefore' && (fault.status === 400 || fault.status === 410)
  return isRefusal || fault.kind === 'notFoundThenLate' || fault.kind === 'replayForeign'
}

describe('while every cancel meets', () => {
  for (const fault of everyFault({ operation: 'cancel', times: 2 })) {
    if (fault.kind === 'duplicateCharge') continue
    test(`${describeFault(fault)}, the money goes back once at most`, async ({ shop }) => {
      await prepare(shop)
      shop.provider.faults.add(fault)
      await shop.run()
      shop.provider.faults.clear()
      await runUntilSettled(shop)
      await expectSafe(shop)
      expect(await statusesHere(shop)).toEqual(everyTruth.here)
      if (isLeftToPeople(fault)) {
        expect(shop.provider.state.effectiveCancels('pay_4')).toEqual([])
        expect(await reviewed(shop)).toEqual(['o-4'])
      } else {
        expect(statusesThere(shop, everyKind.length)).toEqual(everyTruth.there)
        expect(shop.provider.state.effectiveCancels('pay_4')).toHaveLength(1)
      }
    })
  }
})

test('a second charge that appears with the cancel is left to people; the first is cancelled once', async ({
  shop,
}) => {
  await prepare(shop)
  shop.provider.faults.add({ kind: 'duplicateCharge', operation: 'cancel' })
  await shop.run()
  await runUntilSettled(shop)
  await expectSafe(shop)
  expect(shop.provider.state.mutations()).toHaveLength(1)
  expect(await reviewed(shop)).toEqual(['o-4'])
})

test('a cancel that was taken on is not sent again, however long it takes', async ({ shop }) => {
  await shop.configure({ service: { ...hasty, cancel: hastyCancel } })
  await shop.seed([{ local: 'FAILED', external: undefined }])
  const payment = { id: 'pay_1', orderId: 'o-1', amount: '12.30', currency: 'EUR' }
  shop.provider.state.create({ ...payment, asynchronousRefunds: {} })
  for (let round = 1; round <= 3; round++) {
    await shop.makeDue()
    const { result } = await shop.run()
    expect(result).toMatchObject({ exitCode: 3, counts: { compensated: 0 } })
    expect(await shop.operations()).toMatchObject([{ state: 'accepted', attempts: 1 }])
  }
  const [refund] = shop.provider.state.payment('pay_1')?.refunds ?? []
  shop.provider.state.settleRefund(refund?.id ?? '', 'SUCCEEDED')
  await shop.makeDue()
  const { result } = await shop.run()
  expect(result).toMatchObject({ exitCode: 0, counts: { compensated: 1 } })
  expect(shop.provider.state.mutations()).toHaveLength(1)
  await expectSafe(shop)
})

test('a key that the service may have forgotten is not used again', async ({ shop }) => {
  await prepare(shop)
  shop.provider.faults.add({ kind: 'statusBefore', status: 500, operation: 'cancel' })
  await shop.run()
  expect(await shop.operations()).toMatchObject([{ state: 'unknown', attempts: 1 }])
  // 80 % of the window of 24 hours is the last moment of a repeat.
  await shop.database.query(
    'UPDATE rowkeeper_operation SET first_sent_at = UTC_TIMESTAMP(3) - INTERVAL 20 HOUR',
  )
  shop.provider.faults.clear()
  await runUntilSettled(shop)
  expect(shop.provider.state.mutations()).toHaveLength(1)
  expect(await reviewed(shop)).toEqual(['o-4'])
})

async function prepare(shop: ReconcileShop): Promise<void> {
  await shop.configure({ service: { ...hasty, cancel: hastyCancel } })
  await shop.seed(everyKind)
}

async function reviewed(shop: ReconcileShop): Promise<unknown[]> {
  return (await shop.items()).filter(({ state }) => state === 'review').map(({ reference }) => reference)
}
