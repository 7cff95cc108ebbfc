import { toControlTime } from '../../../src/db/date-time.ts'
import type { TableName } from '../../../src/db/statement.ts'
import type { ExecuteContext } from '../../../src/run/context.ts'
import type { Step } from '../plan-model.ts'
import type { ChildTables, Tables } from '../tables.ts'
import { type ArchivedTable, putArchived } from './archived-sql.ts'

/**
 * Puts down, before the first row leaves, up to which age rows of these tables may be gone from now on: whoever counts
 * them anew must not take what is left for everything.
 *
 * @param cutoff ISO text in UTC
 */
export async function noteArchived(context: ExecuteContext, tables: Tables, cutoff: string): Promise<void> {
  const { transact, control, job } = context
  const before = toControlTime(cutoff)
  await transact('note what is moved', async (transaction) => {
    for (const { name, ageColumn } of listMoved(tables))
      await transaction.change(putArchived(control.schema, { job, name, ageColumn, before }))
  })
}

/** Steps that take rows out of the live table. */
export function takesRows({ type }: Step): boolean {
  return type === 'moveMonth' || type === 'exchangeMonth'
}

function listMoved({ source, age, children }: Tables): readonly Pick<ArchivedTable, 'name' | 'ageColumn'>[] {
  const own = { name: source.table.name, ageColumn: age.column.name }
  return [own, ...namesBelow(children).map((name) => ({ name, ageColumn: null }))]
}

function namesBelow(children: readonly ChildTables[]): readonly TableName[] {
  return children.flatMap((child) => [child.table.name, ...namesBelow(child.children)])
}
