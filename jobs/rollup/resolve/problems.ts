import { findNearest } from '../../../src/config/suggest.ts'
import { type Column, findColumn, type TableDefinition } from '../../../src/db/catalog.ts'
import { describeGrant } from '../../../src/db/privileges.ts'
import type { ReadSession } from '../../../src/db/session.ts'
import type { TableProblem } from '../tables.ts'

export type Found<T> = { readonly value: T } | { readonly problems: readonly TableProblem[] }

export function isProblem<T>(found: Found<T>): found is { readonly problems: readonly TableProblem[] } {
  return 'problems' in found
}

export function columnOf(table: TableDefinition, name: string): Column {
  const column = findColumn(table, name)
  if (column === undefined) throw new TypeError(`column ${name} was there a moment ago`)
  return column
}

export function noTable(name: string): TableProblem {
  return {
    id: 'rollup.tableMissing',
    evidence: `There is no table ${name}, or the account may not see it.`,
    fix: 'Correct the job in the configuration, then run: rowkeeper config check',
  }
}

/** Who may do something else with a table, DELETE for one, sees that it is there and none of its columns. */
export async function unreadable(session: ReadSession, { name }: TableDefinition): Promise<TableProblem> {
  return {
    id: 'rollup.privileges',
    evidence: `The account may not SELECT on ${name.schema}.${name.table}.`,
    fix: await describeGrant(session, name, ['SELECT']),
  }
}

export function noColumns(table: TableDefinition, missing: readonly string[], job: string): TableProblem {
  const names = table.columns.map((column) => column.name)
  const nearest = missing.map((name) => findNearest(name, names)).filter((name) => name !== undefined)
  const meant = nearest.length === 0 ? '' : ` Did you mean ${nearest.join(', ')}?`
  return {
    id: 'rollup.columnMissing',
    evidence: `${table.name.schema}.${table.name.table} has no column ${missing.join(', ')}.${meant} It has: ${names.join(', ')}.`,
    fix: `Correct jobs.${job} in the configuration, then run: rowkeeper config check`,
  }
}
