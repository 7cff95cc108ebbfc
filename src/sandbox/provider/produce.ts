import type { IncomingMessage } from 'node:http'
import { type Answer, refuse } from './answer.ts'
import type { Context } from './context.ts'
import { type FaultTarget, isUnprocessed } from './faults.ts'
import { type Call, findSubject } from './operations.ts'
import type { Payment } from './payment.ts'
import { type Produced, performOnce, withoutKey } from './perform-once.ts'
import { hashBody, parseFields, readBody } from './read-body.ts'
import type { OpenEntry } from './request-log.ts'
import { type ApiRoute, parseApiRoute } from './route.ts'
import { answerInstead } from './stand-in.ts'

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
