import { StoppedError } from '../lib/abort.ts'
import { type Effect, type ExitCode, exitCodes, type RowkeeperError } from '../lib/errors.ts'

/** How a run ended, for machines. The ledger, the result document and the exit code all follow from it. */
export type RunStatus =
  | 'succeeded'
  | 'partial'
  | 'failed'
  | 'refused'
  | 'cancelled'
  | 'skipped'
  | 'stopped'
  | 'unknown'

/** `running` until the end; `lost` when the lease ran out without an end. */
export type RunState = RunStatus | 'running' | 'lost'

export type Counts = Readonly<Record<string, number>>

export interface Warning {
  /** Stable dotted name. */
  readonly code: string
  readonly message: string
}

/** One JSON document per command on stdout. Fields are only ever added. Times are ISO text in UTC. */
export interface ResultDocument {
  readonly schemaVersion: 1
  readonly runId: string
  readonly job: string
  readonly kind: string
  readonly verb: string
  readonly dryRun: boolean
  readonly status: RunStatus
  readonly effect: Effect
  readonly exitCode: ExitCode
  readonly startedAt: string
  readonly finishedAt: string
  readonly durationMs: number
  readonly counts: Counts
  readonly detail: Readonly<Record<string, unknown>>
  readonly warnings: readonly Warning[]
  readonly error?: { readonly code: string; readonly message: string; readonly hint?: string }
  /** Commands to run next, most useful first. */
  readonly next: readonly string[]
}

export interface Ending {
  readonly status: RunStatus
  readonly effect: Effect
  readonly exitCode: ExitCode
}

/** The end of a run in which every unit was worked on. */
export function endingOf(outcome: {
  readonly changed: number
  readonly leftOver: number
  readonly uncertain?: number
}): Ending {
  if (outcome.leftOver > 0) {
    // A call without a clear answer may have worked: "none" would be a guess.
    const otherwise = (outcome.uncertain ?? 0) > 0 ? 'unknown' : 'none'
    return {
      status: 'partial',
      effect: outcome.changed > 0 ? 'partial' : otherwise,
      exitCode: exitCodes.leftOver,
    }
  }
  return { status: 'succeeded', effect: outcome.changed > 0 ? 'complete' : 'none', exitCode: exitCodes.done }
}

/** The end of a run that an error or a stop cut short, after `changed` units had taken effect. */
export function endingOfError(error: RowkeeperError, changed: number): Ending {
  const effect = error.effect === 'unknown' ? 'unknown' : changed > 0 ? 'partial' : error.effect
  // Exit code 4 promises that nothing was changed; a limit reached midway is "left over".
  if (error.exitCode === exitCodes.refused && changed > 0) {
    return { status: 'partial', effect, exitCode: exitCodes.leftOver }
  }
  const status = statusOf(error)
  return {
    status: status === 'refused' && changed > 0 ? 'partial' : status,
    effect,
    exitCode: error.exitCode,
  }
}

function statusOf(error: RowkeeperError): RunStatus {
  if (error instanceof StoppedError) return 'stopped'
  if (error.exitCode === exitCodes.unknown) return 'unknown'
  if (error.exitCode === exitCodes.refused || error.exitCode === exitCodes.tryLater) return 'refused'
  return 'failed'
}
