import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import type { ExecuteContext, PlanContext } from '../../../src/run/context.ts'
import type { VerbInput, VerbResult } from '../../../src/run/job.ts'
import { dropInSteps } from '../cutover/drop-retired.ts'
import { removeWayBack } from '../cutover/way-back.ts'
import { artefactsOf } from '../names.ts'
import { forgetMigration } from '../state/state.ts'
import { type Settings, targetTable } from '../tables.ts'
import { requireMigration, requireSwapped } from './require-migration.ts'

/** After this there is no way back. */
export async function finishMigration(
  context: ExecuteContext,
  settings: Settings,
  { options }: VerbInput,
): Promise<VerbResult> {
  const migration = await requireMigration(context, settings)
  requireSwapped(migration, settings)
  const name = targetTable(settings)
  if (options.confirm !== name.table && options.yes === undefined) throw unconfirmed(settings)
  const { retired, shadow } = artefactsOf(name)
  await removeWayBack(context, name)
  await context.reach('migrate.way-back-removed')
  // Taken back, the table that was swapped out again has the shadow's name.
  await dropInSteps(context, migration.definition.way === 'there' ? retired : shadow)
  await forgetMigration(context, name)
  return describe(settings, 'is dropped')
}

export async function previewFinish(context: PlanContext, settings: Settings): Promise<VerbResult> {
  requireSwapped(await requireMigration(context, settings), settings)
  return describe(settings, 'would be dropped')
}

function describe(settings: Settings, done: string): VerbResult {
  const { retired } = artefactsOf(targetTable(settings))
  return {
    counts: {},
    changed: 1,
    leftOver: 0,
    detail: { table: retired.table },
    report: {
      headline: `${retired.schema}.${retired.table} ${done}, and with it the way back.`,
      sections: [],
    },
    next: [],
  }
}

function unconfirmed(settings: Settings): RowkeeperError {
  const { retired } = artefactsOf(targetTable(settings))
  return new RowkeeperError({
    code: 'usage.notConfirmed',
    message: `${retired.schema}.${retired.table} would be dropped: what it holds cannot be had back. Nothing was changed.`,
    hint: `rowkeeper migrate finish ${settings.job} --confirm ${settings.options.table}`,
    exitCode: exitCodes.usage,
  })
}
