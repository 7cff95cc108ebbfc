import { type Answer, answerPayment, refuse } from './answer.ts'
import type { Context } from './context.ts'
import { answerStatus } from './distort.ts'
import type { Fault } from './faults.ts'
import type { Payment } from './payment.ts'

/** What is answered in place of work, for a fault that lets none happen. */
export function answerInstead(context: Context, fault: Fault, subject: Payment | undefined): Answer {
  if (fault.kind === 'statusBefore') return answerStatus(fault)
  if (fault.kind === 'replayForeign') return asReplay(foreignAnswer(context, subject))
  return refuse('PAYMENT_NOT_FOUND')
}

function foreignAnswer(context: Context, subject: Payment | undefined): Answer {
  const isForeign = ({ payment }: Answer) => payment !== undefined && payment.orderId !== subject?.orderId
  return context.keys.stored().findLast(isForeign) ?? answerPayment(strangerTo(context, subject))
}

/** Another payment; a made-up one when there is no other. */
export function strangerTo({ payments, clock }: Context, payment: Payment | undefined): Payment {
  const other = payments.slice(0, 2).find(({ id }) => id !== payment?.id)
  return other ?? { ...madeUp, createdAt: clock.now(), updatedAt: clock.now() }
}

const madeUp: Omit<Payment, 'createdAt' | 'updatedAt'> = {
  id: 'pay_of_a_stranger',
  orderId: 'order-of-a-stranger',
  amount: 100n,
  currency: 'EUR',
  status: 'PAID',
  refunds: [],
  asynchronousRefunds: undefined,
}

/** An answer from the store of keys, and marked so. */
export const asReplay = (answer: Answer): Answer => ({
  ...answer,
  headers: { ...answer.headers, 'idempotent-replayed': 'true' },
})
