import { type Answer, type Message, type RefusalCode, refuse } from './answer.ts'
import type { Fault, FaultStatus } from './faults.ts'
import { exactNumber, type JsonObject } from './json.ts'
import { describePayment, type Payment } from './payment.ts'

const codes: Record<FaultStatus, RefusalCode> = {
  400: 'PROVIDER_ERROR',
  401: 'UNAUTHORIZED',
  403: 'FORBIDDEN',
  410: 'GONE',
  429: 'TOO_MANY_REQUESTS',
  500: 'INTERNAL_ERROR',
  502: 'BAD_GATEWAY',
  503: 'UNAVAILABLE',
}

export function answerStatus(fault: Extract<Fault, { readonly status: FaultStatus }>): Answer {
  const answer = refuse(codes[fault.status])
  if (fault.retryAfter === undefined) return answer
  return { ...answer, headers: { 'retry-after': fault.retryAfter } }
}

/** What the fault makes of an honest answer. `stranger`: any payment but the one asked for. */
export function distortAnswer(answer: Answer, fault: Fault, stranger: Payment): Answer {
  if (fault.kind === 'statusAfter') return answerStatus(fault)
  if (answer.payment === undefined) return answer
  const body = describeWrongly(answer.payment, fault, stranger)
  return body === undefined ? answer : { ...answer, body }
}

function describeWrongly(payment: Payment, fault: Fault, stranger: Payment): JsonObject | undefined {
  const document = describePayment(payment)
  switch (fault.kind) {
    case 'wrongEcho':
      return { ...document, id: stranger.id, orderId: stranger.orderId }
    case 'wrongAmount':
      return { ...document, amount: describePayment({ ...payment, amount: payment.amount + 1n }).amount }
    case 'wrongCurrency':
      return { ...document, currency: 'XTS' }
    case 'unmappedStatus':
      return { ...document, status: 'ON_HOLD_FOR_INSPECTION' }
    case 'missingField':
      return { ...document, [fault.field]: undefined }
    case 'hugeNumber':
      return { ...document, amount: exactNumber('9007199254740993') }
    default:
      return undefined
  }
}

const LOGIN_PAGE = '<!doctype html><title>Sign in</title><h1>Please sign in</h1>'
const HUGE_HEADER_BYTES = 64 * 1024

/** What the fault makes of a message about to be sent. */
export function distortMessage(message: Message, fault: Fault): Message {
  const { payload } = message
  switch (fault.kind) {
    case 'invalidJson':
      return { ...message, payload: payload.slice(0, -1) }
    case 'html200':
      return withType({ ...message, status: 200, payload: LOGIN_PAGE }, 'text/html; charset=utf-8')
    case 'empty200':
      return { ...message, status: 200, payload: '' }
    case 'noContent204':
      return { ...message, status: 204, payload: '' }
    case 'byteOrderMark':
      return { ...message, payload: `\uFEFF${payload}` }
    case 'wrongContentType':
      return withType(message, 'application/octet-stream')
    case 'redirect302':
      return { ...message, status: 302, headers: { location: '/payments/moved' }, payload: '' }
    case 'hugeHeader':
      return withHeader(message, 'x-padding', 'x'.repeat(fault.bytes ?? HUGE_HEADER_BYTES))
    default:
      return message
  }
}

const withHeader = (message: Message, name: string, value: string): Message => ({
  ...message,
  headers: { ...message.headers, [name]: value },
})

const withType = (message: Message, type: string): Message => withHeader(message, 'content-type', type)
