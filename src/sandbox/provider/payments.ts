import type { Clock } from '../../lib/clock.ts'
import type { Random } from '../../lib/random.ts'
import { type CancelRefusal, type CancelRequest, decideCancel } from './cancellation.ts'
import { invalidRequest } from './fields.ts'
import { type NewPayment, openPayment } from './new-payment.ts'
import {
  type AsynchronousRefunds,
  type Payment,
  type PaymentStatus,
  type Refund,
  type RefundOutcome,
  withStatusOfRefunds,
} from './payment.ts'

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
