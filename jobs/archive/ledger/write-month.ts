import type { Transaction } from '../../../src/db/session.ts'
import type { Statement } from '../../../src/db/statement.ts'
import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import { changeMonth, type MonthChange, type MonthOf } from './sql.ts'

/** Changes what the ledger says of a month it knows. */
export function writeMonth(
  transaction: Transaction,
  of: MonthOf,
  { change, runId }: { readonly change: MonthChange; readonly runId: string },
): Promise<void> {
  return changeOne(transaction, of, changeMonth(of, change, runId))
}

/** @throws RowkeeperError `archive.monthUnknown` when the ledger has no such month; nothing is committed then */
export async function changeOne(
  transaction: Transaction,
  { archive, month }: MonthOf,
  statement: Statement,
): Promise<void> {
  const { affectedRows } = await transaction.change(statement)
  if (affectedRows === 1) return
  throw new RowkeeperError({
    code: 'archive.monthUnknown',
    message: `The ledger of months does not know ${month} of ${archive.schema}.${archive.table}, although it was just written there.`,
    hint: 'Somebody may have changed the table rowkeeper_month by hand. Look at it with: rowkeeper archive months',
    effect: 'partial',
    exitCode: exitCodes.failed,
  })
}
