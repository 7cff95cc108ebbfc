import type { TableName } from '../../src/db/statement.ts'
import type { ExecuteContext } from '../../src/run/context.ts'
import type { Tally } from '../../src/run/job.ts'
import { dropInSteps } from './cutover/drop-retired.ts'
import { toTimeEstimate } from './estimate/model.ts'
import { defineCopy, findRoute, type Inquiry, inquire, notThatWay } from './inquiry.ts'
import { alterDirectly } from './ladder/alter-directly.ts'
import { openScene } from './open-scene.ts'
import { runPhases } from './phases.ts'
import type { MigratePlan } from './plan-model.ts'
import { type MigrateResult, resultOf } from './result-model.ts'
import { refuseRisks } from './risks/refuse-risks.ts'
import type { Scene } from './scene.ts'
import { removeMigration } from './shadow/remove.ts'
import { refuseAltered } from './shadow/unaltered.ts'
import { type Migration, type MigrationDefinition, noProgress, type Phase } from './state/model.ts'
import { beginMigration, forgetMigration, readMigration } from './state/state.ts'
import { CancelledError } from './steering/steering.ts'
import { type Settings, targetTable } from './tables.ts'

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
  const inquiry = await inquire(context, settings)
  if (await takeShortWay(work, inquiry)) return undefined
  const route = findRoute(settings, inquiry)
  const notes = await refuseRisks(context, route)
  const definition = await defineCopy(context, settings, inquiry, route)
  tally.add(
    resultOf({
      estimate: toTimeEstimate(definition.forecast),
      notes: [...notes, ...noteConstraints(definition)],
    }),
  )
  await beginMigration(context, name, definition, noProgress)
  await context.reach('migrate.begun')
  return readMigration(context, name)
}

function noteConstraints({ constraints }: MigrationDefinition): readonly string[] {
  return constraints.map(
    ({ from, to }) =>
      `The constraint ${from} is called ${to} from the swap on: the retired table keeps its name.`,
  )
}

/** Whether nothing had to be copied: the table is as it shall be, or the server altered it itself. */
async function takeShortWay({ context, settings, tally }: Work, inquiry: Inquiry): Promise<boolean> {
  const { change, source, wanted, rung } = inquiry
  tally.add(resultOf({ strategy: rung.strategy, notes: [`${rung.strategy}: ${rung.why}`] }))
  if (rung.strategy === 'none') return true
  if (rung.algorithm === undefined || change.type !== 'alter') return false
  const { lockWait, patience } = settings.options.cutOver
  const isDone = await alterDirectly(context, {
    ...{ name: source.name, alter: change.alter.text, algorithm: rung.algorithm },
    ...{ targetHash: wanted.target.hash, lockWaitMs: lockWait, patienceMs: patience },
  })
  // With an empty table it went; with this one it does not.
  if (!isDone && settings.options.strategy !== 'auto')
    throw notThatWay(source, settings.options.strategy, wanted)
  if (isDone) tally.add(resultOf({ phase: 'done', changed: 1 }))
  return isDone
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
    // How far it came. What cannot be written down now is done once more by the next run.
    else await progress.enter(progress.phase).catch(() => {})
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
