import { createHash } from 'node:crypto'
import { expect } from 'vitest'
import type { Ended } from '../../../../src/run/runner.ts'
import type { ReconcileShop, ShopPayment } from '../../../support/reconcile-shop.ts'

/** Time-outs of a service that a test may make hang, a breaker that is never in the way, and no second tries. */
export const hasty = {
  timeouts: { connect: '400ms', headers: '500ms', total: '500ms' },
  retries: 0,
  breaker: { openFor: '1ms' },
}

/** As the fixture's, with the same time-outs, and the provider's own words for what is done or under way already. */
export const hastyCancel = {
  post: '/payments/{id}/cancel',
  json: { reason: 'reconciled', amount: '{amount}' },
  idempotency: { header: 'Idempotency-Key', window: '24h' },
  timeouts: hasty.timeouts,
}

/** One row of every kind that a run settles by itself. */
export const everyKind: readonly ShopPayment[] = [
  { local: 'PENDING', external: 'PAID' },
  { local: 'PENDING', external: 'FAILED' },
  { local: 'UNKNOWN', external: 'CANCELLED' },
  { local: 'FAILED', external: 'PAID' },
  { local: 'PAID', external: 'PAID' },
]

/** What both sides of `everyKind` are in the end. */
export const everyTruth = {
  here: ['PAID', 'FAILED', 'REFUNDED', 'FAILED', 'PAID'],
  there: ['PAID', 'FAILED', 'CANCELLED', 'CANCELLED', 'PAID'],
}

export async function statusesHere(shop: ReconcileShop): Promise<unknown[]> {
  return (await shop.rows()).map((row) => row.status)
}

/** Of the payments that were seeded, in their order. */
export function statusesThere({ provider }: ReconcileShop, payments: number): unknown[] {
  return Array.from({ length: payments }, (_, index) => provider.state.payment(`pay_${index + 1}`)?.status)
}

/** Further runs, each with everything due again, until one changes nothing and leaves no operation open; at most five. */
export async function runUntilSettled(shop: ReconcileShop): Promise<Ended> {
  for (let round = 1; ; round++) {
    await shop.makeDue()
    // A pause the service asked for lasts real seconds.
    await shop.database.query('DELETE FROM rowkeeper_breaker')
    const ended = await shop.run()
    const open = (await shop.operations()).filter(({ state }) => isOpen(String(state)))
    const isQuiet = ended.result.counts.fixed === 0 && ended.result.counts.compensated === 0
    if (isQuiet && open.length === 0) return ended
    expect(round, `not settled: ${JSON.stringify(ended.result)}`).toBeLessThan(5)
  }
}

function isOpen(state: string): boolean {
  return ['planned', 'sending', 'unknown', 'accepted'].includes(state)
}

/**
 * Whatever the service did: no payment was cancelled twice; every attempt carried the key and the body that stand in
 * an operation committed before it arrived; every changed row has its audit row with evidence.
 */
export async function expectSafe(shop: ReconcileShop): Promise<void> {
  const { state } = shop.provider
  for (const { id } of state.payments()) expect(state.effectiveCancels(id).length).toBeLessThanOrEqual(1)
  const operations = await shop.operations()
  for (const mutation of state.mutations()) {
    const operation = operations.find((candidate) => candidate.idempotency_key === mutation.idempotencyKey)
    expect(operation, `no intent for ${mutation.method} ${mutation.path}`).toBeDefined()
    expect(mutation.path).toBe(operation?.path)
    expect(mutation.bodyHash).toBe(sha256(String(operation?.body)))
    const intentAt = Date.parse(`${String(operation?.created_at).replace(' ', 'T')}Z`)
    expect(intentAt).toBeLessThanOrEqual(mutation.at.getTime())
  }
  for (const fix of await shop.fixes()) {
    expect(JSON.parse(String(fix.evidence))).toMatchObject({
      httpStatus: expect.any(Number),
      bodyHash: expect.any(String),
    })
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
