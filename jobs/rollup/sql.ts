import { type Fragment, id, join, type Statement, sql, statement, tableId } from '../../src/db/statement.ts'
import { selectKey } from '../../src/engine/chunks/keyset.ts'
import { controlTable } from '../../src/run/sql.ts'
import { along } from './consume/sql.ts'
import { isUnusable } from './events/usable-sql.ts'
import type { SourceTable } from './tables.ts'

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
  const groups = source.group.map((_, position) => id(`group_${position}`))
  return statement(
    'rollup.select-top',
    sql`SELECT ${join(groups)}, COUNT(*) AS events FROM (
        SELECT ${join(source.group.map((column, position) => selectKey(column, `group_${position}`)))}
        FROM ${tableId(source.table.name)} LIMIT ${rows}) AS waiting
      GROUP BY ${join(groups)} ORDER BY events DESC, ${join(groups)} LIMIT ${top}`,
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
