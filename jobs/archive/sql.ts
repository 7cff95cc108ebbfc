import type { Column } from '../../src/db/catalog.ts'
import {
  type Fragment,
  id,
  join,
  nothing,
  raw,
  type Statement,
  sql,
  statement,
  type TableName,
  tableId,
  type Value,
} from '../../src/db/statement.ts'
import { controlTable } from '../../src/run/sql.ts'
import type { AgeRange } from './cutoff.ts'
import type { SourceTable } from './tables.ts'

/** Statements of planning. Each room of the job has those it needs beside it. */

export function idOf(column: Pick<Column, 'name'>): Fragment {
  return id(column.name)
}

export function columnList(columns: readonly Pick<Column, 'name'>[]): Fragment {
  return join(columns.map(idOf))
}

/** The configured predicate, jailed: an OR in it must not reach beyond its parentheses. */
export function andWhere(where: string): Fragment {
  return where.trim() === '' ? nothing : sql` AND (${raw(where)})`
}

export function inRange(age: Pick<Column, 'name'>, { from, to }: AgeRange): Fragment {
  return sql`${idOf(age)} >= ${from} AND ${idOf(age)} < ${to}`
}

/** The server is told the index: a plan that changes with the statistics would change what a batch locks. */
export function fromAlong({ table, walk }: Pick<SourceTable, 'table' | 'walk'>): Fragment {
  return sql`${tableId(table.name)} FORCE INDEX (${id(walk.index)})`
}

/** The smallest age of a range. */
export function selectOldest(source: SourceTable, age: Column, range: AgeRange, where: string): Statement {
  return statement(
    'archive.select-oldest',
    sql`SELECT ${idOf(age)} AS oldest FROM ${fromAlong(source)}
      WHERE ${inRange(age, range)}${andWhere(where)} ORDER BY ${columnList(source.walk.columns)} LIMIT 1`,
  )
}

/** Counts up to `bound`, so that a table nobody ever cleaned up does not hold the plan up. */
export function countRange(
  source: SourceTable,
  age: Column,
  { range, where, bound }: { range: AgeRange; where: string; bound: number },
): Statement {
  return statement(
    'archive.count-range',
    sql`SELECT COUNT(*) AS row_count FROM (SELECT 1 FROM ${fromAlong(source)}
      WHERE ${inRange(age, range)}${andWhere(where)} LIMIT ${bound}) AS counted`,
  )
}

export function explainRange(source: SourceTable, age: Column, range: AgeRange): Statement {
  return statement(
    'archive.explain-range',
    sql`EXPLAIN SELECT 1 FROM ${fromAlong(source)} WHERE ${inRange(age, range)}`,
  )
}

/** Rows whose age is no point in time: `0000-00-00`, 0, or a year before 1000. */
export function countTimeless(source: SourceTable, age: Column, oldest: Value, bound: number): Statement {
  return statement(
    'archive.count-timeless',
    sql`SELECT COUNT(*) AS row_count FROM (SELECT 1 FROM ${fromAlong(source)}
      WHERE ${idOf(age)} < ${oldest} LIMIT ${bound}) AS counted`,
  )
}

export function countWithoutAge(table: TableName, age: Column, bound: number): Statement {
  return statement(
    'archive.count-without-age',
    sql`SELECT COUNT(*) AS row_count FROM (SELECT 1 FROM ${tableId(table)} WHERE ${idOf(age)} IS NULL LIMIT ${bound}) AS counted`,
  )
}

/** How fast earlier runs of the job were; each says it in its result document. */
export function selectMovedBefore(schema: string, { job, limit }: { job: string; limit: number }): Statement {
  return statement(
    'archive.select-moved-before',
    sql`SELECT result FROM ${controlTable(schema, 'run')}
      WHERE job = ${job} AND verb = 'run' AND result IS NOT NULL ORDER BY started_at DESC LIMIT ${limit}`,
  )
}
