import type { Random } from '../../lib/random.ts'
import type { Fault } from '../provider/faults.ts'
import { formatAmount } from '../provider/money.ts'
import type { NewPayment } from '../provider/new-payment.ts'
import { drawMoney, type Money } from './draw.ts'
import type { PaymentKind, ShopStatus } from './payment-kinds.ts'

/** A row of the shop's own table. Amounts are decimal text in major units. */
export interface ShopRow {
  readonly id: number
  readonly orderId: string
  /** The provider's id of the payment, where the application was told it. */
  readonly paymentKey: string | null
  readonly status: ShopStatus
  readonly amount: string
  readonly currency: string
  readonly refunded: string
  readonly isDisputed: boolean
  readonly shippedAt: Date | null
  readonly createdAt: Date
}

/** One payment on both sides. How it must end stands in its kind. */
export interface ShopPayment {
  readonly kind: PaymentKind
  readonly row: ShopRow
  /** At the provider, oldest first. */
  readonly remote: readonly (NewPayment & { readonly id: string })[]
  /** How the provider misbehaves when it is asked about this payment. */
  readonly fault: Fault | undefined
}

export interface Draft {
  readonly kind: PaymentKind
  readonly id: number
  readonly createdAt: Date
}

export function createPayment(draft: Draft, random: Random): ShopPayment {
  const { kind, id } = draft
  const drawn = drawMoney(random)
  // A won has no cents: in another currency its digits would mean another amount as well.
  const money = kind.odd === 'otherCurrency' ? { ...drawn, currency: 'USD' } : drawn
  const orderId = `order-${String(id).padStart(6, '0')}`
  const remote = createRemote(draft, { money, orderId }, random)
  const paymentKey = paymentKeyOf(kind, remote.at(-1)?.id ?? newPaymentId(random))
  return {
    kind,
    row: createRow(draft, { money, orderId, paymentKey }),
    remote,
    fault: faultOf(kind, orderId),
  }
}

function createRow(
  { kind, id, createdAt }: Draft,
  known: { readonly money: Money; readonly orderId: string; readonly paymentKey: string | null },
): ShopRow {
  const { minorUnits, currency } = known.money
  const refunded = kind.local === 'PARTLY_REFUNDED' ? half(minorUnits) : 0n
  return {
    id,
    orderId: known.orderId,
    paymentKey: known.paymentKey,
    status: kind.local,
    amount: formatAmount(minorUnits, currency),
    currency,
    refunded: formatAmount(refunded, currency),
    isDisputed: kind.odd === 'disputedHere',
    shippedAt: kind.odd === 'shipped' ? createdAt : null,
    createdAt,
  }
}

/** The application learns the provider's id from the answer to its call; where that never came it has none. */
function paymentKeyOf({ local, odd }: PaymentKind, id: string): string | null {
  if (odd === 'otherPayment') return `${id}-retry`
  return ['CREATED', 'PENDING', 'UNKNOWN', 'FAILED'].includes(local) ? null : id
}

function createRemote(
  { kind, createdAt }: Draft,
  { money, orderId }: { readonly money: Money; readonly orderId: string },
  random: Random,
): ShopPayment['remote'] {
  const { minorUnits, currency } = moneyThere(kind, money)
  const refunded = kind.odd === 'otherRefund' ? half(minorUnits) - 1n : half(minorUnits)
  return kind.remote.map((status) => ({
    id: newPaymentId(random),
    orderId,
    amount: formatAmount(minorUnits, currency),
    currency,
    status,
    refunded: status === 'PARTIAL' ? formatAmount(refunded, currency) : undefined,
    createdAt,
  }))
}

function moneyThere({ odd }: PaymentKind, money: Money): Money {
  if (odd === 'otherAmount') return { ...money, minorUnits: money.minorUnits + 1n }
  return odd === 'otherCurrency' ? { ...money, currency: 'EUR' } : money
}

const half = (minorUnits: bigint): bigint => minorUnits / 2n

function newPaymentId(random: Random): string {
  return `pay_${random.token().slice(0, 20)}`
}

function faultOf({ odd }: PaymentKind, orderId: string): Fault | undefined {
  const scope = { operation: 'lookup', payment: orderId } as const
  if (odd === 'temporaryError') return { ...scope, kind: 'statusBefore', status: 400 }
  if (odd === 'unreadableAnswer') return { ...scope, kind: 'unmappedStatus' }
  return odd === 'forgotten' ? { ...scope, kind: 'statusBefore', status: 410 } : undefined
}
