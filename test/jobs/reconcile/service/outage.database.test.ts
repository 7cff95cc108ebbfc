import { describe, expect } from 'vitest'
import type { ResultDocument } from '../../../../src/run/result.ts'
import type { Fault } from '../../../../src/sandbox/provider/faults.ts'
import { type ReconcileShop, test } from '../../../support/reconcile-shop.ts'
import { everyKind, everyTruth, hasty, runUntilSettled, statusesHere, statusesThere } from './settle.ts'

const payments = [...everyKind, ...everyKind, ...everyKind]
const before = payments.map(({ local }) => local)
const truth = {
  here: [...everyTruth.here, ...everyTruth.here, ...everyTruth.here],
  there: [...everyTruth.there, ...everyTruth.there, ...everyTruth.there],
}

async function expectNothingDone(shop: ReconcileShop, result: ResultDocument): Promise<void> {
  expect(result).toMatchObject({ effect: 'none', counts: { fixed: 0, compensated: 0 } })
  expect(await statusesHere(shop)).toEqual(before)
  expect(shop.provider.state.mutations()).toEqual([])
  expect(await shop.fixes()).toEqual([])
}

async function expectRecovered(shop: ReconcileShop): Promise<void> {
  shop.provider.faults.clear()
  await runUntilSettled(shop)
  expect(await statusesHere(shop)).toEqual(truth.here)
  expect(statusesThere(shop, payments.length)).toEqual(truth.there)
}

describe('a service that cannot be worked with', () => {
  const outages: readonly { fault: Fault; exitCode: number; code: string; message: RegExp }[] = [
    {
      fault: { kind: 'statusBefore', status: 401 },
      exitCode: 77,
      code: 'service.denied',
      message:
        /^The service pay refused our credentials \(HTTP 401\): the token or the account is wrong, or may not read payments\. No row was changed on that\.$/,
    },
    {
      fault: { kind: 'statusBefore', status: 403 },
      exitCode: 77,
      code: 'service.denied',
      message:
        /^The service pay refused our credentials \(HTTP 403\): the token or the account is wrong, or may not read payments\. No row was changed on that\.$/,
    },
    {
      fault: { kind: 'html200' },
      exitCode: 69,
      code: 'service.unreadable',
      message: /^None of 15 answers of the service pay could be read; the first: HTML instead of JSON\. /,
    },
    {
      fault: { kind: 'unmappedStatus' },
      exitCode: 69,
      code: 'service.unreadable',
      message: /the status "ON_HOLD_FOR_INSPECTION" is not mapped/,
    },
    {
      fault: { kind: 'redirect302' },
      exitCode: 69,
      code: 'service.unreadable',
      message: /a redirect to 127\.0\.0\.1/,
    },
    {
      fault: { kind: 'resetBefore' },
      exitCode: 69,
      code: 'service.unreachable',
      message: /^The service pay answered none of 15 look-ups; the first: .* reset the connection/,
    },
    {
      fault: { kind: 'statusBefore', status: 503 },
      exitCode: 69,
      code: 'service.unreachable',
      message: /the first: HTTP 503\. /,
    },
  ]
  for (const { fault, exitCode, code, message } of outages) {
    const name = 'status' in fault ? `${fault.kind} ${fault.status}` : fault.kind
    test(`${name}: exit ${exitCode}, nothing changed, and all is done once it is over`, async ({ shop }) => {
      await shop.configure({ service: hasty })
      await shop.seed(payments)
      shop.provider.faults.add(fault)
      const { result } = await shop.run()
      expect(result).toMatchObject({ exitCode, status: 'failed', error: { code } })
      expect(result.error?.message).toMatch(message)
      await expectNothingDone(shop, result)
      await expectRecovered(shop)
    })
  }
})

test('one refused credential among good answers stops the run before it changes anything', async ({
  shop,
}) => {
  await shop.configure({ service: hasty })
  await shop.seed(payments)
  shop.provider.faults.add({ kind: 'statusBefore', status: 401, times: 1 })
  const { result } = await shop.run()
  expect(result).toMatchObject({ exitCode: 77 })
  await expectNothingDone(shop, result)
})

test('a service that is down opens the breaker for the next run too, until openFor is over', async ({
  shop,
}) => {
  await shop.configure({ service: { ...hasty, baseUrl: 'http://127.0.0.1:9', breaker: { openFor: '1h' } } })
  await shop.seed(payments)
  const first = await shop.run()
  expect(first.result).toMatchObject({ exitCode: 69, error: { code: 'service.unreachable' } })
  const [stored] = await shop.database.query('SELECT state FROM rowkeeper_breaker')
  expect(JSON.parse(String(stored?.state))).toMatchObject({ lookup: { state: 'open' } })
  const held = await shop.run()
  expect(held.result).toMatchObject({ exitCode: 75, status: 'refused', error: { code: 'service.held' } })
  expect(held.result.error?.message).toMatch(/failed too often; the next try is at 20\d\d-.*Z/)
  await expectNothingDone(shop, held.result)
  await moveBreakerBack(shop, 2 * 3600 * 1000)
  await shop.configure({ service: { ...hasty, breaker: { openFor: '1h' } } })
  const after = await shop.run()
  expect(after.result).toMatchObject({ exitCode: 0, counts: { fixed: 9, compensated: 3 } })
})

async function moveBreakerBack({ database }: ReconcileShop, milliseconds: number): Promise<void> {
  const [row] = await database.query('SELECT state FROM rowkeeper_breaker')
  const state = JSON.parse(String(row?.state))
  const lookup = JSON.parse(state.lookup.saved)
  lookup.policy.ownState.openedAt -= milliseconds
  state.lookup.saved = JSON.stringify(lookup)
  await database.query('UPDATE rowkeeper_breaker SET state = ?', [JSON.stringify(state)])
}

describe('Retry-After of two minutes', () => {
  const forms: readonly [string, () => string][] = [
    ['in seconds', () => '120'],
    ['as an HTTP date', () => new Date(Date.now() + 120_000).toUTCString()],
  ]
  for (const [name, retryAfter] of forms) {
    test(`${name} holds across runs`, async ({ shop }) => {
      await shop.configure({ service: { concurrency: 1 } })
      await shop.seed(payments)
      shop.provider.faults.add({ kind: 'statusBefore', status: 429, retryAfter: retryAfter(), times: 1 })
      const first = await shop.run()
      await expectNothingDone(shop, first.result)
      const asked = shop.provider.state.counts().requests
      const second = await shop.run()
      expect(shop.provider.state.counts().requests).toBe(asked)
      expect(second.result).toMatchObject({ exitCode: 75, error: { code: 'service.held' } })
      const until = /asked us to wait until (\S+Z)/.exec(second.result.error?.message ?? '')?.[1] ?? ''
      const waitMs = Date.parse(until) - Date.parse(second.result.startedAt)
      expect(waitMs).toBeGreaterThan(100_000)
      expect(waitMs).toBeLessThan(121_000)
      await expectNothingDone(shop, second.result)
    })
  }

  test('nonsense in the header is no reason to wait for long', async ({ shop }) => {
    await shop.configure({ service: { concurrency: 1 } })
    await shop.seed(everyKind)
    shop.provider.faults.add({ kind: 'statusBefore', status: 429, retryAfter: 'soon', times: 1 })
    const { result } = await shop.run()
    expect(result.exitCode).toBe(0)
    expect(await statusesHere(shop)).toEqual(everyTruth.here)
  })
})

test('a few rows without an answer are left over, and come again within minutes', async ({ shop }) => {
  await shop.configure({ service: hasty })
  await shop.seed(everyKind)
  shop.provider.faults.add({ kind: 'statusBefore', status: 500 })
  const { result } = await shop.run()
  expect(result).toMatchObject({ exitCode: 3, status: 'partial', counts: { unanswered: 5, examined: 5 } })
  const late = await shop.database.query(
    'SELECT reference FROM rowkeeper_item WHERE next_check_at > UTC_TIMESTAMP() + INTERVAL 1 HOUR OR ladder_step > 0',
  )
  expect(late).toEqual([])
})
