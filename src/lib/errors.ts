/**
 * What a run or an attempt did to data.
 * `unknown` is a real answer: a COMMIT or a call whose reply was lost.
 */
export type Effect = 'none' | 'partial' | 'complete' | 'unknown'

/** Process exit codes: contract. */
export const exitCodes = {
  done: 0,
  failed: 1,
  workFound: 2,
  leftOver: 3,
  refused: 4,
  stopped: 5,
  unknown: 6,
  usage: 64,
  badInput: 65,
  inputMissing: 66,
  unavailable: 69,
  bug: 70,
  tryLater: 75,
  noPermission: 77,
  badConfiguration: 78,
  timeLimit: 124,
  interrupted: 130,
  terminated: 143,
} as const

/** What each means to whoever called; printed by `rowkeeper --help`. */
export const exitMeanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  done: 'done, nothing to do, or this slot is already taken',
  failed: 'failed',
  workFound: 'the plan has work; only with --detailed-exitcode',
  leftOver:
    'finished, but something is left over: for people, for a later run, or a limit was reached midway',
  refused: 'refused by a check or a limit before anything was changed',
  stopped: 'stopped by an operator; the next run goes on',
  unknown: 'the outcome of the run is not known; a person must look',
  usage: 'the command line is wrong',
  badInput: 'input data is wrong',
  inputMissing: 'an input file is missing',
  unavailable: 'the database or the service could not be reached',
  bug: 'a bug in rowkeeper',
  tryLater: 'try later: somebody else is at work, or the service asked for a pause',
  noPermission: 'the database or the service refused the account',
  badConfiguration: 'the configuration is wrong',
  timeLimit: 'the time limit was reached; the next run goes on',
  interrupted: 'stopped by SIGINT; the next run goes on',
  terminated: 'stopped by SIGTERM; the next run goes on',
}

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

export interface RowkeeperErrorDetails {
  /** Stable dotted name, for machines: `database.unreachable`. */
  readonly code: string
  /** What was attempted and what was observed, one or two sentences. */
  readonly message: string
  /** What to do next; ends with a command where there is one. */
  readonly hint?: string | undefined
  readonly effect?: Effect
  /** True when the same attempt may succeed later without anybody changing anything. */
  readonly retryable?: boolean
  readonly exitCode: ExitCode
  readonly cause?: unknown
}

/** The one error type that crosses module borders. Adapters translate foreign errors into it at the edge. */
export class RowkeeperError extends Error {
  readonly code: string
  readonly hint: string | undefined
  readonly effect: Effect
  readonly retryable: boolean
  readonly exitCode: ExitCode

  constructor(details: RowkeeperErrorDetails) {
    super(details.message, { cause: details.cause })
    this.name = 'RowkeeperError'
    this.code = details.code
    this.hint = details.hint
    this.effect = details.effect ?? 'none'
    this.retryable = details.retryable ?? false
    this.exitCode = details.exitCode
  }
}

/** Narrows a value that passed through code which throws anything. Foreign errors are our bugs: exit 70. */
export function asRowkeeperError(error: unknown): RowkeeperError {
  if (error instanceof RowkeeperError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new RowkeeperError({
    code: 'bug.unexpected',
    message: `Something happened that rowkeeper did not foresee: ${message}`,
    hint: 'Please report this with the output of: NODE_DEBUG=rowkeeper rowkeeper …',
    effect: 'unknown',
    exitCode: exitCodes.bug,
    cause: error,
  })
}

/** Marks a branch the types rule out. Reaching it is a bug, never a user's mistake. */
export function unreachable(value: never): never {
  throw new RowkeeperError({
    code: 'bug.unreachable',
    message: `A value that no rule covers: ${JSON.stringify(value)}`,
    effect: 'unknown',
    exitCode: exitCodes.bug,
  })
}
