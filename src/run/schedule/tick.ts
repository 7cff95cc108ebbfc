import type { Schedule } from '../../config/fields.ts'
import { type StopControl, StoppedError } from '../../lib/abort.ts'
import type { Clock } from '../../lib/clock.ts'
import { asRowkeeperError, type ExitCode, exitCodes, type RowkeeperError } from '../../lib/errors.ts'
import type { ResultDocument } from '../result.ts'
import { skipOverlap } from './skip.ts'
import { latestSlot } from './slots.ts'
import type { SlotOutcome } from './take.ts'

export interface ScheduledJob {
  readonly name: string
  readonly schedule: Schedule
}

export interface TickedJob {
  readonly job: string
  /** The latest due time, ISO text in UTC; undefined when none came in the last 40 days. */
  readonly slot: string | undefined
  /** Undefined when the job was not due, or its slot is already taken. */
  readonly result: ResultDocument | undefined
  /** What kept the job from being looked at; the other jobs went on. */
  readonly error?: { readonly code: string; readonly message: string; readonly hint?: string }
}

export interface TickResult {
  readonly schemaVersion: 1
  /** The worst of its jobs'. */
  readonly exitCode: ExitCode
  readonly jobs: readonly TickedJob[]
}

export interface TickOptions {
  readonly jobs: readonly ScheduledJob[]
  readonly clock: Pick<Clock, 'now'>
  /** The clock that decides what is due. Without it: the wall clock of this host, right for a single host only. */
  readonly now?: (job: string) => Promise<Date>
  readonly control: Pick<StopControl, 'stop'>
  readonly claim: (job: string, slotAt: Date) => Promise<SlotOutcome>
  readonly run: (job: string) => Promise<ResultDocument>
}

/**
 * Runs every job whose latest slot nobody has taken, one after another in the order given. A job still at work from an
 * earlier slot is skipped. After a stop no further job begins.
 */
export async function tick(options: TickOptions): Promise<TickResult> {
  const ended: Ended[] = []
  for (const job of options.jobs) {
    if (options.control.stop.aborted) break
    ended.push(await tickJob(options, job))
  }
  const codes = [...ended.map(({ exitCode }) => exitCode), ...stopCode(options.control, ended, options.jobs)]
  return { schemaVersion: 1, exitCode: worstOf(codes), jobs: ended.map(({ ticked }) => ticked) }
}

interface Ended {
  readonly ticked: TickedJob
  readonly exitCode: ExitCode
}

async function tickJob(options: TickOptions, { name: job, schedule }: ScheduledJob): Promise<Ended> {
  let slot: string | undefined
  try {
    const now = (await options.now?.(job)) ?? options.clock.now()
    const slotAt = latestSlot(schedule, now)
    slot = slotAt?.toISOString()
    if (slotAt === undefined || (await options.claim(job, slotAt)) === 'takenByOther')
      return { ticked: { job, slot, result: undefined }, exitCode: exitCodes.done }
    const result = skipOverlap(await options.run(job))
    return { ticked: { job, slot, result }, exitCode: result.exitCode }
  } catch (thrown) {
    const error = asRowkeeperError(thrown)
    return { ticked: { job, slot, result: undefined, error: describe(error) }, exitCode: error.exitCode }
  }
}

function describe({ code, message, hint }: RowkeeperError): NonNullable<TickedJob['error']> {
  return { code, message, ...(hint === undefined ? {} : { hint }) }
}

/** A stop that left jobs out counts like the stop of a run. */
function stopCode(
  { stop }: TickOptions['control'],
  ended: readonly Ended[],
  jobs: TickOptions['jobs'],
): readonly ExitCode[] {
  const wasCutShort = stop.aborted && ended.length < jobs.length
  return wasCutShort && stop.reason instanceof StoppedError ? [stop.reason.exitCode] : []
}

/** From worst to best: what a person must look at, what is broken, what was cut short, what mends itself. */
const severity: readonly ExitCode[] = [
  exitCodes.unknown,
  exitCodes.bug,
  exitCodes.failed,
  exitCodes.badConfiguration,
  exitCodes.noPermission,
  exitCodes.usage,
  exitCodes.badInput,
  exitCodes.inputMissing,
  exitCodes.unavailable,
  exitCodes.refused,
  exitCodes.leftOver,
  exitCodes.terminated,
  exitCodes.interrupted,
  exitCodes.stopped,
  exitCodes.timeLimit,
  exitCodes.tryLater,
  exitCodes.workFound,
  exitCodes.done,
]

function worstOf(codes: readonly ExitCode[]): ExitCode {
  return severity.find((code) => codes.includes(code)) ?? exitCodes.done
}
