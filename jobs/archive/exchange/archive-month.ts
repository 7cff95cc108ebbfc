import type { Column } from '../../../src/db/catalog.ts'
import { readPartitions } from '../../../src/db/partitions.ts'
import type { ReadSession } from '../../../src/db/session.ts'
import type { TableName } from '../../../src/db/statement.ts'
import type { PlanDestination } from '../../../src/run/context.ts'
import { type AgeRange, monthRange } from '../cutoff.ts'
import { type LedgerMonth, readMonths } from '../ledger/months.ts'
import type { MonthOf } from '../ledger/sql.ts'
import type { Month } from '../partitions/months.ts'
import type { ArchivePair } from '../partitions/pairs.ts'
import { interpret, type MonthPartition } from '../partitions/partition-map.ts'
import { copiedColumns } from '../tables.ts'
import { pagingKey } from './digest-rows.ts'
import { heldTableName } from './held-table.ts'

/** One month of one archive table, and the table it is or was exchanged with. */
export interface ArchiveMonth {
  readonly pair: ArchivePair
  readonly of: MonthOf
  readonly archive: TableName
  readonly ledger: LedgerMonth | undefined
  /** The partition that holds exactly this month; undefined when there is none. */
  readonly partition: MonthPartition | undefined
  /** How many the table has: the last one is never dropped. */
  readonly partitionCount: number
  readonly held: TableName
  /** What digests are over. */
  readonly columns: readonly Column[]
  /** Undefined when rows cannot be read page by page. */
  readonly key: readonly Column[] | undefined
  readonly range: AgeRange
}

/** As the catalogue and the ledger have it now. */
export async function readArchiveMonth(
  { read, control }: Pick<PlanDestination, 'read' | 'control'>,
  pair: ArchivePair,
  { month, zone }: { readonly month: Month; readonly zone: string },
): Promise<ArchiveMonth> {
  const { live, target, age } = pair
  const { ledger, partitions } = await read(async (session) => ({
    ledger: await readMonths(session, control, target.name),
    partitions: await readMonthPartitions(session, pair, zone),
  }))
  return {
    pair,
    of: { schema: control.schema, archive: target.name, month },
    archive: target.name,
    ledger: ledger.get(month),
    partition: partitions.find((partition) => partition.covers === 'month' && partition.month === month),
    partitionCount: partitions.length,
    held: heldTableName(target.name, month),
    columns: copiedColumns(live),
    key: target.table && pagingKey(target.table),
    range: monthRange(month, { age, zone }),
  }
}

/** None for a table that is not there, or that is not cut by months. */
export async function readMonthPartitions(
  session: ReadSession,
  { target, age }: Pick<ArchivePair, 'target' | 'age'>,
  zone: string,
): Promise<readonly MonthPartition[]> {
  const map = await readPartitions(session, target.name)
  const table = map && interpret(map, age, zone)
  return table === undefined || 'problem' in table ? [] : table.partitions
}
