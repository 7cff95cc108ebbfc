import type { Transaction } from '../../../../src/db/session.ts'
import type { ExecuteContext } from '../../../../src/run/context.ts'
import { keysOf } from '../../move/locked-rows.ts'
import type { Key } from '../../move/sql.ts'
import type { Month } from '../../partitions/months.ts'
import type { Tables } from '../../tables.ts'
import { type Family, readFamily } from './archived-rows.ts'
import type { RestoreTally } from './restore-tally.ts'
import type { RestoredTable } from './restored-table.ts'
import type { Selection } from './sql.ts'

export interface RestoreScene {
  readonly context: ExecuteContext
  readonly month: Month
  readonly tables: readonly RestoredTable[]
  /** Those of the job, as they were read. */
  readonly jobTables: Tables
  readonly tally: RestoreTally
}

export type BatchEnd =
  /** The rows have more children than a transaction should hold. */
  | { readonly type: 'tooMany' }
  | {
      readonly type: 'restored'
      /** Of the archive table. */
      readonly rows: number
      readonly children: number
      /** Rows of all tables that were in the live tables already. */
      readonly present: number
      /** Where the batch ended. */
      readonly last: Key | undefined
    }

/** In the archive's transaction. */
export async function lockFamily(
  there: Transaction,
  { context, tables }: Pick<RestoreScene, 'context' | 'tables'>,
  selection: Selection,
): Promise<Family | 'tooMany'> {
  const family = await readFamily(there, tables, selection, 'locked')
  await context.reach('archive.restore-locked')
  return family
}

export function endOf({ tables }: RestoreScene, family: Family, present: number): BatchEnd {
  const [roots, ...children] = family
  const walk = tables[0]?.month.walk ?? []
  return {
    type: 'restored',
    rows: roots?.rows.length ?? 0,
    children: children.reduce((sum, { rows }) => sum + rows.length, 0),
    present,
    last: roots && keysOf(roots, walk).at(-1),
  }
}
