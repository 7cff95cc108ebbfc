import type { Observed } from './observe.ts'
import type { ShopPayment } from './payment-sides.ts'
import type { Shop } from './shop.ts'

/** One thing that is not as it must be. */
export interface Difference {
  readonly orderId: string
  /** Name of the payment's kind. */
  readonly kind: string
  readonly what: string
  readonly expected: string
  readonly found: string
}

/** Compares every payment with what its kind says, on both sides. Pure; empty when all is as it must be. */
export function findDifferences({ payments }: Shop, observed: Observed): readonly Difference[] {
  return [
    ...payments.flatMap((payment) => [
      ...differencesHere(payment, observed),
      ...differencesThere(payment, observed),
    ]),
    ...findStrangers(payments, observed),
  ]
}

function differencesHere(
  { kind, row: { orderId, status } }: ShopPayment,
  { statuses, reviews, changes }: Observed,
): readonly Difference[] {
  const inReview = (isThere: boolean) => (isThere ? 'left to people' : 'not left to people')
  const changed = kind.ending === 'fixed' || kind.ending === 'cancelled'
  const comparisons: readonly Comparison[] = [
    ['our status', kind.after ?? status, statuses.get(orderId) ?? 'no row'],
    ['review', inReview(kind.ending === 'review'), inReview(reviews.has(orderId))],
    ['audit rows', changed ? '1' : '0', String(changes.get(orderId) ?? 0)],
  ]
  return compare(kind.name, orderId, comparisons)
}

/** The last of several payments of an order is the one that counts. */
function differencesThere(
  { kind, row: { orderId }, remote }: ShopPayment,
  observed: Observed,
): readonly Difference[] {
  const comparisons = remote.flatMap(({ id, status }, index): readonly Comparison[] => {
    const isCancelled = kind.ending === 'cancelled' && index === remote.length - 1
    const expected = isCancelled ? 'CANCELLED' : String(status)
    return [
      [`status of ${id}`, expected, observed.remote.get(id)?.status ?? 'no payment'],
      [`cancels of ${id}`, isCancelled ? '1' : '0', String(observed.cancels.get(id) ?? 0)],
    ]
  })
  return compare(kind.name, orderId, comparisons)
}

type Comparison = readonly [what: string, expected: string, found: string]

function compare(kind: string, orderId: string, comparisons: readonly Comparison[]): readonly Difference[] {
  return comparisons
    .filter(([, expected, found]) => expected !== found)
    .map(([what, expected, found]) => ({ orderId, kind, what, expected, found }))
}

/** Nothing may have come into being on either side. */
function findStrangers(payments: readonly ShopPayment[], observed: Observed): readonly Difference[] {
  const orderIds = new Set(payments.map(({ row }) => row.orderId))
  const ids = new Set(payments.flatMap(({ remote }) => remote.map(({ id }) => id)))
  const rows = [...observed.statuses.keys()].filter((orderId) => !orderIds.has(orderId))
  const remote = [...observed.remote.values()].filter(({ id }) => !ids.has(id))
  const stranger = { kind: 'not of this shop', expected: 'nothing' }
  return [
    ...rows.map((orderId) => ({ ...stranger, orderId, what: 'a row', found: orderId })),
    ...remote.map(({ id, orderId }) => ({ ...stranger, orderId, what: 'a payment', found: id })),
  ]
}
