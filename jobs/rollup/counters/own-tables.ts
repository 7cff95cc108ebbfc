import { describeStatement, type Statement, type TableName } from '../../../src/db/statement.ts'
import { DefinitionUnknownError } from '../../../src/run/ddl-errors.ts'
import type { Step } from '../plan-model.ts'
import type { Scene } from '../scene.ts'
import { createSeen } from '../seen/sql.ts'
import type { Tables } from '../tables.ts'
import { createCounters } from './sql.ts'

type CreateStep = Extract<Step, { type: 'createTable' }>

/** Tables of rollup's own that are not there yet. */
export function planOwnTables(tables: Tables): readonly CreateStep[] {
  return listMissing(tables).map(({ table, statement }) => ({
    type: 'createTable',
    table,
    statement: describeStatement(statement),
  }))
}

interface MissingTable {
  readonly table: TableName
  readonly statement: Statement
}

function listMissing({ counters, seen }: Tables): readonly MissingTable[] {
  return [
    ...(counters.table === undefined ? [{ table: counters.name, statement: createCounters(counters) }] : []),
    ...(seen !== undefined && seen.table === undefined
      ? [{ table: seen.name, statement: createSeen(seen) }]
      : []),
  ]
}

/** The statement makes a table that is not there, and nothing else: another run may have made it meanwhile. */
export async function createOwnTable(
  { context, tables }: Pick<Scene, 'context' | 'tables'>,
  step: CreateStep,
): Promise<void> {
  const missing = listMissing(tables).find(({ table }) => table.table === step.table.table)
  if (missing === undefined) return
  const { schema, table } = step.table
  await context
    .define(`making ${schema}.${table}`, (session) => session.change(missing.statement))
    .catch((error) => {
      // Whether it is there the next step sees.
      if (!(error instanceof DefinitionUnknownError)) throw error
    })
  await context.reach('rollup.table-made')
}
