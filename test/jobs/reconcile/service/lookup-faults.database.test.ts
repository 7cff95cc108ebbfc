import { describe, expect } from 'vitest'
import { test } from '../../../support/reconcile-shop.ts'
import { describeFault, everyFault } from './every-fault.ts'
import {
  everyKind,
  everyTruth,
  expectSafe,
  hasty,
  runUntilSettled,
  statusesHere,
  statusesThere,
} from './settle.ts'

/** Faults under which the service still tells the truth in words that can be read. */
const harmless = ['watermarkLag', 'wrongContentType']

/** The truth itself changes: an order is charged twice. */
const worldChanging = ['duplicateCharge']

const before = everyKind.map(({ local }) => local)

describe('while every look-up meets', () => {
  for (const fault of everyFault({ operation: 'lookup' }).filter(
    ({ kind }) => !worldChanging.includes(kind),
  )) {
    test(`${describeFault(fault)}, no row changes without a clear answer`, async ({ shop }) => {
      await shop.configure({ service: hasty })
      await shop.seed(everyKind)
      shop.provider.faults.add(fault)
      const { result } = await shop.run()
      if (!harmless.includes(fault.kind)) {
        expect(await statusesHere(shop)).toEqual(before)
        expect(shop.provider.state.mutations()).toEqual([])
        expect(await shop.fixes()).toEqual([])
        expect(result).toMatchObject({ effect: 'none', counts: { fixed: 0, compensated: 0 } })
        // Not to be known there is an answer too; it is believed later.
        expect(result.exitCode).not.toBe(fault.kind === 'notFoundThenLate' ? 3 : 0)
      }
      shop.provider.faults.clear()
      await runUntilSettled(shop)
      await expectSafe(shop)
      expect(await statusesHere(shop)).toEqual(everyTruth.here)
      expect(statusesThere(shop, everyKind.length)).toEqual(everyTruth.there)
    })
  }
})

test('an order charged twice is left to people, and neither charge is cancelled', async ({ shop }) => {
  await shop.seed([{ local: 'FAILED', external: 'PAID' }])
  shop.provider.faults.add({ kind: 'duplicateCharge', operation: 'lookup' })
  const { result } = await shop.run()
  expect(result).toMatchObject({ exitCode: 3, effect: 'none', counts: { review: 1, compensated: 0 } })
  await runUntilSettled(shop)
  expect(shop.provider.state.mutations()).toEqual([])
  expect(await shop.items()).toMatchObject([{ state: 'review', facts: 'failed+multiple' }])
})

test('faults that come and go: sixty rows reach the truth, each fault drawn anew', async ({ shop }) => {
  await shop.configure({ service: { ...hasty, breaker: { ...hasty.breaker, failureRatio: 1 } } })
  const payments = Array.from({ length: 12 }, () => everyKind).flat()
  await shop.seed(payments)
  for (const kind of ['resetBefore', 'closeAfter', 'html200', 'truncatedBody', 'wrongEcho'] as const)
    shop.provider.faults.add({ kind, probability: 0.1 })
  for (let round = 1; round <= 4; round++) {
    await shop.makeDue()
    await shop.run()
  }
  shop.provider.faults.clear()
  await runUntilSettled(shop)
  await expectSafe(shop)
  const left = new Set(
    (await shop.items()).filter(({ state }) => state === 'review').map((item) => item.reference),
  )
  const here = await shop.rows()
  payments.forEach((_, index) => {
    const kind = index % everyKind.length
    expect(here[index]?.status).toBe(everyTruth.here[kind])
    if (!left.has(`o-${index + 1}`))
      expect(shop.provider.state.payment(`pay_${index + 1}`)?.status).toBe(everyTruth.there[kind])
  })
})
