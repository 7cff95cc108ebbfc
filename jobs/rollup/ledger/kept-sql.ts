import { id, join, type Statement, sql, statement, tableId, tuples } from '../../../src/db/statement.ts'
import { controlTable } from '../../../src/run/sql.ts'
import type { TotalTable } from '../tables.ts'

/** A size of bucket or a running total, and since when it is kept. */
export interface KeptThing {
  readonly kind: 'size' | 'total'
  readonly name: string
  /** DATETIME text in UTC; null for what holds every event that was ever counted. */
  readonly from: string | null
}

export function selectKept(schema: string, job: string): Statement {
  return statement(
    'rollup.select-kept',
    sql`SELECT counter_table, kind, name, kept_from FROM ${controlTable(schema, 'kept')} WHERE job = ${job}`,
  )
}

export function insertKept(
  schema: string,
  {
    job,
    counterTable,
    things,
  }: { readonly job: string; readonly counterTable: string; readonly things: readonly KeptThing[] },
): Statement {
  const rows = things.map(({ kind, name, from }) => [job, counterTable, kind, name, from])
  return statement(
    'rollup.insert-kept',
    sql`INSERT INTO ${controlTable(schema, 'kept')} (job, counter_table, kind, name, kept_from) VALUES ${tuples(rows)}`,
  )
}

export function deleteKept(
  schema: string,
  {
    job,
    counterTable,
    kind,
    name,
  }: { readonly job: string; readonly counterTable: string } & Pick<KeptThing, 'kind' | 'name'>,
): Statement {
  return statement(
    'rollup.delete-kept',
    sql`DELETE FROM ${controlTable(schema, 'kept')}
      WHERE job = ${job} AND counter_table = ${counterTable} AND kind = ${kind} AND name = ${name}`,
  )
}

/** Whether the job has ever counted an event. */
export function selectAnyCounted(schema: string, job: string): Statement {
  const any = (table: 'counted' | 'bucket') =>
    sql`EXISTS (SELECT 1 FROM ${controlTable(schema, table)} WHERE job = ${job})`
  return statement('rollup.select-any-counted', sql`SELECT ${any('counted')} OR ${any('bucket')} AS found`)
}

/** An object whose totals are something already; reads all of them when there is none. */
export function selectAnyTotal({ table, columns }: TotalTable): Statement {
  const isSomething = columns.map(({ column }) => sql`${id(column.name)} <> 0`)
  return statement(
    'rollup.select-any-total',
    sql`SELECT 1 AS found FROM ${tableId(table.name)} WHERE ${join(isSomething, ' OR ')} LIMIT 1`,
  )
}
