import {
  type Fragment,
  id,
  type Statement,
  sql,
  statement,
  type TableName,
  tableId,
} from '../../../src/db/statement.ts'
import { selectFolded } from '../buckets/bucket-sql.ts'
import { eventTimeSql } from '../buckets/event-time.ts'
import type { BucketSize } from '../buckets/sizes.ts'
import type { Shift } from '../buckets/wall-clock.ts'
import type { SourceTable } from '../tables.ts'

/** Some events of one table: the live one, or one that was put aside. */
export interface Stretch {
  readonly table: TableName
  readonly where: Fragment
}

function from(source: SourceTable, { table }: Stretch): Fragment {
  return sql`${tableId(table)} FORCE INDEX (${id(source.keyIndex)})`
}

/** The first and the last time of a stretch, as text before any zone. */
export function selectTimes(source: SourceTable, stretch: Stretch): Statement {
  const time = eventTimeSql(source.time)
  return statement(
    'rollup.select-times',
    sql`SELECT MIN(${time}) AS first, MAX(${time}) AS last FROM ${from(source, stretch)} WHERE ${stretch.where}`,
  )
}

/** A stretch folded into buckets of one size; `toFolded` reads the rows. */
export function selectFoldedEvents(
  source: SourceTable,
  stretch: Stretch,
  { shifts, size }: { readonly shifts: readonly Shift[]; readonly size: BucketSize },
): Statement {
  const folded = selectFolded(source, { from: from(source, stretch), where: stretch.where, shifts, size })
  return statement('rollup.select-folded', folded)
}
