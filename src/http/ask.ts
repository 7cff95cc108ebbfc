import type { Clock } from '../lib/clock.ts'
import type { Random } from '../lib/random.ts'
import type { Rate } from '../resilience/rate.ts'
import { backoff, decideRetry } from '../resilience/retry.ts'
import { wait } from '../resilience/wait.ts'
import type { Answer } from './answer.ts'
import type { Hold } from './hold.ts'
import type { Circuit, Lane, LaneRequest } from './lane.ts'
import { classifyOutcome, describeAnswer, isThrottled } from './verdict.ts'

export interface Retrying {
  readonly circuit: Circuit
  /** Made so far. */
  readonly attempts: number
  readonly delayMs: number
  readonly reason: string
}

export interface AskingOptions {
  readonly retries: number
  readonly clock: Clock
  readonly random: Random
  readonly rate: Rate
  readonly hold: Hold
  readonly onRetry: (retrying: Retrying) => void
}

export type Ask = (lane: Lane, request: LaneRequest) => Promise<Answer>

// Room for a slow attempt, a pause and another attempt.
const BUDGET_IN_TOTALS = 2

/** Asks until an answer stands: whether to go on is `decideRetry`'s, when is the service's or the jitter's. */
export function createAsking(options: AskingOptions): Ask {
  return async (lane, request) => {
    let budgetLeftMs = BUDGET_IN_TOTALS * lane.timeouts.total
    let attempts = 0
    let before: Answer | undefined
    for (;;) {
      const answer = await lane.ask(request, attempts)
      // A repeat that was held back says nothing; the answer it was to improve on stands.
      if (answer.kind === 'held' && before !== undefined) return before
      before = answer
      attempts = answer.attempts
      budgetLeftMs -= answer.durationMs
      const delayMs = decideDelay(answer, { circuit: lane.circuit, budgetLeftMs, options })
      if (delayMs === undefined) return answer
      options.onRetry({ circuit: lane.circuit, attempts, delayMs, reason: describeAnswer(answer) })
      if (!(await waitUnlessStopped(options.clock, delayMs, request.stop))) return answer
      budgetLeftMs -= delayMs
    }
  }
}

interface DelayContext {
  readonly circuit: Circuit
  readonly budgetLeftMs: number
  readonly options: AskingOptions
}

/** Undefined: this answer stands. */
function decideDelay(answer: Answer, { circuit, budgetLeftMs, options }: DelayContext): number | undefined {
  const outcome = classifyOutcome(answer)
  if (outcome === 'final') return undefined
  if (answer.kind === 'answered') noteThrottling(answer, options)
  const decision = decideRetry({
    kind: circuit,
    outcome,
    attempts: answer.attempts,
    retries: options.retries,
    budgetLeftMs,
    retryAfterMs: answer.kind === 'answered' ? answer.retryAfterMs : undefined,
    fraction: options.random.fraction(),
  })
  return decision.retry ? decision.delayMs : undefined
}

/** What one request is told counts for all: the pause for every request to the service, the rate as well. */
function noteThrottling(
  answer: Extract<Answer, { kind: 'answered' }>,
  { hold, rate, random }: AskingOptions,
): void {
  if (!isThrottled(answer)) return
  // A pause that the service asked for is kept by the lane already.
  if (answer.retryAfterMs === undefined) hold.extend(backoff(answer.attempts, random.fraction()))
  rate.slowDown()
}

async function waitUnlessStopped(clock: Clock, milliseconds: number, stop: AbortSignal): Promise<boolean> {
  try {
    await wait(clock, milliseconds, stop)
    return true
  } catch (error) {
    if (stop.aborted) return false
    throw error
  }
}
