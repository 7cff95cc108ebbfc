import { DatabaseError } from '../../../../src/db/errors.ts'
import type { TableName } from '../../../../src/db/statement.ts'
import { exitCodes, RowkeeperError } from '../../../../src/lib/errors.ts'
import { DefinitionUnknownError } from '../../../../src/run/ddl-errors.ts'

/** `ALGORITHM=INPLACE is not supported`, `LOCK=NONE is not supported`, with the reason. */
const NOT_ONLINE: readonly number[] = [1845, 1846]
const LOG_TOO_SMALL = 1799

/** What the server says, with what to do about it. Whatever happened, no row was changed. */
export function explainRefusal({ table }: TableName, error: unknown): unknown {
  if (error instanceof DefinitionUnknownError) return connectionLost(table, error)
  if (!(error instanceof DatabaseError) || error.number === undefined) return error
  if (NOT_ONLINE.includes(error.number)) return notOnline(table, error)
  return error.number === LOG_TOO_SMALL ? logTooSmall(table, error) : error
}

function notOnline(table: string, cause: DatabaseError): RowkeeperError {
  return new RowkeeperError({
    code: 'archive.rebuildNotOnline',
    message: `${table} cannot be rebuilt while it is written to. ${cause.message}`,
    hint: `In a time without writers: OPTIMIZE TABLE ${table}`,
    exitCode: exitCodes.refused,
    cause,
  })
}

function logTooSmall(table: string, cause: DatabaseError): RowkeeperError {
  return new RowkeeperError({
    code: 'archive.rebuildOvertaken',
    message: `While ${table} was rebuilt, more was written to it than the server could remember meanwhile. The table is as it was.`,
    hint: 'Raise innodb_online_alter_log_max_size, or choose a quieter time, and run it again.',
    retryable: true,
    exitCode: exitCodes.failed,
    cause,
  })
}

/** Either the table is rebuilt or it is as it was; both are right. */
function connectionLost(table: string, cause: DefinitionUnknownError): RowkeeperError {
  return new RowkeeperError({
    code: 'archive.rebuildLost',
    message: `The connection was lost while ${table} was rebuilt. Either that is done, or the table is as it was; no row is changed in either case.`,
    hint: 'Run it again: it looks at the size of the table first.',
    retryable: true,
    exitCode: exitCodes.failed,
    cause,
  })
}
