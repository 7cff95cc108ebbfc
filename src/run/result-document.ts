import { type ExitCode, exitCodes, type RowkeeperError } from '../lib/errors.ts'
import type { Emit, Warning } from './events.ts'
import type { Launch } from './launch.ts'
import type { Counts, Ending, ResultDocument } from './result.ts'

/** A run that has begun: what its result document will say whatever happens. */
export interface Started {
  readonly runId: string
  readonly emit: Emit
  readonly runCommand: string
  readonly warnings: readonly Warning[]
  readonly head: Pick<
    ResultDocument,
    'schemaVersion' | 'runId' | 'job' | 'kind' | 'verb' | 'dryRun' | 'startedAt'
  >
  readonly elapsed: () => { finishedAt: string; durationMs: number }
}

export function startDocument(
  launch: Launch,
  verb: string,
  form: 'dry' | 'full' = verb === 'plan' ? 'dry' : 'full',
): Started {
  const { surroundings, entry } = launch
  const { clock, random } = surroundings
  const runId = random.id()
  const begun = clock.elapsed()
  surroundings.emit({ type: 'runStarted', job: entry.name, kind: entry.kind, verb, runId })
  return {
    runId,
    emit: surroundings.emit,
    warnings: surroundings.warnings,
    runCommand: runCommandOf(launch),
    head: {
      schemaVersion: 1,
      runId,
      job: entry.name,
      kind: entry.kind,
      verb,
      dryRun: form === 'dry',
      startedAt: clock.now().toISOString(),
    },
    elapsed: () => ({
      finishedAt: clock.now().toISOString(),
      durationMs: Math.round(clock.elapsed() - begun),
    }),
  }
}

/** What starts the run, or goes on with it. */
export function runCommandOf({ runCommand, entry }: Launch): string {
  return runCommand ?? `rowkeeper run ${entry.name}`
}

export function documentOf(
  started: Started,
  ending: Ending,
  content: {
    counts?: Counts
    detail?: Readonly<Record<string, unknown>>
    next?: readonly string[]
    error?: RowkeeperError | undefined
  },
): ResultDocument {
  const { error } = content
  return {
    ...started.head,
    status: ending.status,
    effect: ending.effect,
    exitCode: ending.exitCode,
    ...started.elapsed(),
    counts: content.counts ?? {},
    detail: content.detail ?? {},
    warnings: started.warnings,
    ...(error === undefined ? {} : { error: describeError(error) }),
    next: [...(content.next ?? []), ...resumeCommand(started, ending.exitCode)],
  }
}

function describeError(error: RowkeeperError): NonNullable<ResultDocument['error']> {
  return {
    code: error.code,
    message: error.message,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
  }
}

const resumable: readonly ExitCode[] = [
  exitCodes.stopped,
  exitCodes.timeLimit,
  exitCodes.interrupted,
  exitCodes.terminated,
]

function resumeCommand(started: Started, exitCode: ExitCode): string[] {
  return resumable.includes(exitCode) && started.head.verb === 'run' ? [started.runCommand] : []
}
