import type { IncomingMessage } from 'node:http'
import { type Answer, answerPayment, refuse } from './answer.ts'
import type { Context } from './context.ts'
import { answerStatus } from './distort.ts'
import { type Fault, type FaultTarget, isUnprocessed } from './faults.ts'
import { formatAmount } from './money.ts'
import { type Call, findSubject, perform } from './operations.ts'
import type { Payment } from './payment.ts'
import type { Payments } from './payments.ts'
import { hashBody, parseFields, readBody } from './read-body.ts'
import type { OpenEntry } from './request-log.ts'
import { type ApiRoute, parseApiRoute } from './route.ts'

export interface Produced {
  readonly answer: Answer
  /** The fault this request met. */
  readonly fault: Fault | undefined
  /** Stores the answer under the request's idempotency key, if it has one. Until then the key is in progress. */
  keep(answer: Answer): void
}

/**
 * Order of the layers: token, faults that stand before the provider (a rate limiter, a dead gateway),
 * idempotency key, work. Only what passes the first two is remembered under the key, as at Stripe.
 */
export async function produce(
  context: Context,
  request: IncomingMessage,
  entry: OpenEntry,
): Promise<Produced> {
  const body = await readBody(request)
  if (body.length > 0) entry.bodyHash = hashBody(body)
  const refusal = checkToken(context.token, request.headers.authorization)
  if (refusal !== undefined) return withoutKey(refusal)
  const route = parseApiRoute(entry.method, entry.path)
  if (route === undefined) return withoutKey(refuse('NO_SUCH_PATH'))

  const fields = parseFields(body)
  const subject = findSubject(context.payments, route)
  const fault = context.faults.take(targetOf(route, subject, fields.optionalText('orderId')))
  entry.paymentId = subject?.id
  entry.fault = fault?.kind
  if (fault !== undefined && isUnprocessed(fault)) {
    return withoutKey(answerInstead(context, fault, subject), fault)
  }
  const lagMs = fault?.kind === 'watermarkLag' ? fault.ms : 0
  const watermark = new Date(context.clock.now().getTime() - lagMs)
  const call: Call = { route, fields, idempotencyKey: entry.idempotencyKey, watermark }
  return performOnce({ context, call, fault, subject, entry })
}

interface Work {
  readonly context: Context
  readonly call: Call
  readonly fault: Fault | undefined
  /** The payment the request names. */
  readonly subject: Payment | undefined
  readonly entry: OpenEntry
}

function performOnce(work: Work): Produced {
  const { context, call, fault, entry } = work
  if (call.idempotencyKey === undefined || entry.bodyHash === undefined)
    return withoutKey(performNow(work), fault)
  const path = entry.path
  const claim = context.keys.claim({ key: call.idempotencyKey, path, bodyHash: entry.bodyHash })
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

function answerInstead(context: Context, fault: Fault, subject: Payment | undefined): Answer {
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

const withoutKey = (answer: Answer, fault?: Fault): Produced => ({ answer, fault, keep: () => {} })

const asReplay = (answer: Answer): Answer => ({
  ...answer,
  headers: { ...answer.headers, 'idempotent-replayed': 'true' },
})

function checkToken(token: string | undefined, authorization: string | undefined): Answer | undefined {
  if (token === undefined || authorization === `Bearer ${token}`) return undefined
  return refuse(authorization === undefined ? 'UNAUTHORIZED' : 'FORBIDDEN')
}

function targetOf(route: ApiRoute, subject: Payment | undefined, orderId: string | undefined): FaultTarget {
  switch (route.name) {
    case 'create':
      return { operation: 'create', payments: [orderId] }
    case 'list':
      return { operation: 'list', payments: [] }
    case 'cancel':
      return { operation: 'cancel', payments: [route.id, subject?.orderId] }
    case 'lookup':
      return { operation: 'lookup', payments: [route.reference, subject?.id, subject?.orderId] }
    case 'lookupOrder':
      return { operation: 'lookup', payments: [route.orderId, subject?.id] }
  }
}
