import type { TableDefinition } from '../../src/db/catalog.ts'
import type { TableName } from '../../src/db/statement.ts'
import type { RowkeeperError } from '../../src/lib/errors.ts'
import type { ExecuteContext } from '../../src/run/context.ts'
import type { Tally } from '../../src/run/job.ts'
import { alterDirectly } from './ladder/alter-directly.ts'
import { artefactsOf } from './names.ts'
import { openScene, refused, requireTable } from './open-scene.ts'
import { runPhases } from './phases.ts'
import type { MigratePlan } from './plan-model.ts'
import { type MigrateResult, resultOf } from './result-model.ts'
import { planRoute } from './route.ts'
import type { Scene } from './scene.ts'
import { deferIndexes } from './shadow/deferred-indexes.ts'
import { removeMigration } from './shadow/remove.ts'
import { readWanted, type Wanted } from './shadow/scratch.ts'
import { refuseAltered } from './shadow/unaltered.ts'
import type { Migration, MigrationDefinition, Phase } from './state/model.ts'
import { noProgress } from './state/model.ts'
import { beginMigration, forgetMigration, readMigration } from './state/state.ts'
import { CancelledError } from './steering/steering.ts'
import { changeOf, type Settings, targetTable } from './tables.ts'

interface Work {
  readonly context: ExecuteContext
  readonly settings: Settings
  readonly tally: Tally<MigrateResult>
}

/** Goes on with the migration that is under way, or begins one: as gentle as the server can. */
export async function executeMigrate(
  context: ExecuteContext,
  settings: Settings,
  plan: MigratePlan,
  tally: Tally<MigrateResult>,
): Promise<void> {
  if (plan.steps.length === 0) return tally.add(resultOf({ strategy: 'none' }))
  const work: Work = { context, settings, tally }
  const name = targetTable(settings)
  const migration = (await readMigration(context, name)) ?? (await begin(work, name))
  if (migration === undefined) return
  await carryOut(work, migration)
}

/** Undefined when the server did it by itself. */
async function begin(work: Work, name: TableName): Promise<Migration | undefined> {
  const { context, settings, tally } = work
  const { strategy } = settings.options
  const source = await requireTable(context, name)
  const change = changeOf(settings)
  const wanted = await readWanted(context, name, change)
  if ((strategy === 'auto' || strategy === 'instant') && wanted.canInstant) {
    if (await alterInstantly(work, name, wanted)) {
      tally.add(resultOf({ strategy: 'instant', phase: 'done', changed: 1 }))
      return undefined
    }
  }
  if (strategy === 'instant') throw notInstant(name)
  const definition = defineCopy(source, wanted, change)
  await beginMigration(context, name, definition, noProgress)
  await context.reach('migrate.begun')
  return readMigration(context, name)
}

function alterInstantly({ context, settings }: Work, name: TableName, { target }: Wanted): Promise<boolean> {
  const { lockWait, patience } = settings.options.cutOver
  return alterDirectly(context, {
    ...{ name, alter: changeOf(settings), algorithm: 'INSTANT', targetHash: target.hash },
    ...{ lockWaitMs: lockWait, patienceMs: patience },
  })
}

function defineCopy(source: TableDefinition, wanted: Wanted, change: string): MigrationDefinition {
  const planned = planRoute(source, wanted.target, [], artefactsOf(source.name))
  if ('problem' in planned) throw refused(planned.problem.evidence, planned.problem.fix)
  const { targetIndex } = planned.route.key
  return {
    change,
    renames: [],
    sourceHash: source.hash,
    target: wanted.target,
    deferred: deferIndexes(wanted.target, wanted.createTable, targetIndex),
    way: 'there',
  }
}

async function carryOut({ context, settings, tally }: Work, migration: Migration): Promise<void> {
  const name = targetTable(settings)
  const scene = await openScene(context, settings, tally, { name, migration })
  tally.add(resultOf({ strategy: 'copy', phase: migration.phase }))
  await carryOn(scene, migration)
}

const beyondTriggers: readonly Phase[] = ['copying', 'indexing', 'catchingUp', 'checking', 'holding']

/** Phase after phase, to the end or to the operator's cancel. */
export async function carryOn(scene: Scene, { phase, definition }: Migration): Promise<void> {
  const { context, tally, pace } = scene
  try {
    if (beyondTriggers.includes(phase)) await context.read((session) => refuseAltered(session, scene))
    await runPhases(scene, definition)
  } catch (error) {
    if (error instanceof CancelledError) await giveUp(scene)
    throw error
  } finally {
    tally.add(resultOf({ throttledMs: pace.throttledMs }))
  }
}

async function giveUp(scene: Scene): Promise<void> {
  await removeMigration(scene.context, scene.route.source.name)
  await forgetMigration(scene.context, scene.route.source.name)
}

function notInstant({ schema, table }: TableName): RowkeeperError {
  return refused(
    `The server cannot do this to ${schema}.${table} instantly.`,
    'Leave strategy out of the configuration, then look with: rowkeeper plan',
  )
}
