import {
  type Fragment,
  id,
  join,
  nothing,
  type Statement,
  sql,
  statement,
  tableId,
} from '../../src/db/statement.ts'
import { controlTable } from '../../src/run/sql.ts'
import type { BucketSize } from './buckets/sizes.ts'
import { along } from './consume/sql.ts'
import { isUnusable } from './events/usable-sql.ts'
import type { CounterTable, SourceTable } from './tables.ts'

/** Statements of planning and of every strategy. Each room of the job has those it needs beside it. */

/** Counts up to `bound`, so that a table nobody ever counted does not hold the plan up. */
export function countEvents(source: SourceTable, bound: number): Statement {
  return statement(
    'rollup.count-events',
    sql`SELECT COUNT(*) AS events FROM (SELECT 1 FROM ${along(source)} LIMIT ${bound}) AS counted`,
  )
}

/** Events that no run will ever count, among the first `bound`: what is left after a run is little. */
export function countUnusable(source: SourceTable, bound: number): Statement {
  const columns = [source.time.column, ...source.group].map(({ name }) => id(name))
  return statement(
    'rollup.count-unusable',
    sql`SELECT COUNT(*) AS events FROM (SELECT ${join([...new Map(columns.map((name) => [name.chunks[0], name])).values()])}
      FROM ${along(source)} LIMIT ${bound}) AS waiting WHERE ${isUnusable(source)}`,
  )
}

/** The times of the first and the last event by key: near enough to the oldest and the newest, and found at once. */
export function selectEnds(source: SourceTable): Statement {
  const end = (direction: Fragment) =>
    sql`(SELECT ${id(source.time.column.name)} FROM ${along(source)}
      ORDER BY ${join(source.key.map(({ name }) => sql`${id(name)}${direction}`))} LIMIT 1)`
  return statement('rollup.select-ends', sql`SELECT ${end(sql``)} AS oldest, ${end(sql` DESC`)} AS newest`)
}

/** Of the first so many events, what is counted most. */
export function selectTop(source: SourceTable, { rows, top }: { rows: number; top: number }): Statement {
  const columns = source.group.map(({ name }, position) => sql`${id(name)} AS ${id(`group_${position}`)}`)
  const groups = join(source.group.map((_, position) => id(`group_${position}`)))
  return statement(
    'rollup.select-top',
    sql`SELECT ${groups}, COUNT(*) AS events FROM (
        SELECT ${join(columns)} FROM ${tableId(source.table.name)} LIMIT ${rows}) AS waiting
      GROUP BY ${groups} ORDER BY events DESC, ${groups} LIMIT ${top}`,
  )
}

/** Where the newest bucket of a size begins. */
export function selectNewestBucket({ name }: CounterTable, size: BucketSize): Statement {
  return statement(
    'rollup.select-newest-bucket',
    sql`SELECT MAX(bucket_start) AS bucket_start FROM ${tableId(name)} WHERE bucket_size = ${size}`,
  )
}

/** The highest counters of one bucket. */
export function selectHighest(
  counters: CounterTable,
  { size, start, top }: { size: BucketSize; start: string; top: number },
): Statement {
  const columns = counters.group.map(({ name }, position) => sql`${id(name)} AS ${id(`group_${position}`)}`)
  const [measure] = counters.measures
  if (measure === undefined) throw new TypeError('a counter table without measures')
  const people = counters.hasSeries ? sql` AND series = 'people'` : nothing
  return statement(
    'rollup.select-highest',
    sql`SELECT ${join(columns)}, ${id(measure.name)} AS amount FROM ${tableId(counters.name)}
      WHERE bucket_size = ${size} AND bucket_start = ${start}${people}
      ORDER BY amount DESC, ${join(counters.group.map(({ name }) => id(name)))} LIMIT ${top}`,
  )
}

/** How fast earlier runs of the job were; each says it in its result document. */
export function selectCountedBefore(
  schema: string,
  { job, limit }: { job: string; limit: number },
): Statement {
  return statement(
    'rollup.select-counted-before',
    sql`SELECT result FROM ${controlTable(schema, 'run')}
      WHERE job = ${job} AND verb = 'run' AND result IS NOT NULL ORDER BY started_at DESC LIMIT ${limit}`,
  )
}
