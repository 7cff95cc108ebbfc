import type { TableName } from '../../../src/db/statement.ts'
import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import { formatCount, plural } from '../../../src/lib/units.ts'
import type { SourceTable } from '../tables.ts'

export function eventsNotDeleted(
  { schema, table }: TableName,
  { counted, deleted }: { readonly counted: number; readonly deleted: number },
): RowkeeperError {
  return new RowkeeperError({
    code: 'rollup.eventsNotDeleted',
    message: `${plural(counted, 'event')} of ${schema}.${table} were locked and counted, but ${plural(deleted, 'row')} could be deleted; the batch was rolled back, so none of it is counted.`,
    hint: 'Something on the server keeps rows from being deleted: look for a trigger on the table, then run it again.',
    effect: 'none',
    exitCode: exitCodes.failed,
  })
}

/** Locked rows cannot change, so this is a mistake of the product or a server that does not lock. */
export function eventsDisagree(
  { table }: SourceTable,
  { locked, folded }: { readonly locked: number; readonly folded: number },
): RowkeeperError {
  return new RowkeeperError({
    code: 'rollup.eventsDisagree',
    message: `${plural(locked, 'event')} of ${table.name.schema}.${table.name.table} were locked, but the server folded ${formatCount(folded)}; the batch was rolled back, so none of it is counted.`,
    hint: 'Run it again. If it stays, please report it with the definition of the table.',
    effect: 'none',
    exitCode: exitCodes.bug,
  })
}
