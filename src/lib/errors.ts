/**
 * What a run or an attempt did to data.
 * `unknown` is a real answer: a COMMIT or a call whose reply was lost.
 */
export type Effect = 'none' | 'partial' | 'complete' | 'unknown'

/** Process exit codes; the meaning of each is contract and printed by `rowkeeper help exit-codes`. */
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
