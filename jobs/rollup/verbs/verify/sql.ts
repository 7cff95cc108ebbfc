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
import { type KeyValue, keyIn, selectKey } from '../../../../src/engine/chunks/keyset.ts'
import { controlTable } from '../../../../src/run/sql.ts'
import { truncateSql } from '../../buckets/bucket-sql.ts'
import type { BucketSize } from '../../buckets/sizes.ts'
import { keyColumnNames } from '../../counters/sql.ts'
import type { CounterTable } from '../../tables.ts'
import type { AdditiveMeasure } from './additive.ts'
import type { Sample } from './sample.ts'
import type { Window } from './windows.ts'

/** The months that the ledger or the counters know, `2026-03-01`. */
export function selectMonths(schema: string, job: string, { name }: CounterTable): Statement {
  return statement(
    'rollup.select-months',
    sql`SELECT DISTINCT DATE_FORMAT(day, '%Y-%m-01') AS month FROM ${controlTable(schema, 'counted')}
        WHERE job = ${job}
      UNION SELECT DISTINCT DATE_FORMAT(bucket_start, '%Y-%m-01') FROM ${tableId(name)}`,
  )
}

/** By day, or by month where nothing smaller is counted: `day`, and `amount_0` and on. */
export function sumLedger(
  schema: string,
  { job, window, measures, size, sample }: DaysAsked & { readonly job: string },
): Statement {
  const amounts = measures.map(
    ({ name, scale }, position) =>
      sql`COALESCE(SUM(CAST(JSON_UNQUOTE(JSON_EXTRACT(amounts, ${`$.${JSON.stringify(name)}`}))
        AS DECIMAL(65,${raw(String(scale))}))), 0) AS ${id(`amount_${position}`)}`,
  )
  const day = periodOf(raw('day'), size)
  return statement(
    'rollup.sum-ledger',
    sql`SELECT ${day} AS period, ${join(amounts)} FROM ${controlTable(schema, 'counted')}
      WHERE job = ${job} AND day >= ${window.from} AND day < ${window.to}${sampled(sample, [day])}
      GROUP BY period`,
  )
}

export interface DaysAsked {
  readonly window: Window
  readonly measures: readonly AdditiveMeasure[]
  readonly size: BucketSize
  readonly sample: Sample
}

/** The same of the counters of one size. */
export function sumCounters(
  { name }: CounterTable,
  { window, measures, size, sample }: DaysAsked,
): Statement {
  const amounts = measures.map(
    (measure, position) => sql`SUM(${id(measure.name)}) AS ${id(`amount_${position}`)}`,
  )
  const day = periodOf(raw('bucket_start'), size)
  return statement(
    'rollup.sum-counters',
    sql`SELECT ${day} AS period, ${join(amounts)} FROM ${tableId(name)}
      WHERE bucket_size = ${size} AND ${within(window)}${sampled(sample, [day])} GROUP BY period`,
  )
}

export function periodOf(day: Fragment, size: BucketSize): Fragment {
  return sql`DATE_FORMAT(${day}, ${size === 'month' ? '%Y-%m-01' : '%Y-%m-%d'})`
}

/**
 * Counters of a larger size that differ from the sums of the smallest: `group_0` and on, `series`, `bucket_start`, and
 * `missing_0` and on, what is to be added to make them right.
 */
export function selectUnequal(
  counters: CounterTable,
  { window, measures, smallest, larger, sample, rows }: Unequal,
): Statement {
  const start = truncateSql(raw('bucket_start'), larger)
  const keys = [...counters.group.map(({ name }) => id(name)), ...(counters.hasSeries ? [id('series')] : [])]
  const groups = counters.group.map(({ column, name }, position) =>
    selectKey({ ...column, name }, `group_${position}`),
  )
  const missing = measures.map((_, position) => id(`missing_${position}`))
  const sums = measures.map(
    ({ name }, position) =>
      sql`SUM(CASE WHEN bucket_size = ${smallest} THEN ${id(name)} ELSE 0 END) -
        SUM(CASE WHEN bucket_size = ${larger} THEN ${id(name)} ELSE 0 END) AS ${id(`missing_${position}`)}`,
  )
  return statement(
    'rollup.select-unequal',
    sql`SELECT ${join([...groups, counters.hasSeries ? id('series') : sql`'people' AS series`])},
        ${start} AS truncated_start, ${join(sums)}
      FROM ${tableId(counters.name)}
      WHERE bucket_size IN (${smallest}, ${larger}) AND ${within(window)}${sampled(sample, groupColumns(counters))}
      GROUP BY ${join([...keys, raw('truncated_start')])}
      HAVING ${join(
        missing.map((name) => sql`${name} <> 0`),
        ' OR ',
      )}
      ORDER BY ${join([...keys, raw('truncated_start')])} LIMIT ${rows}`,
  )
}

export interface Unequal {
  readonly window: Window
  readonly measures: readonly AdditiveMeasure[]
  readonly smallest: BucketSize
  readonly larger: BucketSize
  readonly sample: Sample
  readonly rows: number
}

function within({ from, to }: Window): Fragment {
  return sql`bucket_start >= ${from} AND bucket_start < ${to}`
}

function groupColumns({ group }: CounterTable): readonly Fragment[] {
  return group.map(({ name }) => id(name))
}

/** Of a million parts, those that the share is. Other ones are taken with every salt. */
export function sampled({ share, salt }: Sample, of: readonly Fragment[]): Fragment {
  if (share === 1) return nothing
  const values = join(of.map((column) => sql`HEX(${column})`))
  return sql` AND CRC32(CONCAT_WS('/', ${salt}, ${values})) % 1000000 < ${Math.ceil(share * 1_000_000)}`
}

/**
 * Adds to one counter that is there. For what is to be taken away: an upsert would first have to hold a negative number in
 * a column without a sign.
 */
export function changeCounter(
  counters: CounterTable,
  columns: readonly string[],
  { key, amounts }: { readonly key: readonly KeyValue[]; readonly amounts: readonly KeyValue[] },
): Statement {
  const changes = columns.map((name, position) => sql`${id(name)} = ${id(name)} + ${amounts[position] ?? 0}`)
  return statement(
    'rollup.change-counter',
    sql`UPDATE ${tableId(counters.name)} SET ${join(changes)} WHERE ${keyIn(keyColumnNames(counters), [key])}`,
  )
}

/** How the job's events were last counted, and up to when for good. */
export function selectRegistered(schema: string, job: string): Statement {
  return statement(
    'rollup.select-registered',
    sql`SELECT strategy, counted_until FROM ${controlTable(schema, 'rollup')} WHERE job = ${job}`,
  )
}
