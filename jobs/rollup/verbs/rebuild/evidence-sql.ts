import { type Statement, sql, statement, type TableName, tableId } from '../../../../src/db/statement.ts'
import { controlTable } from '../../../../src/run/sql.ts'
import type { CounterTable } from '../../tables.ts'
import type { Span } from './asked.ts'
import { isSomething } from './fill-sql.ts'

/** Statements that find out whether every event is still there. */

/** Archive jobs that have moved rows of a table: `job`, `age_column` and `moved_before`. */
export function selectArchived(schema: string, { schema: tableSchema, table }: TableName): Statement {
  return statement(
    'rollup.select-archived',
    sql`SELECT job, age_column, moved_before FROM ${controlTable(schema, 'archived')}
      WHERE source_schema = ${tableSchema} AND source_table = ${table} ORDER BY job`,
  )
}

/** Months, `2026-03`, that were taken out of a table which is an archive itself. */
export function selectRotated(schema: string, { schema: tableSchema, table }: TableName): Statement {
  return statement(
    'rollup.select-rotated',
    sql`SELECT month FROM ${controlTable(schema, 'month')}
      WHERE archive_schema = ${tableSchema} AND archive_table = ${table}
        AND state IN ('rotating', 'held', 'dropped') ORDER BY month`,
  )
}

/** A counter of the smallest size that is not 0 and lies before a moment; before none: any. */
export function selectSomethingBefore(counters: CounterTable, moment: string | undefined): Statement {
  const isBefore = moment === undefined ? sql`TRUE` : sql`bucket_start < ${moment}`
  return statement(
    'rollup.select-something-before',
    sql`SELECT 1 AS found FROM ${tableId(counters.name)}
      WHERE bucket_size = ${counters.sizes[0]} AND ${isBefore} AND (${isSomething(counters)}) LIMIT 1`,
  )
}

/** What the ledger says was added on these days: `origin`. */
export function selectAdded(schema: string, { job, from, to }: Span & { readonly job: string }): Statement {
  return statement(
    'rollup.select-added',
    sql`SELECT DISTINCT origin FROM ${controlTable(schema, 'counted')}
      WHERE job = ${job} AND day >= ${from.slice(0, 10)} AND day < ${to} AND events <> 0 ORDER BY origin`,
  )
}
