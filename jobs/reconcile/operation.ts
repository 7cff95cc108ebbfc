import { createHash } from 'node:crypto'
import type { ServiceConfig } from '../../src/config/schema.ts'
import type { JsonTemplate } from '../../src/config/template.ts'
import { elapsedBetween } from '../../src/db/date-time.ts'
import type { Answer, Answered, JsonValue } from '../../src/http/answer.ts'
import { unreachable } from '../../src/lib/errors.ts'
import { compareDecimals, parseDecimal } from './money.ts'
import { type Observation, textAt } from './remote.ts'

/**
 * One call that changes something at the service. planned: written down, surely not sent · sending: it may be on its
 * way, or its process died · unknown: no clear answer · accepted: taken on, not yet done · confirmed: a look-up showed
 * it · rejected, review: a person decides.
 */
export type OperationState =
  | 'planned'
  | 'sending'
  | 'unknown'
  | 'accepted'
  | 'confirmed'
  | 'rejected'
  | 'review'

export const openOperationStates: readonly OperationState[] = ['planned', 'sending', 'unknown', 'accepted']

/** Everything that goes over the wire is stored before it does: a repeat sends these bytes and no others. */
export interface Operation {
  readonly id: string
  readonly key: readonly string[]
  readonly keyHash: string
  readonly reference: string
  readonly externalId: string
  readonly seq: number
  readonly state: OperationState
  readonly idempotencyKey: string
  readonly path: string
  readonly body: string
  /** Decimal text in major units. */
  readonly amount: string
  readonly currency: string | undefined
  readonly attempts: number
  readonly firstSentAt: string | undefined
  readonly createdAt: string
  /** Who wanted it: `rowkeeper`, or the person who approved it. */
  readonly actor?: string | undefined
}

/**
 * `rk1-` and 43 characters: within Adyen's 64, PortOne's 16–256, PayPal's 108. No personal data. Derived once and
 * stored; a repeat reads it from the database and never derives it again.
 */
export function deriveIdempotencyKey(parts: readonly string[]): string {
  return `rk1-${createHash('sha256').update(JSON.stringify(parts)).digest('base64url')}`
}

/** Fills the placeholders of the configured body. Field order is the configuration's, so the bytes never change. */
export function renderBody(template: JsonTemplate, values: Readonly<Record<string, string>>): string {
  return JSON.stringify(fill(template, values))
}

function fill(template: JsonTemplate, values: Readonly<Record<string, string>>): unknown {
  if (typeof template === 'string')
    return template.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole)
  if (Array.isArray(template)) return template.map((part) => fill(part, values))
  if (typeof template !== 'object' || template === null) return template
  return Object.fromEntries(Object.entries(template).map(([name, part]) => [name, fill(part, values)]))
}

/** How a cancel call ended, as far as its answer alone can tell. With `halts` nothing more may be sent: it says why. */
export interface CallEnding {
  readonly state: Exclude<OperationState, 'sending' | 'confirmed'>
  readonly reason: string
  readonly halts?: string
}

/**
 * Reads the answer to a cancel. A 2xx is not a proof (asynchronous refunds, replays of other requests): it leads to
 * `unknown` or `accepted`, and only a look-up confirms.
 */
export function readCallEnding(answer: Answer, operation: Operation, service: ServiceConfig): CallEnding {
  switch (answer.kind) {
    case 'notSent':
    case 'held':
      return { state: 'planned', reason: `not sent: ${answer.reason}` }
    case 'unanswered':
    case 'bad':
      return { state: 'unknown', reason: answer.reason }
    case 'answered':
      return (
        readTransportStatus(answer) ?? readOwnCode(answer, service) ?? readVerdict(answer, operation, service)
      )
    default:
      return unreachable(answer)
  }
}

/** Statuses that mean the same at every service. */
function readTransportStatus({ status }: Answered): CallEnding | undefined {
  const reason = `HTTP ${status}`
  if (status === 401 || status === 403) {
    return { state: 'planned', reason, halts: 'the service refused our credentials for a cancel' }
  }
  // Limiters sit before the work: what they turn away was not done.
  if (status === 429) return { state: 'planned', reason }
  return status >= 500 || status === 408 ? { state: 'unknown', reason } : undefined
}

/** Refusals that this service has words for. None of them says that the money did not move. */
function readOwnCode({ status, body }: Answered, { cancel, lookup }: ServiceConfig): CallEnding | undefined {
  const unknown = (what: string): CallEnding => ({ state: 'unknown', reason: `HTTP ${status}, ${what}` })
  if (lookup.temporary.some((rule) => rule.status === status && textAt(body, rule.pointer) === rule.equals)) {
    return unknown('a temporary error')
  }
  // Without words of its own for it, a 409 may be the first call still running.
  const running = cancel?.inProgress ?? { status: 409 }
  if (status === running.status && matches(body, running)) return unknown('perhaps still in progress')
  const done = cancel?.alreadyDone
  const isDone = done !== undefined && (done.status ?? status) === status && matches(body, done)
  return isDone ? unknown('was cancelled before') : undefined
}

function readVerdict(answer: Answered, operation: Operation, service: ServiceConfig): CallEnding {
  const { status, body } = answer
  if ((status === 422 || status === 400) && isKeyMismatch(body)) {
    const halts = 'the service knows our idempotency key from another request'
    return { state: 'review', reason: `HTTP ${status}`, halts }
  }
  if (status >= 200 && status <= 299) return readSuccess(status, body, operation, service)
  return { state: 'rejected', reason: `HTTP ${status} ${answer.bodyExcerpt.slice(0, 120)}` }
}

function readSuccess(
  status: number,
  body: JsonValue,
  operation: Operation,
  { cancel, lookup }: ServiceConfig,
): CallEnding {
  const id = textAt(body, lookup.read.id)
  if (id !== undefined && id !== operation.externalId) {
    const reason = `the answer speaks of ${id}, not of ${operation.externalId}`
    return { state: 'review', reason, halts: 'the service answered a cancel with another payment' }
  }
  if (cancel?.accepted.includes(status)) return { state: 'accepted', reason: `HTTP ${status}, taken on` }
  return { state: 'unknown', reason: `HTTP ${status}, to be confirmed by a look-up` }
}

function matches(body: JsonValue, rule: { pointer?: string; in?: readonly string[] }): boolean {
  if (rule.pointer === undefined || rule.in === undefined) return true
  return rule.in.includes(textAt(body, rule.pointer) ?? '')
}

function isKeyMismatch(body: JsonValue): boolean {
  return /idempoten/i.test(JSON.stringify(body))
}

/** What to do about an operation after a look at its payment. */
export type Verdict =
  | { readonly do: 'confirm' }
  | { readonly do: 'send' }
  | { readonly do: 'wait'; readonly reason: string }
  | { readonly do: 'review'; readonly reason: string }

/** The share of the key's window in which a repeat is surely recognised; the clocks of two companies are involved. */
const SAFE_SHARE = 0.8

/** Pure. A repeat is only sent with the stored key, inside its window, and while the service shows the money unmoved. */
export function judgeOperation(
  operation: Operation,
  seen: Observation,
  service: ServiceConfig,
  asOf: string,
): Verdict {
  if (showsCancel(operation, seen)) return { do: 'confirm' }
  switch (seen.external) {
    case 'temporary':
    case 'unreadable':
    case 'absentMaybe':
    case 'denied':
      return { do: 'wait', reason: `no clear answer: ${seen.text}` }
    case 'paid':
    case 'authorized':
      return judgeUnmoved(operation, service, asOf)
    case 'pending':
      return { do: 'wait', reason: seen.text }
    default:
      return { do: 'review', reason: `the service shows: ${seen.text}` }
  }
}

/** Bank refunds take days; after two weeks somebody should ask. */
const ACCEPTED_FOR_MS = 14 * 24 * 60 * 60 * 1000

function judgeUnmoved(operation: Operation, service: ServiceConfig, asOf: string): Verdict {
  if (operation.state === 'accepted') {
    return elapsedBetween(operation.createdAt, asOf) > ACCEPTED_FOR_MS
      ? { do: 'review', reason: 'taken on two weeks ago and still not done' }
      : { do: 'wait', reason: 'taken on, not yet done' }
  }
  if (operation.firstSentAt === undefined) return { do: 'send' }
  const window = service.cancel?.idempotency.window ?? 0
  const age = elapsedBetween(operation.firstSentAt, asOf)
  if (age <= window * SAFE_SHARE) return { do: 'send' }
  return {
    do: 'review',
    reason: 'the service may have forgotten the idempotency key, so a repeat could pay back twice',
  }
}

/**
 * The look-up shows the whole amount given back, or the payment closed before anything was taken (a voided
 * authorization). Another payment of the same reference, a second try of the customer, proves nothing about ours.
 */
function showsCancel(operation: Operation, { external, payment }: Observation): boolean {
  if (payment?.id !== operation.externalId) return false
  if (external === 'failed') return true
  if (external !== 'refunded') return false
  const refunded = payment?.refunded === undefined ? undefined : parseDecimal(payment.refunded)
  const amount = parseDecimal(operation.amount)
  if (refunded === undefined || amount === undefined) return true
  return refunded.digits === 0n || compareDecimals(refunded, amount) >= 0
}
