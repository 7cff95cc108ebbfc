import type { Random } from '../../lib/random.ts'
import { invalidRequest } from './fields.ts'
import { parseAmount } from './money.ts'
import type { AsynchronousRefunds, Payment, PaymentStatus, Refund } from './payment.ts'

export interface NewPayment {
  /** Default: a new one, `pay_…`. */
  readonly id?: string | undefined
  readonly orderId: string
  /** Decimal text in major units: `12.30`. */
  readonly amount: string
  readonly currency: string
  /** Default PAID. */
  readonly status?: PaymentStatus | undefined
  /** Decimal text: what was refunded already, by somebody else. Default: all of a CANCELLED payment, else nothing. */
  readonly refunded?: string | undefined
  readonly asynchronousRefunds?: AsynchronousRefunds | undefined
  /** Default now. Payments older than 365 days refuse a cancel with TOO_OLD. */
  readonly createdAt?: Date | undefined
}

/** Throws `sandbox.request.invalid` on an amount its currency does not have, and on refunds above the amount. */
export function openPayment(details: NewPayment, now: Date, random: Random): Payment {
  const { currency, status = 'PAID', createdAt = now } = details
  const amount = readAmount(details.amount, currency)
  const refunded = readAmount(details.refunded ?? (status === 'CANCELLED' ? details.amount : '0'), currency)
  if (refunded > amount) throw invalidRequest(`More than ${details.amount} ${currency} cannot be refunded.`)
  return {
    id: details.id ?? `pay_${random.id()}`,
    orderId: details.orderId,
    amount,
    currency,
    status,
    refunds: refundsBefore(refunded, random),
    asynchronousRefunds: details.asynchronousRefunds,
    createdAt,
    updatedAt: createdAt,
  }
}

/** Minor units; throws `sandbox.request.invalid` on what is no amount of that currency. */
export function readAmount(text: string, currency: string): bigint {
  const amount = parseAmount(text, currency)
  if (amount === undefined || amount < 0n) throw invalidRequest(`"${text}" is no amount of ${currency}.`)
  return amount
}

const noRefunds: readonly Refund[] = []

function refundsBefore(amount: bigint, random: Random): readonly Refund[] {
  if (amount === 0n) return noRefunds
  const id = `ref_${random.id()}`
  return [{ id, amount, status: 'SUCCEEDED', reference: undefined, idempotencyKey: undefined }]
}
