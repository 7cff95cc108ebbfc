/** How an attempt ended, seen from whether another may help. */
export type AttemptOutcome =
  /** Surely not executed. */
  | 'notSent'
  /** Maybe executed. */
  | 'unanswered'
  /** 502, 503, 504: something between us and the service. */
  | 'unavailable'
  /** Any other 5xx. */
  | 'serverError'
  /** 429, or 503 with Retry-After. */
  | 'throttled'
  /** An answer that cannot be read. */
  | 'unreadable'
  /** Trying again changes nothing. */
  | 'final'

export interface RetryInput {
  readonly kind: 'lookup' | 'mutation'
  readonly outcome: AttemptOutcome
  /** Attempts made so far, at least 1. */
  readonly attempts: number
  /** Further attempts allowed after the first. */
  readonly retries: number
  /** Milliseconds left for attempts and pauses of this one request. */
  readonly budgetLeftMs: number
  readonly retryAfterMs?: number | undefined
  /** 0 ≤ x < 1, random. */
  readonly fraction: number
}

export type RetryDecision =
  | { readonly retry: true; readonly delayMs: number }
  | { readonly retry: false; readonly reason: GiveUpReason; readonly notBeforeMs?: number }

export type GiveUpReason = 'final' | 'maybeExecuted' | 'attemptsUsed' | 'budgetUsed'

/**
 * Whether to ask once more, and after how long. A mutation is asked again only when surely not sent, and once.
 * Retry-After is honoured to the millisecond or not at all: what does not fit in the budget is for a later run.
 */
export function decideRetry(input: RetryInput): RetryDecision {
  if (input.outcome === 'final') return { retry: false, reason: 'final' }
  if (input.kind === 'mutation' && input.outcome !== 'notSent') {
    return { retry: false, reason: 'maybeExecuted', ...notBefore(input) }
  }
  if (input.attempts > allowedRetries(input)) {
    return { retry: false, reason: 'attemptsUsed', ...notBefore(input) }
  }
  const delayMs = input.retryAfterMs ?? backoff(input.attempts, input.fraction)
  if (delayMs >= input.budgetLeftMs) return { retry: false, reason: 'budgetUsed', ...notBefore(input) }
  return { retry: true, delayMs }
}

// A stored 500 or a garbled page comes back the same: one more look, not two.
const lookupRetries: Partial<Record<AttemptOutcome, number>> = { serverError: 1, unreadable: 1 }

function allowedRetries({ kind, outcome, retries }: RetryInput): number {
  const limit = kind === 'mutation' ? 1 : (lookupRetries[outcome] ?? retries)
  return Math.min(limit, retries)
}

function notBefore({ retryAfterMs }: RetryInput): { notBeforeMs?: number } {
  return retryAfterMs === undefined ? {} : { notBeforeMs: retryAfterMs }
}

const SHORTEST_MS = 500
const FIRST_LONGEST_MS = 1000
const LONGEST_MS = 8000

/** Full jitter above a floor: 0.5–1 s, 0.5–2 s, 0.5–4 s, then 0.5–8 s. Never 0, or the retries of an outage meet again. */
export function backoff(attempts: number, fraction: number): number {
  const longest = Math.min(LONGEST_MS, FIRST_LONGEST_MS * 2 ** (attempts - 1))
  return Math.round(SHORTEST_MS + fraction * (longest - SHORTEST_MS))
}
