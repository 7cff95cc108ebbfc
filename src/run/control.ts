import type { ReadSession } from '../db/session.ts'
import { exitCodes, RowkeeperError } from '../lib/errors.ts'
import type { PlanContext } from './context.ts'
import { controlTableNames, selectAppliedMigrations, selectControlTables } from './sql.ts'

export interface ControlStatus {
  readonly schema: string
  readonly isInstalled: boolean
  readonly missingTables: readonly string[]
  readonly appliedMigrations: readonly string[]
}

export async function readControlStatus(session: ReadSession, schema: string): Promise<ControlStatus> {
  const rows = await session.rows(selectControlTables(schema))
  const present = new Set(rows.map((row) => String(row.table_name)))
  const missingTables = controlTableNames.filter((name) => !present.has(name))
  const isInstalled = missingTables.length === 0
  const applied = isInstalled ? await session.rows(selectAppliedMigrations(schema)) : []
  return { schema, isInstalled, missingTables, appliedMigrations: applied.map((row) => String(row.name)) }
}

/** Whatever writes needs them; said before anything else is checked, since it is the first thing to do. */
export function requireControl({ control }: Pick<PlanContext, 'control'>): PlanContext['control'] {
  if (!control.isInstalled) throw controlTablesMissing(control.schema)
  return control
}

export function controlTablesMissing(schema: string): RowkeeperError {
  return new RowkeeperError({
    code: 'state.missing',
    message: `rowkeeper's own tables are not in the schema ${schema}.`,
    hint: 'Make them once with: rowkeeper state install',
    exitCode: exitCodes.refused,
  })
}
