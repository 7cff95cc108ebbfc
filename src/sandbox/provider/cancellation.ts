import { type Payment, refundableAmount } from './payment.ts'

export interface CancelRequest {
  /** Minor units; undefined: everything that is left. */
  readonly amount: bigint | undefined
  readonly reference: string | undefined
  readonly idempotencyKey: string | undefined
}

export type CancelRefusal =
  | 'ALREADY_CANCELLED'
  | 'DISPUTED'
  | 'NOT_PAID'
  | 'TOO_OLD'
  | 'NOT_CANCELABLE_AMOUNT'

export type CancelDecision =
  | { readonly kind: 'refund'; readonly amount: bigint }
  | { readonly kind: 'refused'; readonly code: CancelRefusal }

/** Card schemes take refunds for about a year. */
const CANCEL_WINDOW_MS = 365 * 24 * 3_600_000

export function decideCancel(payment: Payment, request: CancelRequest, now: Date): CancelDecision {
  if (payment.status === 'CANCELLED') return refused('ALREADY_CANCELLED')
  if (payment.status === 'DISPUTED') return refused('DISPUTED')
  if (payment.status === 'PENDING' || payment.status === 'FAILED') return refused('NOT_PAID')
  if (now.getTime() - payment.createdAt.getTime() > CANCEL_WINDOW_MS) return refused('TOO_OLD')
  const refundable = refundableAmount(payment)
  const amount = request.amount ?? refundable
  if (amount <= 0n || amount > refundable) return refused('NOT_CANCELABLE_AMOUNT')
  return { kind: 'refund', amount }
}

const refused = (code: CancelRefusal): CancelDecision => ({ kind: 'refused', code })
