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
} from '../../../../src/db/statement.ts'
import { bucketStartSql, selectFolded } from '../../buckets/bucket-sql.ts'
import type { BucketSize } from '../../buckets/sizes.ts'
import { keyColumnNames } from '../../counters/sql.ts'
import { rangeBetween } from '../../recompute/bucket-range.ts'
import { inRange } from '../../recompute/sql.ts'
import type { CounterTable, SourceTable } from '../../tables.ts'
import type { Span } from './asked.ts'

/** Statements that fill the shadow, and leave in it what has to change. */

/** What the smallest buckets of a stretch must hold, in columns of the counters' names, but for `bucket_size`. */
export function selectCounted(source: SourceTable, counters: CounterTable, stretch: Span): Fragment {
  const range = rangeBetween(source, counters, stretch)
  const [size] = counters.sizes
  const start = bucketStartSql(source.time, range.shifts, size)
  const folded = selectFolded(source, {
    from: tableId(source.table.name),
    where: sql`${inRange(source, range)} AND ${start} >= ${stretch.from} AND ${start} < ${stretch.to}`,
    shifts: range.shifts,
    size,
  })
  const groups = counters.group.map(({ name }, position) => sql`${id(`group_${position}`)} AS ${id(name)}`)
  let sums = 0
  const measures = counters.measures.map(({ name, type }) => {
    const amount = type === 'count' ? raw('events') : sql`COALESCE(${id(`sum_${sums++}`)}, 0)`
    return sql`${amount} AS ${id(name)}`
  })
  return sql`SELECT ${join([...groups, raw('bucket_start'), ...measures])} FROM (${folded}) AS folded`
}

/** The smallest buckets, from the rows of events. */
export function fillSmallest(
  shadow: TableName,
  source: SourceTable,
  counters: CounterTable,
  stretch: Span,
): Statement {
  const names = [...groupNames(counters), 'bucket_start', ...measureNames(counters)].map(id)
  return statement(
    'rollup.fill-smallest',
    sql`INSERT INTO ${tableId(shadow)} (bucket_size, ${join(names)})
      SELECT ${counters.sizes[0]}, ${join(names)} FROM (${selectCounted(source, counters, stretch)}) AS counted`,
  )
}

export interface LargerBucket {
  readonly size: BucketSize
  /** The next smaller size, which the bucket is summed from. */
  readonly smaller: BucketSize
  readonly bucket: Span
  /** What is counted anew. */
  readonly asked: Span
}

/** One larger bucket: the smaller ones inside it from the shadow where they are counted anew, else as they are. */
export function fillLarger(
  shadow: TableName,
  counters: CounterTable,
  { size, smaller, bucket, asked }: LargerBucket,
): Statement {
  const groups = groupNames(counters).map(id)
  const measures = measureNames(counters).map(id)
  const part = (table: TableName, where: Fragment) =>
    sql`SELECT ${join([...groups, ...measures])} FROM ${tableId(table)}
      WHERE ${ofSize(smaller, bucket)} AND ${where}`
  const isAsked = sql`(bucket_start >= ${asked.from} AND bucket_start < ${asked.to})`
  return statement(
    'rollup.fill-larger',
    sql`INSERT INTO ${tableId(shadow)} (bucket_size, bucket_start, ${join([...groups, ...measures])})
      SELECT ${size}, ${bucket.from}, ${join([...groups, ...measures.map((name) => sql`SUM(${name})`)])}
      FROM (${part(shadow, isAsked)} UNION ALL ${part(counters.name, sql`NOT ${isAsked}`)}) AS parts
      GROUP BY ${join(groups)} ORDER BY ${join(groups)}`,
  )
}

/** Counters of which nothing is left to count must be 0, as runs set them. */
export function addVanished(
  shadow: TableName,
  counters: CounterTable,
  size: BucketSize,
  stretch: Span,
): Statement {
  const key = keyColumnNames(counters).map(id)
  const measures = measureNames(counters).map(id)
  return statement(
    'rollup.add-vanished',
    sql`INSERT INTO ${tableId(shadow)} (${join([...key, ...measures])})
      SELECT ${join([...key, ...measures.map(() => raw('0'))])} FROM ${tableId(counters.name)} AS counters
      WHERE ${ofSize(size, stretch)} AND (${isSomething(counters)})
        AND NOT EXISTS (SELECT 1 FROM ${tableId(shadow)} AS shadow WHERE ${isSameKey(counters)})`,
  )
}

/** What is right already need not change. */
export function removeEqual(
  shadow: TableName,
  counters: CounterTable,
  size: BucketSize,
  stretch: Span,
): Statement {
  const equal = measureNames(counters).map((name) => sql`shadow.${id(name)} = counters.${id(name)}`)
  return statement(
    'rollup.remove-equal',
    sql`DELETE shadow FROM ${tableId(shadow)} AS shadow JOIN ${tableId(counters.name)} AS counters
        ON ${isSameKey(counters)}
      WHERE shadow.bucket_size = ${size} AND shadow.bucket_start >= ${stretch.from}
        AND shadow.bucket_start < ${stretch.to} AND ${join(equal, ' AND ')}`,
  )
}

export function groupNames({ group }: CounterTable): readonly string[] {
  return group.map(({ name }) => name)
}

export function measureNames({ measures }: CounterTable): readonly string[] {
  return measures.map(({ name }) => name)
}

export function ofSize(size: BucketSize, { from, to }: Span): Fragment {
  return sql`bucket_size = ${size} AND bucket_start >= ${from} AND bucket_start < ${to}`
}

/** A measure that is not 0. */
export function isSomething(counters: CounterTable): Fragment {
  return join(
    measureNames(counters).map((name) => sql`${id(name)} <> 0`),
    ' OR ',
  )
}

/** Of the tables called `shadow` and `counters` in a statement. */
export function isSameKey(counters: CounterTable): Fragment {
  return join(
    keyColumnNames(counters).map((name) => sql`shadow.${id(name)} = counters.${id(name)}`),
    ' AND ',
  )
}
