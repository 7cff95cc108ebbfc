import type { PlanContext } from '../../src/run/context.ts'
import type { Finding } from '../../src/run/events.ts'
import type { Check } from '../../src/run/job.ts'
import { checkChange, checkRenames } from './checks/change.ts'
import type { CheckScene, Look } from './checks/look.ts'
import { checkNames } from './checks/names.ts'
import { checkServer } from './checks/server.ts'
import { checkLeftovers, checkUnderWay } from './checks/state.ts'
import { checkEngine, checkForeignKeys, checkTriggers } from './checks/table.ts'
import type { MigrateConfig } from './config.ts'
import { requireTable } from './open-scene.ts'
import { checkReadable, privilegeCheck } from './privilege-check.ts'
import { readMigration } from './state/state.ts'
import { type Settings, targetTable } from './tables.ts'

/** All of it is looked at, so that one run names everything there is to repair. */
const looks: readonly Look[] = [
  checkServer,
  checkEngine,
  checkForeignKeys,
  checkTriggers,
  checkUnderWay,
  checkLeftovers,
  checkChange,
]

/** Asked only by a run: a plan is there to be looked at. */
const looksOfRun: readonly Look[] = [checkRenames]

/** Everything that can be known to be wrong before the first row is copied. */
export const checks: readonly Check<MigrateConfig>[] = [
  { id: 'migrate.table', scope: 'plan', look: lookAtTable },
  { id: 'migrate.approval', scope: 'run', look: lookBeforeRun },
  privilegeCheck,
]

async function lookAtTable(context: PlanContext, settings: Settings): Promise<readonly Finding[]> {
  const readable = await checkReadable(context, settings)
  if (readable.length > 0) return readable
  const named = await checkNames(context, settings)
  return named.length > 0 ? named : lookAll(context, settings, looks)
}

/** Of a table that is there: whether it is, the look before has said. */
async function lookBeforeRun(context: PlanContext, settings: Settings): Promise<readonly Finding[]> {
  const named = await checkNames(context, settings)
  return named.length > 0 ? [] : lookAll(context, settings, looksOfRun)
}

async function lookAll(
  context: PlanContext,
  settings: Settings,
  asked: readonly Look[],
): Promise<readonly Finding[]> {
  const name = targetTable(settings)
  const migration = await readMigration(context, name)
  // What was swapped and is being taken back is no table to begin with.
  if (migration?.definition.way === 'back') return []
  const table = await requireTable(context, name)
  const scene: CheckScene = { context, settings, table, migration }
  const findings: Finding[] = []
  for (const look of asked) findings.push(...(await look(scene)))
  return findings
}
