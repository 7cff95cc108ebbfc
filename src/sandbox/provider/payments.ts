import type { Clock } from '../../lib/clock.ts'
import type { Random } from '../../lib/random.ts'
import { type CancelRefusal, type CancelRequest, decideCancel } from './cancellation.ts'
import { invalidRequest } from './fields.ts'
import { parseAmount } from './money.ts'
import {
  type AsynchronousRefunds,
  isLive,
  type Payment,
  type PaymentStatus,
  type Refund,
  type RefundOutcome,
  refundedAmount,
} from './payment.ts'

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

export type Cancelled =
  | { readonly kind: 'refunded' | 'requested'; readonly payment: Payment }
  | { readonly kind: 'refused'; readonly code: CancelRefusal }

/** All payments of the provider, in memory. A change puts a new object in the place of the old one. */
export interface Payments {
  create(details: NewPayment): Payment
  get(id: string): Payment | undefined
  /** Oldest first. */
  ofOrder(orderId: string): readonly Payment[]
  /** In order of creation, from position `start`. */
  slice(start: number, end?: number): readonly Payment[]
  count(): number
  setStatus(id: string, status: PaymentStatus): Payment
  cancel(payment: Payment, request: CancelRequest): Cancelled
  /** Settles a requested refund, or turns a settled one over. Undefined: no such refund. */
  settleRefund(refundId: string, outcome: RefundOutcome): Payment | undefined
  /** Forgets refunds that wait for their time. */
  release(): void
}

const noRefunds: readonly Refund[] = []

export function createPayments(clock: Clock, random: Random): Payments {
  const ids: string[] = []
  const byId = new Map<string, Payment>()
  const byOrder = new Map<string, readonly string[]>()
  const byRefund = new Map<string, string>()
  const waiting = new Set<() => void>()

  const get = (id: string) => byId.get(id)
  const replace = (payment: Payment) => {
    const changed = { ...payment, updatedAt: clock.now() }
    byId.set(payment.id, changed)
    return changed
  }

  const create = (details: NewPayment) => {
    const payment = openPayment(details, clock.now(), random)
    if (byId.has(payment.id)) throw invalidRequest(`A payment "${payment.id}" exists already.`)
    ids.push(payment.id)
    byId.set(payment.id, payment)
    byOrder.set(payment.orderId, [...(byOrder.get(payment.orderId) ?? []), payment.id])
    for (const refund of payment.refunds) byRefund.set(refund.id, payment.id)
    return payment
  }

  const settleRefund = (refundId: string, outcome: RefundOutcome) => {
    const payment = get(byRefund.get(refundId) ?? '')
    if (payment === undefined) return undefined
    const refunds = payment.refunds.map((refund) =>
      refund.id === refundId ? { ...refund, status: outcome } : refund,
    )
    return replace(withStatusOfRefunds({ ...payment, refunds }))
  }

  const settleLater = ({ afterMs, outcome = 'SUCCEEDED' }: AsynchronousRefunds, refundId: string) => {
    if (afterMs === undefined) return
    const forget = clock.schedule(afterMs, () => {
      waiting.delete(forget)
      settleRefund(refundId, outcome)
    })
    waiting.add(forget)
  }

  const cancel = (payment: Payment, request: CancelRequest): Cancelled => {
    const decision = decideCancel(payment, request, clock.now())
    if (decision.kind === 'refused') return decision
    const { asynchronousRefunds: later } = payment
    const status = later === undefined ? 'SUCCEEDED' : 'REQUESTED'
    const { reference, idempotencyKey } = request
    const refund: Refund = {
      id: `ref_${random.id()}`,
      amount: decision.amount,
      status,
      reference,
      idempotencyKey,
    }
    byRefund.set(refund.id, payment.id)
    const changed = replace(withStatusOfRefunds({ ...payment, refunds: [...payment.refunds, refund] }))
    if (later === undefined) return { kind: 'refunded', payment: changed }
    settleLater(later, refund.id)
    return { kind: 'requested', payment: changed }
  }

  return {
    create,
    get,
    cancel,
    settleRefund,
    ofOrder: (orderId) => (byOrder.get(orderId) ?? []).flatMap((id) => get(id) ?? []),
    slice: (start, end) => ids.slice(start, end).flatMap((id) => get(id) ?? []),
    count: () => ids.length,
    setStatus(id, status) {
      const payment = get(id)
      if (payment === undefined) throw invalidRequest(`There is no payment "${id}".`)
      return replace({ ...payment, status })
    },
    release() {
      for (const forget of waiting) forget()
      waiting.clear()
    },
  }
}

/** Of several payments of one order the latest live one speaks for it; without a live one, the latest. */
export function currentPayment(payments: readonly Payment[]): Payment | undefined {
  return payments.findLast(isLive) ?? payments.at(-1)
}

function openPayment(details: NewPayment, now: Date, random: Random): Payment {
  const { currency, status = 'PAID', createdAt = now } = details
  const amount = readAmount(details.amount, currency)
  const refunded = details.refunded ?? (status === 'CANCELLED' ? details.amount : '0')
  return {
    id: details.id ?? `pay_${random.id()}`,
    orderId: details.orderId,
    amount,
    currency,
    status,
    refunds: refundsBefore(readAmount(refunded, currency), random),
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

function refundsBefore(amount: bigint, random: Random): readonly Refund[] {
  if (amount === 0n) return noRefunds
  const id = `ref_${random.id()}`
  return [{ id, amount, status: 'SUCCEEDED', reference: undefined, idempotencyKey: undefined }]
}

/** The status follows what was refunded, also back when a refund fails after all. */
function withStatusOfRefunds(payment: Payment): Payment {
  const refunded = refundedAmount(payment)
  if (refunded === payment.amount) return { ...payment, status: 'CANCELLED' }
  if (refunded > 0n) return { ...payment, status: 'PARTIAL' }
  const wasRefunded = payment.status === 'PARTIAL' || payment.status === 'CANCELLED'
  return wasRefunded ? { ...payment, status: 'PAID' } : payment
}
