import type { Column, TableDefinition } from '../../src/db/catalog.ts'
import type { TableName } from '../../src/db/statement.ts'
import type { JobSettings } from '../../src/run/job.ts'
import type { MigrateConfig } from './config.ts'

export type Settings = JobSettings<MigrateConfig>

/** A column whose values are carried over: by its name, or by the new name it is given. */
export interface ColumnPair {
  readonly source: Column
  readonly target: Column
}

/**
 * From which table rows go to which. The way there and the way back are the same thing with the sides exchanged: copy,
 * catch-up, check and cut-over know nothing else.
 */
export interface Route {
  readonly source: TableDefinition
  /** The definition of the shadow, with all its indexes. */
  readonly target: TableDefinition
  readonly shadow: TableName
  /** What the source is called after the swap. */
  readonly retired: TableName
  readonly changelog: TableName
  readonly pairs: readonly ColumnPair[]
  readonly key: RouteKey
}

/** What tells one row from another on both sides: unique in both tables, without NULL. */
export interface RouteKey {
  readonly pairs: readonly ColumnPair[]
  readonly sourceIndex: string
  readonly targetIndex: string
}

export function targetTable({ schema, options }: Settings): TableName {
  return { schema, table: options.table }
}

export interface TableProblem {
  readonly id: string
  readonly evidence: string
  readonly fix: string
}

/** The text that says what is to be changed. */
export function changeOf({ options }: Settings): string {
  return (options.alter ?? options.definition ?? '').trim()
}
