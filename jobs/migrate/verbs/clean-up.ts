import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import type { ExecuteContext, PlanContext } from '../../../src/run/context.ts'
import type { VerbResult } from '../../../src/run/job.ts'
import { listArtefacts } from '../shadow/list-artefacts.ts'
import { removeMigration } from '../shadow/remove.ts'
import { forgetMigration, readMigration } from '../state/state.ts'
import { type Settings, targetTable } from '../tables.ts'

/** What a run left behind that was stopped or died before the swap. The lease says that no run is at work. */
export async function cleanUp(context: ExecuteContext, settings: Settings): Promise<VerbResult> {
  const found = await inspect(context, settings)
  if (found.length > 0) await removeMigration(context, targetTable(settings))
  await forgetMigration(context, targetTable(settings))
  return describe(settings, found, 'removed')
}

export async function previewCleanUp(context: PlanContext, settings: Settings): Promise<VerbResult> {
  return describe(settings, await inspect(context, settings), 'would be removed')
}

async function inspect(context: PlanContext, settings: Settings): Promise<readonly string[]> {
  const migration = await readMigration(context, targetTable(settings))
  if (migration?.phase === 'done' || migration?.definition.way === 'back') throw swapped(settings)
  return listArtefacts(context, targetTable(settings))
}

function describe({ schema, options }: Settings, found: readonly string[], done: string): VerbResult {
  const headline =
    found.length === 0
      ? `Nothing of a migration of ${schema}.${options.table} is there.`
      : `${found.join(', ')} ${done}. ${options.table} itself ${done === 'removed' ? 'is' : 'stays'} as it was.`
  return {
    counts: {},
    changed: found.length,
    leftOver: 0,
    detail: { found },
    report: { headline, sections: [] },
    next: [],
  }
}

function swapped({ schema, options, job }: Settings): RowkeeperError {
  return new RowkeeperError({
    code: 'migrate.swapped',
    message: `${schema}.${options.table} has been swapped: what is left of the migration is its way back.`,
    hint: `End it with: rowkeeper migrate finish ${job}; or go back with: rowkeeper migrate revert ${job}`,
    exitCode: exitCodes.refused,
  })
}
