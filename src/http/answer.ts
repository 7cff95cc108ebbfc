import type { JsonValue } from './json.ts'

export type { JsonValue } from './json.ts'

interface Timing {
  /** Milliseconds of the last attempt, from dispatch; 0 when nothing was dispatched. */
  readonly durationMs: number
  /** Attempts made, whether they reached the wire or not; 0 when none was made. */
  readonly attempts: number
}

/** An answer whose meaning is its status and body. Errors with an unreadable body are here too: their status speaks. */
export interface Answered extends Timing {
  readonly kind: 'answered'
  readonly status: number
  /** Lower-case names; repeated headers joined with a comma. */
  readonly headers: Readonly<Record<string, string>>
  /** Null for an empty body (204, errors) and for an error status whose body is not JSON. */
  readonly body: JsonValue
  /** SHA-256 of the decoded bytes, hexadecimal. */
  readonly bodyHash: string
  /** The first 2 KiB, as text, with the service's own secret masked. */
  readonly bodyExcerpt: string
  readonly requestId?: string | undefined
  /** The service says this is a stored answer to an earlier request with the same idempotency key. */
  readonly replayed: boolean
  /** How long the service asked us to wait; only with 429 and 503, only when it can be believed. */
  readonly retryAfterMs?: number | undefined
}

/** Something came, but it cannot be read. After a mutation the outcome is unknown. */
export interface BadAnswer extends Timing {
  readonly kind: 'bad'
  readonly status?: number | undefined
  /** What came instead, as a noun: `HTML instead of JSON`. */
  readonly reason: string
  readonly hint?: string | undefined
  readonly excerpt: string
  readonly requestId?: string | undefined
}

/** The request went out and no whole answer came back. After a mutation the outcome is unknown. */
export interface Unanswered extends Timing {
  readonly kind: 'unanswered'
  readonly cause: UnansweredCause
  readonly reason: string
}

export type UnansweredCause = 'timeout' | 'reset' | 'closed' | 'truncated' | 'protocol' | 'aborted'

/** No byte of the request was written: surely not executed. */
export interface NotSent extends Timing {
  readonly kind: 'notSent'
  readonly cause: NotSentCause
  readonly reason: string
  readonly hint?: string | undefined
}

export type NotSentCause = 'dns' | 'refused' | 'connectTimeout' | 'tls' | 'aborted'

/** We did not ask, to spare the service. */
export interface Held extends Timing {
  readonly kind: 'held'
  readonly cause: 'breakerOpen' | 'rateLimited'
  /** When asking makes sense again; ISO 8601, this machine's clock. */
  readonly until: string
  readonly reason: string
}

/** How one request to a remote service ended. */
export type Answer = Answered | BadAnswer | Unanswered | NotSent | Held
