import { type Answer, answerDocument, answerPayment, refuse } from './answer.ts'
import type { Fields } from './fields.ts'
import type { JsonObject } from './json.ts'
import { readAmount } from './new-payment.ts'
import { currentPayment, describePayment, isLive, type Payment } from './payment.ts'
import type { Payments } from './payments.ts'
import { readNewPayment } from './read-input.ts'
import type { ApiRoute } from './route.ts'

export interface Call {
  readonly route: ApiRoute
  /** Members of the body; none for GET. */
  readonly fields: Fields
  readonly idempotencyKey: string | undefined
  /** The list ends here: what was created later is not known to it yet. */
  readonly watermark: Date
}

export interface Performed {
  readonly answer: Answer
  readonly effective: boolean
}

/** The payment a request speaks of, if it names one that exists. */
export function findSubject(payments: Payments, route: ApiRoute): Payment | undefined {
  switch (route.name) {
    case 'create':
    case 'list':
      return undefined
    case 'cancel':
      return payments.get(route.id)
    case 'lookup':
      return payments.get(route.reference) ?? currentPayment(payments.ofOrder(route.reference))
    case 'lookupOrder':
      return currentPayment(payments.ofOrder(route.orderId))
  }
}

/** The honest provider. Throws `sandbox.request.invalid`. */
export function perform(payments: Payments, call: Call): Performed {
  const { route } = call
  switch (route.name) {
    case 'create':
      return effective(answerPayment(payments.create(readNewPayment(call.fields)), 201))
    case 'cancel':
      return cancel(payments, route.id, call)
    case 'lookup':
      return harmless(lookUp(payments, route.reference))
    case 'lookupOrder':
      return harmless(answerDocument({ payments: payments.ofOrder(route.orderId).map(describePayment) }))
    case 'list':
      return harmless(answerDocument(listPage(payments, route, call.watermark)))
  }
}

const effective = (answer: Answer): Performed => ({ answer, effective: true })
const harmless = (answer: Answer): Performed => ({ answer, effective: false })

function cancel(payments: Payments, id: string, { fields, idempotencyKey }: Call): Performed {
  const payment = payments.get(id)
  if (payment === undefined) return harmless(refuse('PAYMENT_NOT_FOUND'))
  fields.text('reason')
  const text = fields.optionalText('amount')
  const amount = text === undefined ? undefined : readAmount(text, payment.currency)
  const reference = fields.optionalText('reference')
  const outcome = payments.cancel(payment, { amount, reference, idempotencyKey })
  if (outcome.kind === 'refused') return harmless(refuse(outcome.code))
  return effective(answerPayment(outcome.payment, outcome.kind === 'requested' ? 202 : 200))
}

function lookUp(payments: Payments, reference: string): Answer {
  const byId = payments.get(reference)
  if (byId !== undefined) return answerPayment(byId)
  const all = payments.ofOrder(reference)
  const payment = currentPayment(all)
  if (payment === undefined) return refuse('PAYMENT_NOT_FOUND')
  const live = all.filter(isLive).length
  if (live < 2) return answerPayment(payment)
  return { ...answerPayment(payment), body: { ...describePayment(payment), duplicates: live } }
}

function listPage(
  payments: Payments,
  { start, limit }: { readonly start: number; readonly limit: number },
  watermark: Date,
): JsonObject {
  const end = start + limit
  const hasMore = end < payments.count()
  const known = payments.slice(start, end).filter(({ createdAt }) => createdAt <= watermark)
  return {
    items: known.map(describePayment),
    nextCursor: hasMore ? String(end) : null,
    hasMore,
    watermark: watermark.toISOString(),
  }
}
