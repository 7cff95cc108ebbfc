import { readTable, type TableDefinition } from '../../src/db/catalog.ts'
import type { TableName } from '../../src/db/statement.ts'
import { exitCodes, RowkeeperError } from '../../src/lib/errors.ts'
import type { ExecuteContext, PlanContext } from '../../src/run/context.ts'
import type { Tally } from '../../src/run/job.ts'
import { createThrottle } from '../../src/run/throttle.ts'
import { artefactsOf } from './names.ts'
import type { MigrateResult } from './result-model.ts'
import { planRoute } from './route.ts'
import type { Scene } from './scene.ts'
import type { Migration, MigrationDefinition } from './state/model.ts'
import { createProgress } from './state/progress.ts'
import { createSteering } from './steering/steering.ts'
import type { Route, Settings } from './tables.ts'

/** The migration as it stands, ready to be gone on with. */
export async function openScene(
  context: ExecuteContext,
  settings: Settings,
  tally: Tally<MigrateResult>,
  { name, migration }: { readonly name: TableName; readonly migration: Migration },
): Promise<Scene> {
  const { definition } = migration
  return {
    ...{ context, settings, tally, way: definition.way },
    route: await readRoute(context, name, definition),
    pace: createThrottle(context, settings.options.throttle, 'copying rows'),
    progress: createProgress(context, name, migration),
    steering: createSteering(context, name),
    expectedRows: definition.forecast.rows,
  }
}

/**
 * There: from the table to its shadow. Back: from the table, which was the shadow, to the retired one; by then the names of
 * the two are exchanged.
 */
async function readRoute(
  context: PlanContext,
  name: TableName,
  { target, renames, sourceHash, way }: MigrationDefinition,
): Promise<Route> {
  const source = await requireTable(context, name)
  const { shadow, retired, changelog, reverseChangelog } = artefactsOf(name)
  const names =
    way === 'there'
      ? { shadow, retired, changelog }
      : { shadow: retired, retired: shadow, changelog: reverseChangelog }
  const planned = planRoute({ ...source, hash: sourceHash }, target, renames, names)
  if ('problem' in planned) throw refused(planned.problem.evidence, planned.problem.fix)
  return planned.route
}

export async function requireTable(
  { read }: Pick<PlanContext, 'read'>,
  name: TableName,
): Promise<TableDefinition> {
  const table = await read((session) => readTable(session, name))
  if (table !== undefined) return table
  throw refused(
    `There is no table ${name.schema}.${name.table}.`,
    'Correct its name, then run: rowkeeper config check',
  )
}

export function refused(message: string, hint: string): RowkeeperError {
  return new RowkeeperError({ code: 'migrate.refused', message, hint, exitCode: exitCodes.refused })
}
