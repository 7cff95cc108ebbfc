import type { TableName } from '../../../src/db/statement.ts'
import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import { plural } from '../../../src/lib/units.ts'

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
