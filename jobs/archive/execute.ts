import { readSpace } from '../../src/db/space.ts'
import { unreachable } from '../../src/lib/errors.ts'
import type { ExecuteContext } from '../../src/run/context.ts'
import type { JobSettings, Tally } from '../../src/run/job.ts'
import { createProgress } from '../../src/run/progress.ts'
import { createThrottle } from '../../src/run/throttle.ts'
import { carryMonth } from './carry/carry-month.ts'
import { settleJournal } from './carry/settle-journal.ts'
import type { ArchiveConfig } from './config.ts'
import { cutoffAt } from './cutoff.ts'
import { exchangeMonth } from './exchange/exchange-month.ts'
import { noteArchived, takesRows } from './ledger/archived.ts'
import { moveMonth } from './move/move-month.ts'
import { changePartitions, createArchive } from './partitions/define.ts'
import type { ArchivePlan, Step } from './plan-model.ts'
import { type ArchiveCounts, type ArchiveResult, resultOf } from './result-model.ts'
import { dropHeld } from './rotate/drop-held.ts'
import { rotateMonth } from './rotate/rotate-month.ts'
import type { Scene } from './scene.ts'
import { readTables } from './tables.ts'
import { settleRestored } from './verbs/restore/settle-restored.ts'

/** Step after step; a stop is heeded between them, and inside them between batches. */
export async function executeArchive(
  context: ExecuteContext,
  settings: JobSettings<ArchiveConfig>,
  plan: ArchivePlan,
  tally: Tally<ArchiveResult>,
): Promise<void> {
  tally.add(resultOf({ counts: countPlanned(plan) }))
  const pace = createThrottle(context, settings.options.throttle, 'moving rows')
  const rows = plan.steps.reduce((sum, step) => sum + (step.type === 'moveMonth' ? step.rows : 0), 0)
  const progress = createProgress(context.emit, { step: 'moving rows', unit: 'rows' }, rows)
  if (plan.steps.some(takesRows))
    await noteArchived(context, await readTables(context, settings), plan.cutoff)
  for (const step of plan.steps) {
    context.stop.throwIfAborted()
    const tables = await readTables(context, settings)
    const cutoff = cutoffAt(plan.cutoff, tables)
    await executeStep({ context, settings, tables, cutoff, tally, pace, progress }, step)
  }
  progress.end()
  tally.add(resultOf({ throttledMs: pace.throttledMs }))
  await addSizes(context, settings, plan, tally)
}

function countPlanned({ months, kept }: ArchivePlan): ArchiveCounts {
  const sum = (rows: readonly (number | undefined)[]) =>
    rows.reduce<number>((total, count) => total + (count ?? 0), 0)
  return { eligible: sum(months.map(({ rows }) => rows)), kept: sum(kept.map(({ rows }) => rows)) }
}

async function addSizes(
  context: ExecuteContext,
  settings: JobSettings<ArchiveConfig>,
  { size: before }: ArchivePlan,
  tally: Tally<ArchiveResult>,
): Promise<void> {
  if (before === undefined) return
  const { schema, options } = settings
  const after = await context.read((session) => readSpace(session, { schema, table: options.table }))
  tally.add(resultOf({ size: { before: before.source, after } }))
}

async function executeStep(scene: Scene, step: Step): Promise<void> {
  switch (step.type) {
    case 'createArchive':
      return createArchive(scene, step)
    case 'changePartitions':
      return changePartitions(scene, step)
    case 'settleJournal':
      await settleRestored(scene.context, scene.tables)
      return settleJournal(scene)
    case 'moveMonth':
      return scene.tables.target.place === 'here' ? moveMonth(scene, step) : carryMonth(scene, step)
    case 'exchangeMonth':
      return exchangeMonth(scene, step)
    case 'rotateMonth':
      return rotateMonth(scene, step)
    case 'dropHeld':
      return dropHeld(scene, step)
    default:
      return unreachable(step)
  }
}
