import { unreachable } from '../lib/errors.ts'
import type { Verdict } from '../resilience/breaker.ts'
import type { AttemptOutcome } from '../resilience/retry.ts'
import type { Answer } from './answer.ts'

/** For the breaker. Only what speaks of the host's health counts: a 404, 409, 422 or 429 is a host that works. */
export function judgeHealth(answer: Answer): Verdict {
  switch (answer.kind) {
    case 'answered':
      return answer.status >= 500 ? 'failure' : 'success'
    case 'bad':
      return isRedirect(answer.status) ? 'success' : 'failure'
    case 'notSent':
    case 'unanswered':
      return answer.cause === 'aborted' ? 'neither' : 'failure'
    case 'held':
      return 'neither'
    default:
      return unreachable(answer)
  }
}

/** For the retry decision. */
export function classifyOutcome(answer: Answer): AttemptOutcome {
  switch (answer.kind) {
    case 'answered':
      return isThrottled(answer) ? 'throttled' : classifyStatus(answer.status)
    case 'bad':
      return isRedirect(answer.status) ? 'final' : 'unreadable'
    case 'notSent':
      return answer.cause === 'aborted' || answer.cause === 'tls' ? 'final' : 'notSent'
    case 'unanswered':
      return answer.cause === 'aborted' ? 'final' : 'unanswered'
    case 'held':
      return 'final'
    default:
      return unreachable(answer)
  }
}

/** A 503 says "later" only when it says when. */
export function isThrottled(answer: Extract<Answer, { kind: 'answered' }>): boolean {
  return answer.status === 429 || (answer.status === 503 && answer.retryAfterMs !== undefined)
}

const temporaryStatuses: readonly number[] = [408, 502, 503, 504]

function classifyStatus(status: number): AttemptOutcome {
  if (temporaryStatuses.includes(status)) return 'unavailable'
  return status >= 500 ? 'serverError' : 'final'
}

/** A redirect is a mistake in our configuration, not in the host's health. */
function isRedirect(status: number | undefined): boolean {
  return status !== undefined && status >= 300 && status < 400
}

/** A few words on why an attempt does not count. */
export function describeAnswer(answer: Answer): string {
  return answer.kind === 'answered' ? `status ${answer.status}` : answer.reason
}
