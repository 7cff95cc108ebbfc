import type { NewPayment } from './new-payment.ts'
import type { Payment, PaymentStatus, RefundOutcome } from './payment.ts'
import type { Payments } from './payments.ts'
import type { LogEntry, RequestCounts, RequestLog } from './request-log.ts'

/** The truth, for whoever holds the provider in its own process. */
export interface ProviderState {
  /** Throws `sandbox.request.invalid` on an amount its currency does not have, and on an id twice. */
  create(payment: NewPayment): Payment
  payment(id: string): Payment | undefined
  /** Oldest first. */
  paymentsOfOrder(orderId: string): readonly Payment[]
  payments(): readonly Payment[]
  /** What happens at the provider without a request: a late confirmation, a dispute. */
  setStatus(id: string, status: PaymentStatus): Payment
  /** Settles a requested refund, or turns a settled one over. Undefined: no such refund. */
  settleRefund(refundId: string, outcome: RefundOutcome): Payment | undefined
  counts(): RequestCounts
  /** Every request that is no look-up, in order of arrival. */
  mutations(): readonly LogEntry[]
  /** All mutations and the last 100,000 look-ups, in order of arrival. */
  requests(): readonly LogEntry[]
  /** Cancels of this payment that really moved or promised money. */
  effectiveCancels(paymentId: string): readonly LogEntry[]
}

export function createState(payments: Payments, log: RequestLog): ProviderState {
  const isEffectiveCancel = (entry: LogEntry) => entry.effective && entry.path.endsWith('/cancel')
  return {
    create: payments.create,
    payment: payments.get,
    paymentsOfOrder: payments.ofOrder,
    payments: () => payments.slice(0),
    setStatus: payments.setStatus,
    settleRefund: payments.settleRefund,
    counts: log.counts,
    mutations: log.mutations,
    requests: log.entries,
    effectiveCancels: (paymentId) =>
      log.mutations().filter((entry) => entry.paymentId === paymentId && isEffectiveCancel(entry)),
  }
}
