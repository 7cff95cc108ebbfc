import {
  type Fragment,
  id,
  join,
  nothing,
  raw,
  type Statement,
  sql,
  statement,
  tableId,
} from '../../../../src/db/statement.ts'
import { after, type KeyValue, selectKey } from '../../../../src/engine/chunks/keyset.ts'
import type { BucketSize } from '../../buckets/sizes.ts'
import { sketchColumn } from '../../counters/sql.ts'
import type { CounterTable } from '../../tables.ts'

export interface Buckets {
  readonly size: BucketSize
  /** The first start. */
  readonly from: string
  /** Before this one. */
  readonly to: string
}

/** The groups that a measure was counted most for: `group_0` and on, `amount`. */
export function selectHighestSums(
  counters: CounterTable,
  { measure, rows, ...buckets }: Buckets & { readonly measure: string; readonly rows: number },
): Statement {
  const groups = counters.group.map(({ name }) => id(name))
  const columns = groups.map((name, position) => sql`${name} AS ${id(`group_${position}`)}`)
  return statement(
    'rollup.select-highest-sums',
    sql`SELECT ${join(columns)}, SUM(${id(measure)}) AS amount FROM ${tableId(counters.name)}
      WHERE ${inBuckets(counters, buckets)}
      GROUP BY ${join(groups)} ORDER BY amount DESC, ${join(groups)} LIMIT ${rows}`,
  )
}

/** Sketches, those of a group one after the other: `key_0` and on, `group_0` and on, `bucket_start`, `sketch`. */
export function selectSketchesInOrder(
  counters: CounterTable,
  {
    measure,
    rows,
    last,
    ...buckets
  }: Buckets & {
    readonly measure: string
    readonly rows: number
    /** The key and the start of the last one read. */
    readonly last: readonly KeyValue[] | undefined
  },
): Statement {
  const order = [...counters.group.map(({ name }) => id(name)), raw('bucket_start')]
  const columns = counters.group.flatMap(({ column, name }, position) => [
    selectKey({ ...column, name }, `key_${position}`),
    sql`${id(name)} AS ${id(`group_${position}`)}`,
  ])
  const behind = last === undefined ? nothing : sql` AND ${after(order, last)}`
  return statement(
    'rollup.select-sketches-in-order',
    sql`SELECT ${join(columns)}, bucket_start, ${id(sketchColumn(measure))} AS sketch
      FROM ${tableId(counters.name)} WHERE ${inBuckets(counters, buckets)}${behind}
      ORDER BY ${join(order)} LIMIT ${rows}`,
  )
}

function inBuckets({ hasSeries }: CounterTable, { size, from, to }: Buckets): Fragment {
  const people = hasSeries ? sql` AND series = 'people'` : nothing
  return sql`bucket_size = ${size} AND bucket_start >= ${from} AND bucket_start < ${to}${people}`
}
