import { readSpace } from '../../src/db/space.ts'
import type { PlanContext } from '../../src/run/context.ts'
import type { Page } from '../../src/run/job.ts'
import { emptyPlan, type MigratePlan, type Step } from './plan-model.ts'
import type { Migration } from './state/model.ts'
import { readMigration } from './state/state.ts'
import { changeOf, type Settings, targetTable } from './tables.ts'

/** A plan writes nothing: what only the server could say, it has to assume. */
export async function planMigrate(context: PlanContext, settings: Settings): Promise<Page<MigratePlan>> {
  const name = targetTable(settings)
  const migration = await readMigration(context, name)
  const space = await context.read((session) => readSpace(session, name))
  const plan: MigratePlan = {
    ...emptyPlan,
    asOf: context.asOf,
    strategy: 'copy',
    why: 'not asked yet whether the server can do it without copying',
    change: changeOf(settings),
    rows: space.estimatedRows,
    bytes: space.dataBytes,
    indexBytes: space.indexBytes,
    steps: planSteps(migration),
  }
  return { plan, next: undefined }
}

function planSteps(migration: Migration | undefined): readonly Step[] {
  if (migration === undefined) return [{ type: 'copyAndSwap' }]
  return migration.phase === 'done' ? [] : [{ type: 'goOn', phase: migration.phase }]
}
