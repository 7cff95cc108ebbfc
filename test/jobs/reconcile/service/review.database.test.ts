import { describe, expect } from 'vitest'
import { readDocument } from '../../../support/cli.ts'
import { type ReconcileShop, test } from '../../../support/reconcile-shop.ts'
import { expectSafe, statusesHere } from './settle.ts'

interface ReviewItem {
  readonly id: string
  readonly reference: string
  readonly state: string
  readonly kind: string
  readonly proposal?: unknown
  readonly decidedBy?: string
  readonly note?: string
}

async function listed(shop: ReconcileShop, options?: { all: string }): Promise<readonly ReviewItem[]> {
  const { result } = await shop.review('list', undefined, options)
  expect(result.exitCode).toBe(0)
  return result.detail.items as readonly ReviewItem[]
}

async function runAgain(shop: ReconcileShop) {
  await shop.makeDue()
  return shop.run()
}

const rolledBack = { local: 'FAILED', external: 'PAID' } as const
const reviewed = { job: { actions: { compensate: 'review' } } }

describe('an item left to people', () => {
  test('is listed, shown, approved, and then carried out by the next run', async ({ shop }) => {
    await shop.configure(reviewed)
    await shop.seed([rolledBack, rolledBack])
    expect((await shop.run()).result).toMatchObject({
      exitCode: 3,
      counts: { review: 2 },
      next: [/review list/],
    })
    expect(shop.provider.state.mutations()).toEqual([])
    const command = (...words: readonly string[]) => shop.runBinary(['review', ...words, '--format', 'json'])
    const items = readDocument(await command('list', 'payments')).detail.items as readonly ReviewItem[]
    expect(items).toMatchObject([
      { reference: 'o-1', state: 'review', kind: 'failed here, paid there', proposal: { do: 'compensate' } },
      { reference: 'o-2', state: 'review' },
    ])
    const shown = readDocument(await command('show', 'payments', items[0]?.id ?? ''))
    expect(shown.detail).toMatchObject({ item: { reference: 'o-1', evidence: { httpStatus: 200 } } })
    expect(shown.next).toEqual(
      ['approve', 'reject', 'resolve'].map((verb) => `rowkeeper review ${verb} payments ${items[0]?.id}`),
    )
    const approved = await command('approve', 'payments', 'o-1', '--note', 'talked to the customer')
    expect(approved.exitCode).toBe(0)
    expect(readDocument(approved)).toMatchObject({
      detail: { item: { state: 'approved', note: 'talked to the customer' } },
      next: ['rowkeeper run payments'],
    })
    expect((await shop.run()).result).toMatchObject({ counts: { compensated: 1 } })
    expect(shop.provider.state.payments().map(({ status }) => status)).toEqual(['CANCELLED', 'PAID'])
    expect(await shop.fixes()).toMatchObject([{ reference: 'o-1', actor: expect.stringContaining('@') }])
    expect((await listed(shop)).map(({ reference }) => reference)).toEqual(['o-2'])
    await expectSafe(shop)
  })

  test('is back in review when the facts changed since the approval', async ({ shop }) => {
    await shop.configure(reviewed)
    await shop.seed([rolledBack])
    await shop.run()
    await shop.review('approve', 'o-1')
    shop.provider.state.setStatus('pay_1', 'PARTIAL')
    const { result } = await runAgain(shop)
    expect(result.counts).toMatchObject({ compensated: 0, review: 1 })
    expect(shop.provider.state.mutations()).toEqual([])
    expect(await listed(shop)).toMatchObject([
      { state: 'review', kind: 'failed here, partly refunded there' },
    ])
  })

  test('closes itself when both sides agree by now', async ({ shop }) => {
    await shop.configure(reviewed)
    await shop.seed([rolledBack, rolledBack])
    await shop.run()
    await shop.review('approve', 'o-1')
    shop.provider.state.setStatus('pay_1', 'FAILED')
    shop.provider.state.setStatus('pay_2', 'FAILED')
    expect((await runAgain(shop)).result).toMatchObject({ exitCode: 0, counts: { matched: 2 } })
    expect(await listed(shop, { all: 'true' })).toEqual([])
  })

  test('that was rejected is raised again only when the facts change', async ({ shop }) => {
    await shop.configure(reviewed)
    await shop.seed([rolledBack])
    await shop.run()
    await shop.review('reject', 'o-1', { note: 'goodwill' })
    expect((await runAgain(shop)).result).toMatchObject({
      exitCode: 0,
      counts: { review: 0, compensated: 0 },
    })
    expect(await listed(shop)).toEqual([])
    shop.provider.state.setStatus('pay_1', 'PARTIAL')
    expect((await runAgain(shop)).result).toMatchObject({ exitCode: 3, counts: { review: 1 } })
    expect(await listed(shop)).toMatchObject([{ state: 'review' }])
  })

  test('that was resolved stays resolved', async ({ shop }) => {
    await shop.configure(reviewed)
    await shop.seed([rolledBack])
    await shop.run()
    await shop.review('resolve', 'o-1')
    expect((await runAgain(shop)).result).toMatchObject({ exitCode: 0, counts: { review: 0 } })
    expect(await listed(shop, { all: 'true' })).toMatchObject([{ state: 'resolved' }])
  })
})

describe("a person's no", () => {
  for (const decision of ['reject', 'resolve']) {
    test(`${decision} holds although compensations are automatic`, async ({ shop }) => {
      await shop.configure({ job: { blockCompensation: 'paid_at IS NOT NULL' } })
      await shop.seed([rolledBack])
      await shop.database.query('UPDATE payments SET paid_at = UTC_TIMESTAMP()')
      await shop.run()
      expect(await listed(shop)).toMatchObject([{ state: 'review' }])
      await shop.review(decision, 'o-1')
      await shop.database.query('UPDATE payments SET paid_at = NULL')
      const { result } = await runAgain(shop)
      expect(result).toMatchObject({ exitCode: 0, counts: { compensated: 0, review: 0 } })
      expect(shop.provider.state.mutations()).toEqual([])
    })
  }

  test('and an open question stays open, run after run, without being asked anew', async ({ shop }) => {
    await shop.configure({ job: { blockCompensation: 'paid_at IS NOT NULL' } })
    await shop.seed([rolledBack])
    await shop.database.query('UPDATE payments SET paid_at = UTC_TIMESTAMP()')
    for (let round = 1; round <= 3; round++) {
      await runAgain(shop)
      expect(await shop.items()).toMatchObject([{ state: 'review' }])
    }
    expect(await shop.operations()).toEqual([])
  })
})

describe('what cannot be carried out is not proposed', () => {
  test('a compensation at a service without a cancel call', async ({ shop }) => {
    await shop.configure({ service: { cancel: undefined } })
    await shop.seed([rolledBack])
    expect((await shop.run()).result).toMatchObject({ exitCode: 3, counts: { review: 1 } })
    const approval = await shop.review('approve', 'o-1')
    expect(approval.result).toMatchObject({ exitCode: 4, error: { code: 'review.nothingProposed' } })
    expect((await runAgain(shop)).result.exitCode).toBe(3)
  })

  test('a status that nothing is configured to write', async ({ shop }) => {
    await shop.configure({ job: { write: { paid: 'PAID' } } })
    await shop.seed([{ local: 'PENDING', external: 'FAILED' }])
    expect((await shop.run()).result).toMatchObject({ exitCode: 3, counts: { review: 1 } })
    const approval = await shop.review('approve', 'o-1')
    expect(approval.result).toMatchObject({ exitCode: 4, error: { code: 'review.nothingProposed' } })
    expect((await runAgain(shop)).result.exitCode).toBe(3)
    expect(await statusesHere(shop)).toEqual(['PENDING'])
  })
})

describe('decisions', () => {
  test('of two people at once: one holds, the other is told', async ({ shop }) => {
    await shop.configure(reviewed)
    await shop.seed([rolledBack])
    await shop.run()
    const both = await Promise.all([shop.review('approve', 'o-1'), shop.review('reject', 'o-1')])
    const [won, lost] = both.map(({ result }) => result.exitCode).toSorted((one, other) => one - other)
    expect(won).toBe(0)
    expect([4, 75]).toContain(lost)
    const [item] = await shop.items()
    expect(['approved', 'rejected']).toContain(item?.state)
  })

  test('about an item that is unknown, or named by too few letters', async ({ shop }) => {
    await shop.configure(reviewed)
    await shop.seed(Array.from({ length: 17 }, () => rolledBack))
    await shop.run()
    const unknown = (await shop.review('show', 'o-99')).result
    expect(unknown).toMatchObject({ exitCode: 4, error: { code: 'review.unknownItem' } })
    const hashes = (await shop.items()).map((item) => String(item.key_hash)[0] ?? '')
    const twice = hashes.find((letter, index) => hashes.indexOf(letter) !== index) ?? ''
    const ambiguous = (await shop.review('approve', twice)).result
    expect(ambiguous).toMatchObject({ exitCode: 4, error: { code: 'review.ambiguousItem' } })
    expect((await shop.items()).every(({ state }) => state === 'review')).toBe(true)
  })

  test('about an item by its whole reference, although an id begins with the same letters', async ({
    shop,
  }) => {
    await shop.configure(reviewed)
    await shop.seed([rolledBack, rolledBack])
    await shop.run()
    const [, other] = await shop.items()
    const begins = String(other?.key_hash).slice(0, 3)
    await shop.database.query("UPDATE rowkeeper_item SET reference = ? WHERE reference = 'o-1'", [begins])
    const shown = (await shop.review('show', begins)).result
    expect(shown.detail).toMatchObject({ item: { reference: begins } })
  })

  test('about an item that is decided already', async ({ shop }) => {
    await shop.configure(reviewed)
    await shop.seed([rolledBack])
    await shop.run()
    await shop.review('reject', 'o-1')
    const again = (await shop.review('approve', 'o-1')).result
    expect(again).toMatchObject({ exitCode: 4, error: { code: 'review.notOpen' } })
    expect(again.error?.message).toBe('o-1 is not waiting for a decision; it is rejected.')
  })
})

test('a cancel that the service refused is left to people, and is not sent again', async ({ shop }) => {
  await shop.seed([rolledBack])
  shop.provider.faults.add({ kind: 'statusBefore', status: 410, operation: 'cancel', times: 1 })
  expect((await shop.run()).result).toMatchObject({ exitCode: 3, counts: { compensated: 0, review: 1 } })
  for (let round = 1; round <= 2; round++) await runAgain(shop)
  expect(shop.provider.state.mutations()).toHaveLength(1)
  expect(await listed(shop)).toMatchObject([{ reference: 'o-1', state: 'review' }])
})
