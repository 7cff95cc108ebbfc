import { type Column, findPrimaryKey } from '../../../../src/db/catalog.ts'
import type { TableName } from '../../../../src/db/statement.ts'
import { readTriggers, type Trigger } from '../../../../src/db/triggers.ts'
import type { PlanContext } from '../../../../src/run/context.ts'
import { type AgeRange, monthRange } from '../../cutoff.ts'
import { pagingKey } from '../../exchange/digest-rows.ts'
import { listMovedTables, type MovedTable } from '../../move/moved-table.ts'
import type { Month } from '../../partitions/months.ts'
import { type ArchivePair, listPairs } from '../../partitions/pairs.ts'
import type { Tables } from '../../tables.ts'
import { monthPartitions } from '../month-partitions.ts'

/** A live table, and where one month of its rows lies. */
export interface RestoredTable extends MovedTable {
  /** Of the live table. */
  readonly triggers: readonly Trigger[]
  readonly month: ArchivedMonth
}

export interface ArchivedMonth {
  readonly archive: TableName
  /** Of the archive table: what tells its rows apart, in the order they are read in. */
  readonly walk: readonly Column[]
  /** The index of that order; undefined where an operator made the table without. */
  readonly index: string | undefined
  readonly age: Column
  readonly range: AgeRange
  /** Named, since not every function that months are cut by lets the server find them by the age. */
  readonly partitions: readonly string[]
}

/** The live table first, every child behind the table it belongs to. */
export async function readRestoredTables(
  { read }: Pick<PlanContext, 'read'>,
  tables: Tables,
  month: Month,
): Promise<readonly RestoredTable[]> {
  const pairs = listPairs(tables)
  const restored: RestoredTable[] = []
  for (const [position, moved] of listMovedTables(tables).entries()) {
    const pair = pairs[position]
    if (pair === undefined) throw new TypeError(`${moved.name.table} is no table of the job`)
    const triggers = await read((session) => readTriggers(session, moved.name))
    restored.push({ ...moved, triggers, month: archivedMonth(moved, pair, { month, tables }) })
  }
  return restored
}

function archivedMonth(
  { key, archive }: MovedTable,
  pair: ArchivePair,
  { month, tables }: { readonly month: Month; readonly tables: Tables },
): ArchivedMonth {
  const { table } = pair.target
  const walk = table && pagingKey(table)
  return {
    archive: archive.name,
    walk: walk ?? [...new Set([...key, archive.age])],
    index: walk && table && findPrimaryKey(table)?.name,
    age: archive.age,
    range: monthRange(month, tables),
    partitions: monthPartitions(pair, tables.zone)
      .filter((partition) => partition.month === month)
      .map(({ name }) => name),
  }
}
