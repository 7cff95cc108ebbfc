import { type Statement, sql, statement, type TableName } from '../../src/db/statement.ts'
import { controlTable } from '../../src/run/sql.ts'

/** Rollup jobs that count a table, and how far they are. */
export function selectCounting(schema: string, table: TableName): Statement {
  return statement(
    'archive.select-counting',
    sql`SELECT job, counted_until, strategy, updated_at FROM ${controlTable(schema, 'rollup')}
      WHERE source_schema = ${table.schema} AND source_table = ${table.table} ORDER BY job`,
  )
}

export function deleteCounting(schema: string, job: string, table: TableName): Statement {
  return statement(
    'archive.delete-counting',
    sql`DELETE FROM ${controlTable(schema, 'rollup')}
      WHERE job = ${job} AND source_schema = ${table.schema} AND source_table = ${table.table}`,
  )
}
