import type { Config } from '../config/schema.ts'
import type { Database } from '../db/database.ts'
import type { ReadSession } from '../db/session.ts'
import { exitCodes, RowkeeperError } from '../lib/errors.ts'
import type { Control, PlanContext } from './context.ts'
import { controlSchemaOf, notConfigured } from './settings.ts'
import { controlTableNames, migrationTable, selectAppliedMigrations, selectControlTables } from './sql.ts'

export interface ControlStatus {
  readonly schema: string
  readonly isInstalled: boolean
  readonly missingTables: readonly string[]
  /** In order; empty before the first. */
  readonly appliedMigrations: readonly string[]
}

export async function readControlStatus(session: ReadSession, schema: string): Promise<ControlStatus> {
  const rows = await session.rows(selectControlTables(schema))
  const present = new Set(rows.map((row) => String(row.table_name)))
  const missingTables = controlTableNames.filter((name) => !present.has(name))
  const applied = present.has(migrationTable) ? await session.rows(selectAppliedMigrations(schema)) : []
  return {
    schema,
    isInstalled: missingTables.length === 0,
    missingTables,
    appliedMigrations: applied.map((row) => String(row.name)),
  }
}

/** What a run knows of the control tables of one database of its configuration. */
export async function readControl(
  { read }: Pick<Database, 'read'>,
  { databases }: Pick<Config, 'databases'>,
  name: string,
): Promise<Control> {
  const config = databases[name]
  if (config === undefined) throw notConfigured('database', name)
  const { schema, isInstalled, missingTables } = await read((session) =>
    readControlStatus(session, controlSchemaOf(config)),
  )
  return { schema, isInstalled, missingTables, installCommand: installCommand(databases, name) }
}

/** Names the database where there is a choice. */
export function installCommand(databases: Config['databases'], name: string): string {
  return `rowkeeper state install${Object.keys(databases).length > 1 ? ` --database ${name}` : ''}`
}

/** Whatever writes needs them; said before anything else is checked, since it is the first thing to do. */
export function requireControl({ control }: Pick<PlanContext, 'control'>): Control {
  if (!control.isInstalled) throw controlTablesMissing(control, control.installCommand)
  return control
}

/** Of both databases of a run. */
export function requireEveryControl(context: Pick<PlanContext, 'control' | 'destination'>): void {
  requireControl(context)
  if (context.destination !== undefined) requireControl(context.destination)
}

/** A plan works all the same, but may not know what a run would: that an older version wrote down. */
export function warnOfOldControl({ control, destination, emit }: PlanContext): void {
  for (const status of [control, destination?.control]) {
    if (status === undefined || status.isInstalled || isAbsent(status)) continue
    const { code, message, hint } = controlTablesMissing(status, status.installCommand)
    emit({ type: 'warning', warning: { code, message: `${message} ${hint}` } })
  }
}

/** `state.missing` when there are none at all, `state.outdated` when a later version added some; exit 4. */
export function controlTablesMissing(
  status: Pick<ControlStatus, 'schema' | 'missingTables'>,
  installCommand = 'rowkeeper state install',
): RowkeeperError {
  const { schema, missingTables } = status
  if (isAbsent(status))
    return new RowkeeperError({
      code: 'state.missing',
      message: `rowkeeper's own tables are not in the schema ${schema}.`,
      hint: `Make them once with: ${installCommand}`,
      exitCode: exitCodes.refused,
    })
  return new RowkeeperError({
    code: 'state.outdated',
    message: `rowkeeper's own tables in the schema ${schema} are not of this version: ${missingTables.join(' and ')} are missing.`,
    hint: `Bring them up to date with: ${installCommand}`,
    exitCode: exitCodes.refused,
  })
}

/** Not a single table is there. */
export function isAbsent({ missingTables }: Pick<ControlStatus, 'missingTables'>): boolean {
  return missingTables.length === controlTableNames.length
}
