import type { DatabaseError } from '../db/errors.ts'
import type { LockHolder, LockHolders } from '../db/lock-holders.ts'
import { exitCodes, RowkeeperError } from '../lib/errors.ts'
import { formatDuration } from '../lib/units.ts'

/**
 * The connection was lost while a definition was under way: nobody can say whether it took effect. The connection has
 * been ended and the server has forgotten it, so nothing changes any more: look at the catalogue and decide.
 */
export class DefinitionUnknownError extends RowkeeperError {
  constructor(label: string, cause: unknown) {
    super({
      code: 'database.definitionUnknown',
      message: `${label}: the connection was lost while the server was changing a table; it is not known whether that took effect.`,
      hint: 'Run it again: it looks at the tables first. See the run with: rowkeeper runs list',
      effect: 'unknown',
      exitCode: exitCodes.unknown,
      cause,
    })
  }
}

/** The server may still be at it; the lease keeps others away until it runs out. */
export function definitionUnresolved(label: string, cause: unknown): RowkeeperError {
  return new RowkeeperError({
    code: 'run.definitionUnresolved',
    message: `${label}: the connection was lost while the server was changing a table, and the server did not say afterwards whether it has ended.`,
    hint: 'When the server is back, the next run finds out by itself. See the run with: rowkeeper runs list',
    effect: 'unknown',
    exitCode: exitCodes.unknown,
    cause,
  })
}

export function lockNotHad(label: string, why: string, cause: DatabaseError): RowkeeperError {
  return new RowkeeperError({
    code: 'lock.notHad',
    message: `${label}: ${why}.`,
    hint: 'Wait until they have finished, or end them (KILL and the number of the connection), and run it again.',
    retryable: true,
    exitCode: exitCodes.tryLater,
    cause,
  })
}

/** `the lock is held by connection 42 (app@10.0.0.5:4711), idle in a transaction for 3 min`. */
export function describeHolders({ certainty, holders }: LockHolders): string {
  const named = holders.map(describeHolder).join('; ')
  if (certainty === 'hold') return `the lock is held by ${named}`
  const guess =
    named === '' ? 'nobody is seen holding it now' : `the oldest open transactions are of ${named}`
  return `the lock was not to be had; ${guess} (to see all of them takes PROCESS, or SELECT on performance_schema)`
}

const LONGEST_STATEMENT = 80

function describeHolder({ connectionId, account, seconds, statement }: LockHolder): string {
  const doing = statement === undefined ? 'idle' : `running ${shorten(statement)}`
  return `connection ${connectionId} (${account}), ${doing}, for ${formatDuration(seconds * 1000)}`
}

/** Without the values in it: they are other people's data. */
function shorten(text: string): string {
  const line = text
    .replace(/'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|\b\d+(?:\.\d+)?\b/g, '?')
    .replace(/\s+/g, ' ')
  return line.length <= LONGEST_STATEMENT ? line : `${line.slice(0, LONGEST_STATEMENT)}…`
}
