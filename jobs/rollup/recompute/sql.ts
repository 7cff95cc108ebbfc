import {
  type Fragment,
  id,
  join,
  type Statement,
  sql,
  statement,
  tableId,
} from '../../../src/db/statement.ts'
import { type KeyValue, selectKey } from '../../../src/engine/chunks/keyset.ts'
import { controlTable } from '../../../src/run/sql.ts'
import { bucketStartSql, selectFolded } from '../buckets/bucket-sql.ts'
import { toTimeValue } from '../buckets/event-time.ts'
import type { BucketSize } from '../buckets/sizes.ts'
import type { Shift } from '../buckets/wall-clock.ts'
import { keyColumnNames } from '../counters/sql.ts'
import { isUsable } from '../events/usable-sql.ts'
import type { CounterTable, SourceTable } from '../tables.ts'

/** Whoever sets the counters of a bucket holds its row until the end of the transaction. */
export function claimBucket(
  schema: string,
  { job, start, runId }: { job: string; start: string; runId: string },
): Statement {
  return statement(
    'rollup.claim-bucket',
    sql`INSERT INTO ${controlTable(schema, 'bucket')} (job, bucket_start, events, run_id, updated_at)
      VALUES (${job}, ${start}, 0, ${runId}, UTC_TIMESTAMP(3))
      ON DUPLICATE KEY UPDATE run_id = ${runId}, updated_at = UTC_TIMESTAMP(3)`,
  )
}

export function noteEvents(
  schema: string,
  { job, start, events }: { job: string; start: string; events: number },
): Statement {
  return statement(
    'rollup.note-events',
    sql`UPDATE ${controlTable(schema, 'bucket')} SET events = ${events} WHERE job = ${job} AND bucket_start = ${start}`,
  )
}

/** The newest bucket that was ever set. */
export function selectLastBucket(schema: string, job: string): Statement {
  return statement(
    'rollup.select-last-bucket',
    sql`SELECT MAX(bucket_start) AS bucket_start FROM ${controlTable(schema, 'bucket')} WHERE job = ${job}`,
  )
}

/** The first time that can be one, along the index of the time. */
export function selectFirstTime(source: SourceTable): Statement {
  return statement(
    'rollup.select-first-time',
    sql`SELECT ${id(source.time.column.name)} AS first_time FROM ${tableId(source.table.name)}
      WHERE ${isUsable(source)} ORDER BY ${id(source.time.column.name)} LIMIT 1`,
  )
}

/** Texts of the column between which events lie; `shifts` say what the clock of the buckets showed. */
export interface TextRange {
  readonly from: string
  readonly to: string
  readonly shifts: readonly Shift[]
}

export interface BucketRange extends TextRange {
  readonly start: string
  readonly size: BucketSize
}

function inBucket(source: SourceTable, range: BucketRange): Fragment {
  const { shifts, start, size } = range
  if (shifts.length === 0) return inRange(source, range)
  return sql`${inRange(source, range)} AND ${bucketStartSql(source.time, shifts, size)} = ${start}`
}

/** Those that belong into buckets. */
export function inRange(source: SourceTable, { from, to }: TextRange): Fragment {
  const name = id(source.time.column.name)
  return sql`${name} >= ${toTimeValue(source.time, from)} AND ${name} < ${toTimeValue(source.time, to)} AND ${isUsable(source)}`
}

/** What a bucket must hold. */
export function selectTruth(source: SourceTable, range: BucketRange): Statement {
  const folded = selectFolded(source, {
    from: tableId(source.table.name),
    where: inBucket(source, range),
    shifts: range.shifts,
    size: range.size,
  })
  return statement('rollup.select-truth', folded)
}

/** About how many events lie in a stretch of time. */
export function explainEvents(source: SourceTable, from: string): Statement {
  const name = id(source.time.column.name)
  return statement(
    'rollup.explain-events',
    sql`EXPLAIN FORMAT=TRADITIONAL SELECT 1 FROM ${tableId(source.table.name)} WHERE ${name} >= ${toTimeValue(source.time, from)}`,
  )
}

/** What a bucket holds, locked: `group_0` and on, `measure_0` and on. */
export function selectStored(counters: CounterTable, size: BucketSize, start: string): Statement {
  const groups = counters.group.map(({ name, column }, position) =>
    selectKey({ ...column, name }, `group_${position}`),
  )
  const measures = counters.measures.map(
    ({ name }, position) => sql`${id(name)} AS ${id(`measure_${position}`)}`,
  )
  return statement(
    'rollup.select-stored',
    sql`SELECT ${join([...groups, ...measures])} FROM ${tableId(counters.name)}
      WHERE bucket_size = ${size} AND bucket_start = ${start}
      ORDER BY ${join(counters.group.map(({ name }) => id(name)))} FOR UPDATE`,
  )
}

export interface SetCounter {
  readonly key: readonly KeyValue[]
  readonly amounts: readonly KeyValue[]
}

/** Sets counters to what they must be: doing it twice changes nothing. */
export function setCounts(counters: CounterTable, all: readonly SetCounter[]): Statement {
  const names = counters.measures.map(({ name }) => name)
  return statement(
    'rollup.set-counts',
    sql`INSERT INTO ${tableId(counters.name)} (${join([...keyColumnNames(counters), ...names].map(id))})
      SELECT * FROM (${selectValues(counters, all)}) AS given
      ON DUPLICATE KEY UPDATE ${join(names.map((name) => sql`${id(name)} = given.${id(name)}`))}`,
  )
}

/** A derived table: both servers let its columns be named behind ON DUPLICATE KEY UPDATE. */
function selectValues(counters: CounterTable, all: readonly SetCounter[]): Fragment {
  const names = [...keyColumnNames(counters), ...counters.measures.map(({ name }) => name)]
  return join(
    all.map(({ key, amounts }) => {
      const values = [...key, ...amounts]
      return sql`SELECT ${join(names.map((name, position) => sql`${values[position] ?? 0} AS ${id(name)}`))}`
    }),
    ' UNION ALL ',
  )
}

/** A larger bucket is the sum of the smaller ones in it, for the keys that are there. */
export function resumBucket(
  counters: CounterTable,
  { size, smaller, start, end }: { size: BucketSize; smaller: BucketSize; start: string; end: string },
): Statement {
  const table = tableId(counters.name)
  const groups = join(counters.group.map(({ name }) => id(name)))
  const measures = counters.measures.map(({ name }) => name)
  return statement(
    'rollup.resum-bucket',
    sql`INSERT INTO ${table} (${join([...keyColumnNames(counters), ...measures].map(id))})
      SELECT * FROM (
        SELECT ${groups}, ${size} AS bucket_size, CAST(${start} AS DATETIME) AS bucket_start,
          ${join(measures.map((name) => sql`SUM(${id(name)}) AS ${id(name)}`))}
        FROM ${table} WHERE bucket_size = ${smaller} AND bucket_start >= ${start} AND bucket_start < ${end}
        GROUP BY ${groups}) AS summed
      ORDER BY ${groups}
      ON DUPLICATE KEY UPDATE ${join(measures.map((name) => sql`${id(name)} = summed.${id(name)}`))}`,
  )
}
