import { elapsedBetween, shiftInstant } from '../../src/db/date-time.ts'
import { type ExternalClass, isEvidence, isSampled, type LocalClass } from './classes.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Pauses between looks at an open row; then a person decides. */
const openPauses: readonly number[] = [5 * MINUTE, 15 * MINUTE, HOUR, 6 * HOUR, ...Array(14).fill(DAY)]

/** Ages at which a settled-looking row is looked at again: late successes, refunds and chargebacks. */
const settledAges: readonly number[] = [HOUR, DAY, 7 * DAY]

/** A row left to a person is still watched, in case it resolves itself. */
const REVIEW_PAUSE = DAY

const JITTER = 0.1
const FIRST_RETRY = 5 * MINUTE
const LONGEST_RETRY = HOUR

export interface Rung {
  readonly step: number
  /** ISO text; undefined when nobody needs to look again. */
  readonly nextCheckAt: string | undefined
}

export interface Look {
  readonly local: LocalClass
  readonly external: ExternalClass
  /** Conclusive looks before this one. */
  readonly step: number
  /** Looks without evidence in a row, this one included. */
  readonly failures: number
  readonly asOf: string
  /** When the row got the status it has, as far as the table tells. */
  readonly since: string
  readonly inReview: boolean
  /** 0 ≤ x < 1. */
  readonly fraction: number
}

/**
 * When to look again. The step is kept in the database, so the cadence of cron does not matter and an outage only
 * delays: a look without evidence comes back soon and climbs nothing.
 */
export function climb(look: Look): Rung {
  if (!isEvidence(look.external)) {
    const pause = Math.min(FIRST_RETRY * 2 ** Math.max(0, look.failures - 1), LONGEST_RETRY)
    return { step: look.step, nextCheckAt: after(look, pause) }
  }
  const step = look.step + 1
  if (look.inReview) return { step, nextCheckAt: after(look, REVIEW_PAUSE) }
  if (isSettled(look.local, look.external)) return { step, nextCheckAt: nextSettledLook(look) }
  const pause = openPauses[look.step]
  return { step, nextCheckAt: pause === undefined ? undefined : after(look, pause) }
}

export function isExhausted(local: LocalClass, external: ExternalClass, step: number): boolean {
  return !isSettled(local, external) && step >= openPauses.length
}

/** While the service can still take the money, a failed row is as open as any: its late success is what hangs. */
function isSettled(local: LocalClass, external: ExternalClass): boolean {
  return (local === 'failed' || isSampled(local)) && external !== 'pending'
}

function nextSettledLook(look: Look): string | undefined {
  const age = elapsedBetween(look.since, look.asOf)
  const next = settledAges.find((candidate) => candidate > age)
  return next === undefined ? undefined : shiftInstant(look.since, next)
}

function after(look: Look, pause: number): string {
  return shiftInstant(look.asOf, Math.round(pause * (1 - JITTER + 2 * JITTER * look.fraction)))
}
