import { unreachable } from '../../src/lib/errors.ts'
import type { ExecuteContext } from '../../src/run/context.ts'
import type { JobSettings, Tally } from '../../src/run/job.ts'
import { carryMonth } from './carry/carry-month.ts'
import { settleJournal } from './carry/settle-journal.ts'
import type { ArchiveConfig } from './config.ts'
import { cutoffAt } from './cutoff.ts'
import { exchangeMonth } from './exchange/exchange-month.ts'
import { moveMonth } from './move/move-month.ts'
import { changePartitions, createArchive } from './partitions/define.ts'
import type { ArchivePlan, Step } from './plan-model.ts'
import { type ArchiveResult, resultOf } from './result-model.ts'
import { dropHeld } from './rotate/drop-held.ts'
import { rotateMonth } from './rotate/rotate-month.ts'
import type { Scene } from './scene.ts'
import { readTables } from './tables.ts'
import { createThrottle } from './throttle.ts'

/** Step after step; a stop is heeded between them, and inside them between batches. */
export async function executeArchive(
  context: ExecuteContext,
  settings: JobSettings<ArchiveConfig>,
  plan: ArchivePlan,
  tally: Tally<ArchiveResult>,
): Promise<void> {
  tally.add(resultOf({ counts: { eligible: plan.months.reduce((sum, { rows }) => sum + rows, 0) } }))
  const pace = createThrottle(context, settings)
  for (const step of plan.steps) {
    context.stop.throwIfAborted()
    const tables = await readTables(context, settings)
    const cutoff = cutoffAt(plan.cutoff, tables)
    await executeStep({ context, settings, tables, cutoff, tally, pace }, step)
  }
}

async function executeStep(scene: Scene, step: Step): Promise<void> {
  switch (step.type) {
    case 'createArchive':
      return createArchive(scene, step)
    case 'changePartitions':
      return changePartitions(scene, step)
    case 'settleJournal':
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
