import { brotliCompressSync, constants, gzipSync } from 'node:zlib'
import { type Json, writeJson } from './json.ts'
import { describePayment, type Payment } from './payment.ts'

export interface Answer {
  readonly status: number
  readonly body: Json
  readonly headers: Readonly<Record<string, string>>
  /** The payment the body describes; undefined for lists and refusals. */
  readonly payment: Payment | undefined
}

const refusals = {
  INVALID_REQUEST: [400, 'The request makes no sense.'],
  NOT_CANCELABLE_AMOUNT: [400, 'The amount is not what is left to cancel.'],
  PROVIDER_ERROR: [400, 'A temporary error; try again.'],
  UNAUTHORIZED: [401, 'A bearer token is needed.'],
  FORBIDDEN: [403, 'This token may not do that.'],
  PAYMENT_NOT_FOUND: [404, 'There is no such payment.'],
  NO_SUCH_PATH: [404, 'There is nothing at this path.'],
  ALREADY_CANCELLED: [409, 'The payment is cancelled already.'],
  NOT_PAID: [409, 'The payment took no money.'],
  DISPUTED: [409, 'The payment is disputed.'],
  IDEMPOTENCY_IN_PROGRESS: [409, 'The first request with this key is still running.'],
  GONE: [410, 'The payment is no longer kept.'],
  TOO_OLD: [422, 'The payment is too old to cancel.'],
  IDEMPOTENCY_MISMATCH: [422, 'This key was used with another body.'],
  TOO_MANY_REQUESTS: [429, 'Too many requests.'],
  INTERNAL_ERROR: [500, 'Something went wrong.'],
  BAD_GATEWAY: [502, 'The server behind this one gave no answer.'],
  UNAVAILABLE: [503, 'The service is not available.'],
} as const

export type RefusalCode = keyof typeof refusals

/** `{ code, message }` with the status that belongs to the code. */
export function refuse(code: RefusalCode, message: string = refusals[code][1]): Answer {
  return { status: refusals[code][0], body: { code, message }, headers: {}, payment: undefined }
}

export function answerPayment(payment: Payment, status = 200): Answer {
  return { status, body: describePayment(payment), headers: {}, payment }
}

export function answerDocument(body: Json, status = 200): Answer {
  return { status, body, headers: {}, payment: undefined }
}

/** An answer as it goes over the wire. */
export interface Message {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly payload: string | Buffer
}

export function writeMessage(answer: Answer): Message {
  const headers = { 'content-type': 'application/json', ...answer.headers }
  return { status: answer.status, headers, payload: writeJson(answer.body) }
}

/** Below this a compressed body is not smaller by much. */
const COMPRESS_FROM_BYTES = 1024

/** Compresses with br or gzip, if the client takes it and it is worth it. */
export function compress(message: Message, acceptEncoding: string): Message {
  if (message.payload.length < COMPRESS_FROM_BYTES) return message
  const encoding = ['br', 'gzip'].find((candidate) => acceptEncoding.includes(candidate))
  if (encoding === undefined) return message
  const payload = encoding === 'br' ? compressBrotli(message.payload) : gzipSync(message.payload)
  return { ...message, headers: { ...message.headers, 'content-encoding': encoding }, payload }
}

// Brotli's default quality is for files that are compressed once; it takes 100 times as long as 4.
const compressBrotli = (payload: string | Buffer) =>
  brotliCompressSync(payload, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } })
