import { type Answer, refuse } from './answer.ts'
import type { Context } from './context.ts'
import type { Fault } from './faults.ts'
import { formatAmount } from './money.ts'
import { type Call, perform } from './operations.ts'
import type { Payment } from './payment.ts'
import type { Payments } from './payments.ts'
import type { OpenEntry } from './request-log.ts'
import { asReplay } from './stand-in.ts'

export interface Produced {
  readonly answer: Answer
  /** The fault this request met. */
  readonly fault: Fault | undefined
  /** Stores the answer under the request's idempotency key, if it has one. Until then the key is in progress. */
  keep(answer: Answer): void
}

export interface Work {
  readonly context: Context
  readonly call: Call
  readonly fault: Fault | undefined
  /** The payment the request names. */
  readonly subject: Payment | undefined
  readonly entry: OpenEntry
}

/** The work, or what its idempotency key says about it. Throws `sandbox.request.invalid`. */
export function performOnce(work: Work): Produced {
  const { context, call, fault, entry } = work
  const { path, bodyHash } = entry
  const key = call.idempotencyKey
  if (key === undefined || bodyHash === undefined) return withoutKey(performNow(work), fault)
  const claim = context.keys.claim({ key, path, bodyHash })
  switch (claim.kind) {
    case 'running':
      return withoutKey(refuse('IDEMPOTENCY_IN_PROGRESS'), fault)
    case 'mismatch':
      return withoutKey(refuse('IDEMPOTENCY_MISMATCH'), fault)
    case 'stored':
      entry.replayed = true
      return withoutKey(asReplay(claim.answer), fault)
    case 'new':
      return { answer: performOrForget(work, claim.forget), fault, keep: claim.keep }
  }
}

/** A request that makes no sense is not remembered: it may be mended and sent again with the same key. */
function performOrForget(work: Work, forget: () => void): Answer {
  try {
    return performNow(work)
  } catch (error) {
    forget()
    throw error
  }
}

function performNow({ context: { payments }, call, fault, subject, entry }: Work): Answer {
  const isDoubled = fault?.kind === 'duplicateCharge'
  if (isDoubled && subject !== undefined) chargeAgain(payments, subject)
  const { answer, effective } = perform(payments, call)
  if (isDoubled && call.route.name === 'create' && answer.payment !== undefined) {
    chargeAgain(payments, answer.payment)
  }
  entry.effective = effective
  entry.paymentId ??= answer.payment?.id
  return answer
}

function chargeAgain(payments: Payments, { orderId, amount, currency }: Payment): void {
  payments.create({ orderId, amount: formatAmount(amount, currency), currency })
}

export const withoutKey = (answer: Answer, fault?: Fault): Produced => ({ answer, fault, keep: () => {} })
