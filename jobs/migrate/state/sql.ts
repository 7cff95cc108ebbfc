import {
  type Fragment,
  id,
  type Statement,
  sql,
  statement,
  type TableName,
  tableId,
} from '../../../src/db/statement.ts'
import type { MigrationRequest, Phase } from './model.ts'

function states(controlSchema: string): Fragment {
  return tableId({ schema: controlSchema, table: 'rowkeeper_migrate' })
}

function isOf({ schema, table }: TableName): Fragment {
  return sql`${id('schema_name')} = ${schema} AND ${id('table_name')} = ${table}`
}

export function selectMigration(controlSchema: string, name: TableName): Statement {
  return statement(
    'migrate.select-state',
    sql`SELECT job, run_id, phase, definition, progress, request, started_at, updated_at FROM ${states(controlSchema)}
      WHERE ${isOf(name)}`,
  )
}

export interface NewMigration {
  readonly name: TableName
  readonly job: string
  readonly runId: string
  readonly phase: Phase
  readonly definition: string
  readonly progress: string
}

export function insertMigration(controlSchema: string, migration: NewMigration): Statement {
  const { name, job, runId, phase, definition, progress } = migration
  return statement(
    'migrate.insert-state',
    sql`INSERT INTO ${states(controlSchema)}
        (schema_name, table_name, job, run_id, phase, definition, progress, started_at, updated_at)
      VALUES (${name.schema}, ${name.table}, ${job}, ${runId}, ${phase}, ${definition}, ${progress},
        UTC_TIMESTAMP(3), UTC_TIMESTAMP(3))`,
  )
}

export function updateProgress(
  controlSchema: string,
  name: TableName,
  { phase, progress }: { readonly phase: Phase; readonly progress: string },
): Statement {
  return statement(
    'migrate.update-progress',
    sql`UPDATE ${states(controlSchema)} SET phase = ${phase}, progress = ${progress}, updated_at = UTC_TIMESTAMP(3)
      WHERE ${isOf(name)}`,
  )
}

export function updateDefinition(controlSchema: string, name: TableName, definition: string): Statement {
  return statement(
    'migrate.update-definition',
    sql`UPDATE ${states(controlSchema)} SET definition = ${definition}, updated_at = UTC_TIMESTAMP(3) WHERE ${isOf(name)}`,
  )
}

/** `null`: what was asked is done, or taken back. */
export function updateRequest(
  controlSchema: string,
  name: TableName,
  request: MigrationRequest | null,
): Statement {
  return statement(
    'migrate.update-request',
    sql`UPDATE ${states(controlSchema)} SET request = ${request}, updated_at = UTC_TIMESTAMP(3) WHERE ${isOf(name)}`,
  )
}

export function deleteMigration(controlSchema: string, name: TableName): Statement {
  return statement('migrate.delete-state', sql`DELETE FROM ${states(controlSchema)} WHERE ${isOf(name)}`)
}
