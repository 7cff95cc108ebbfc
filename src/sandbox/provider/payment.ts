import { exactNumber, type JsonObject } from './json.ts'
import { formatAmount } from './money.ts'

export const paymentStatuses = [
  'PENDING',
  'PAID',
  'FAILED',
  'AUTHORIZED',
  'PARTIAL',
  'CANCELLED',
  'DISPUTED',
] as const

/** PARTIAL: a part was refunded. CANCELLED: nothing is left to refund. */
export type PaymentStatus = (typeof paymentStatuses)[number]

export const refundOutcomes = ['SUCCEEDED', 'FAILED'] as const

export type RefundOutcome = (typeof refundOutcomes)[number]

export interface Refund {
  readonly id: string
  /** Minor units. */
  readonly amount: bigint
  readonly status: 'REQUESTED' | RefundOutcome
  /** The caller's own name for it, from the body of the cancel. */
  readonly reference: string | undefined
  readonly idempotencyKey: string | undefined
}

/** Refunds that are accepted first (202) and settle later. */
export interface AsynchronousRefunds {
  /** Without it a refund settles only when told. */
  readonly afterMs?: number | undefined
  /** Default SUCCEEDED. */
  readonly outcome?: RefundOutcome | undefined
}

export interface Payment {
  readonly id: string
  readonly orderId: string
  /** Minor units. */
  readonly amount: bigint
  readonly currency: string
  readonly status: PaymentStatus
  readonly refunds: readonly Refund[]
  readonly asynchronousRefunds: AsynchronousRefunds | undefined
  readonly createdAt: Date
  readonly updatedAt: Date
}

/** Minor units that went back. */
export const refundedAmount = (payment: Payment): bigint => sumOf(payment, ['SUCCEEDED'])

/** Minor units a cancel may still ask for: nothing, unless the payment holds money. */
export function refundableAmount(payment: Payment): bigint {
  const holdsMoney = ['PAID', 'PARTIAL', 'AUTHORIZED'].includes(payment.status)
  return holdsMoney ? payment.amount - sumOf(payment, ['SUCCEEDED', 'REQUESTED']) : 0n
}

/** A payment that took, holds or may still take the customer's money. */
export const isLive = (payment: Payment): boolean =>
  payment.status !== 'FAILED' && payment.status !== 'CANCELLED'

/** What the API answers: amounts as JSON numbers in major units. */
export function describePayment(payment: Payment): JsonObject {
  const money = (minorUnits: bigint) => exactNumber(formatAmount(minorUnits, payment.currency))
  return {
    id: payment.id,
    orderId: payment.orderId,
    amount: money(payment.amount),
    currency: payment.currency,
    status: payment.status,
    refunded: money(refundedAmount(payment)),
    refundable: money(refundableAmount(payment)),
    createdAt: payment.createdAt.toISOString(),
    updatedAt: payment.updatedAt.toISOString(),
    refunds: payment.refunds.map((refund) => ({ ...refund, amount: money(refund.amount) })),
  }
}

/** Of several payments of one order the latest live one speaks for it; without a live one, the latest. */
export function currentPayment(payments: readonly Payment[]): Payment | undefined {
  return payments.findLast(isLive) ?? payments.at(-1)
}

/** The status follows what was refunded, also back when a refund fails after all. */
export function withStatusOfRefunds(payment: Payment): Payment {
  const refunded = refundedAmount(payment)
  if (refunded === payment.amount) return { ...payment, status: 'CANCELLED' }
  if (refunded > 0n) return { ...payment, status: 'PARTIAL' }
  const wasRefunded = payment.status === 'PARTIAL' || payment.status === 'CANCELLED'
  return wasRefunded ? { ...payment, status: 'PAID' } : payment
}

function sumOf(payment: Payment, statuses: readonly Refund['status'][]): bigint {
  return payment.refunds
    .filter((refund) => statuses.includes(refund.status))
    .reduce((sum, refund) => sum + refund.amount, 0n)
}
