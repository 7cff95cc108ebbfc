import type { TableDefinition } from '../../src/db/catalog.ts'
import { readSpace } from '../../src/db/space.ts'
import type { TableName } from '../../src/db/statement.ts'
import type { RowkeeperError } from '../../src/lib/errors.ts'
import type { ExecuteContext } from '../../src/run/context.ts'
import type { Tally } from '../../src/run/job.ts'
import { dropInSteps } from './cutover/drop-retired.ts'
import { type Change, requireChange } from './definition/change.ts'
import type { Forecast } from './estimate/forecast.ts'
import { measureCopy } from './estimate/measure.ts'
import { toTimeEstimate } from './estimate/model.ts'
import { forecastTypical } from './estimate/typical.ts'
import { alterDirectly } from './ladder/alter-directly.ts'
import { chooseRung } from './ladder/choose.ts'
import { artefactsOf } from './names.ts'
import { openScene, refused, requireTable } from './open-scene.ts'
import { runPhases } from './phases.ts'
import type { MigratePlan } from './plan-model.ts'
import { type MigrateResult, resultOf } from './result-model.ts'
import { planRoute } from './route.ts'
import type { Scene } from './scene.ts'
import { type Blueprint, drawBlueprint } from './shadow/blueprint.ts'
import { removeMigration } from './shadow/remove.ts'
import { readWanted, type Wanted } from './shadow/scratch.ts'
import { refuseAltered } from './shadow/unaltered.ts'
import { type Migration, type MigrationDefinition, noProgress, type Phase } from './state/model.ts'
import { beginMigration, forgetMigration, readMigration } from './state/state.ts'
import { CancelledError } from './steering/steering.ts'
import { changeOf, type Route, type Settings, targetTable } from './tables.ts'

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

/** Undefined when the server did it by itself, or nothing was to be done. */
async function begin(work: Work, name: TableName): Promise<Migration | undefined> {
  const { context, settings, tally } = work
  const change = requireChange(settings)
  const source = await requireTable(context, name)
  const wanted = await readWanted(context, name, change)
  if (await takeShortWay(work, { source, change, wanted })) return undefined
  const definition = await defineCopy(work, source, wanted)
  tally.add(resultOf({ estimate: toTimeEstimate(definition.forecast) }))
  await beginMigration(context, name, definition, noProgress)
  await context.reach('migrate.begun')
  return readMigration(context, name)
}

interface Asked {
  readonly source: TableDefinition
  readonly change: Change
  readonly wanted: Wanted
}

/** Whether nothing had to be copied: the table is as it shall be, or the server altered it itself. */
async function takeShortWay({ context, settings, tally }: Work, asked: Asked): Promise<boolean> {
  const { strategy: wish } = settings.options
  const rung = chooseRung(wish, context.server, asked)
  if (rung === undefined) throw notThatWay(asked.source.name, wish, asked.wanted)
  tally.add(resultOf({ strategy: rung.strategy, notes: [`${rung.strategy}: ${rung.why}`] }))
  if (rung.strategy === 'none') return true
  if (rung.algorithm === undefined || asked.change.type !== 'alter') return false
  const { lockWait, patience } = settings.options.cutOver
  const isDone = await alterDirectly(context, {
    ...{ name: asked.source.name, alter: asked.change.alter.text, algorithm: rung.algorithm },
    ...{ targetHash: asked.wanted.target.hash, lockWaitMs: lockWait, patienceMs: patience },
  })
  // With an empty table it went; with this one it does not.
  if (!isDone && wish !== 'auto') throw notThatWay(asked.source.name, wish, asked.wanted)
  if (isDone) tally.add(resultOf({ phase: 'done', changed: 1 }))
  return isDone
}

async function defineCopy(work: Work, source: TableDefinition, wanted: Wanted): Promise<MigrationDefinition> {
  const { target, renames, constraints } = wanted
  const planned = planRoute(source, target, renames, artefactsOf(source.name))
  if ('problem' in planned) throw refused(planned.problem.evidence, planned.problem.fix)
  const blueprint = drawBlueprint(wanted, planned.route.key.targetIndex)
  return {
    ...{ renames, target, constraints, blueprint, way: 'there' },
    change: changeOf(work.settings),
    sourceHash: source.hash,
    forecast: await forecast(work, planned.route, blueprint),
  }
}

/** Below it a measurement would take as long as the work. */
const FEW_ROWS = 100_000

async function forecast({ context, settings }: Work, route: Route, blueprint: Blueprint): Promise<Forecast> {
  const space = await context.read((session) => readSpace(session, route.source.name))
  if (space.estimatedRows >= FEW_ROWS) return measureCopy({ context, settings, route, blueprint })
  const { binaryLog } = context.server
  return forecastTypical({ ...space, binaryLog, indexes: blueprint.indexClauses.length })
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
  const { context, tally, pace, progress } = scene
  try {
    if (beyondTriggers.includes(phase)) await context.read((session) => refuseAltered(session, scene))
    await runPhases(scene, definition)
    if (definition.way === 'there' && !scene.settings.options.keepOld) await dropRetired(scene)
    tally.add(
      resultOf({ estimate: toTimeEstimate(definition.forecast), actualSeconds: sumSeconds(progress.now) }),
    )
  } catch (error) {
    if (error instanceof CancelledError) await giveUp(scene)
    throw error
  } finally {
    tally.add(resultOf({ throttledMs: pace.throttledMs }))
  }
}

/** Of work: the time that an operator or the hour took does not count. */
function sumSeconds({ phaseMs }: Migration['progress']): number {
  const { holding: _, ...worked } = phaseMs
  return Object.values(worked).reduce((sum, milliseconds) => sum + milliseconds, 0) / 1000
}

async function dropRetired({ context, route }: Scene): Promise<void> {
  await dropInSteps(context, route.retired)
  await forgetMigration(context, route.source.name)
}

async function giveUp(scene: Scene): Promise<void> {
  await removeMigration(scene.context, scene.route.source.name)
  await forgetMigration(scene.context, scene.route.source.name)
}

function notThatWay(
  { schema, table }: TableName,
  strategy: string,
  { instantRefusal = 'It changes more than the catalogue.' }: Wanted,
): RowkeeperError {
  return refused(
    `The server cannot do this to ${schema}.${table} by ${strategy.toUpperCase()}. ${instantRefusal}`,
    'Leave strategy out of the configuration, then look with: rowkeeper plan',
  )
}
