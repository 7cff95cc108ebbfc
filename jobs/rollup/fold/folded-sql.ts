import {
  type Fragment,
  id,
  join,
  raw,
  type Statement,
  sql,
  statement,
  type TableName,
  tableId,
} from '../../../src/db/statement.ts'
import { selectKey } from '../../../src/engine/chunks/keyset.ts'
import { bucketStartSql, truncateSql } from '../buckets/bucket-sql.ts'
import { eventTimeSql } from '../buckets/event-time.ts'
import type { BucketSize } from '../buckets/sizes.ts'
import type { Shift } from '../buckets/wall-clock.ts'
import { keyColumnNames } from '../counters/sql.ts'
import type { CounterTable, SourceTable } from '../tables.ts'

/** Some events of one table: the live one, or one that was put aside. */
export interface Stretch {
  readonly table: TableName
  readonly where: Fragment
}

function from(source: SourceTable, { table, where }: Stretch): Fragment {
  return sql`FROM ${tableId(table)} FORCE INDEX (${id(source.keyIndex)}) WHERE ${where}`
}

/** The first and the last time of a stretch, as text before any zone. */
export function selectTimes(source: SourceTable, stretch: Stretch): Statement {
  const time = eventTimeSql(source.time)
  return statement(
    'rollup.select-times',
    sql`SELECT MIN(${time}) AS first_time, MAX(${time}) AS last_time ${from(source, stretch)}`,
  )
}

/** What a stretch comes to, day by day: `day`, `events`, `sum_0` and on. */
export function selectDays(
  source: SourceTable,
  stretch: Stretch,
  shifts: readonly Shift[],
  size: BucketSize,
): Statement {
  // A day of a job that keeps nothing smaller than months is the first of its month.
  const day = sql`CAST(${bucketStartSql(source.time, shifts, size === 'month' ? 'month' : 'day')} AS DATE)`
  return statement(
    'rollup.select-days',
    sql`SELECT ${day} AS folded_day, COUNT(*) AS events${sumColumns(source)}
      ${from(source, stretch)} GROUP BY folded_day`,
  )
}

function sumColumns({ sums }: SourceTable): Fragment {
  return join(
    sums.map((column, position) => sql`, SUM(${id(column.name)}) AS ${id(`sum_${position}`)}`),
    '',
  )
}

/** What each object of a stretch was counted for: `object`, `events`, `sum_0` and on. */
export function selectObjectSums(source: SourceTable, stretch: Stretch, position: number): Statement {
  const column = source.group[position]
  if (column === undefined) throw new TypeError('the total belongs to no column of the group')
  return statement(
    'rollup.select-object-sums',
    sql`SELECT ${selectKey(column, 'object')}, COUNT(*) AS events${sumColumns(source)}
      ${from(source, stretch)} GROUP BY ${id(column.name)}`,
  )
}

/**
 * Adds a stretch to its counters without a row leaving the server. The smallest buckets are folded from the events, the
 * larger ones from them, and all are put down in one order, which every writer of counters keeps.
 */
export function addFolded(
  source: SourceTable,
  counters: CounterTable,
  { stretch, shifts }: { readonly stretch: Stretch; readonly shifts: readonly Shift[] },
): Statement {
  const table = tableId(counters.name)
  const groups = source.group.map((_, position) => id(`folded_${position}`))
  const measures = measureSources(counters)
  const series = counters.hasSeries ? [sql`'people'`] : []
  const order = join([...groups, raw('folded_size'), raw('folded_start')])
  const names = [...keyColumnNames(counters), ...measures.map(({ name }) => name)]
  return statement(
    'rollup.add-folded',
    sql`INSERT INTO ${table} (${join(names.map(id))})
      SELECT ${join([...groups, ...series, raw('folded_size'), raw('folded_start'), ...measures.map(({ from: column }) => id(column))])}
      FROM (${selectSizes(source, counters, { stretch, shifts })}) AS added
      ORDER BY ${order}
      ON DUPLICATE KEY UPDATE ${join(
        measures.map(
          ({ name, from: column }) => sql`${id(name)} = ${table}.${id(name)} + added.${id(column)}`,
        ),
      )}`,
  )
}

/** Which folded column each measure is added from. */
function measureSources({
  measures,
}: CounterTable): readonly { readonly name: string; readonly from: string }[] {
  let sums = 0
  return measures.map(({ name, type }) => ({ name, from: type === 'count' ? 'events' : `sum_${sums++}` }))
}

function selectSizes(
  source: SourceTable,
  { sizes }: CounterTable,
  { stretch, shifts }: { readonly stretch: Stretch; readonly shifts: readonly Shift[] },
): Fragment {
  const groups = source.group.map((column, position) => ({
    column: id(column.name),
    alias: id(`folded_${position}`),
  }))
  const aliases = join(groups.map(({ alias }) => alias))
  const [smallest, ...larger] = sizes
  const start = bucketStartSql(source.time, shifts, smallest)
  const sums = source.sums.map((_, position) => id(`sum_${position}`))
  const ofSmallest = sql`SELECT ${join(groups.map(({ column, alias }) => sql`${column} AS ${alias}`))},
      ${start} AS folded_start, COUNT(*) AS events${sumColumns(source)}
      ${from(source, stretch)} GROUP BY ${aliases}, folded_start`
  const ofLarger = larger.map(
    (
      size,
    ) => sql` UNION ALL SELECT ${aliases}, ${size}, ${truncateSql(raw('folded_start'), size)} AS larger_start,
      ${join([raw('events'), ...sums].map((column) => sql`SUM(${column})`))}
      FROM smallest GROUP BY ${aliases}, larger_start`,
  )
  return sql`WITH smallest AS (${ofSmallest})
      SELECT ${aliases}, ${smallest} AS folded_size, folded_start, ${join([raw('events'), ...sums])} FROM smallest${join(ofLarger, '')}`
}
