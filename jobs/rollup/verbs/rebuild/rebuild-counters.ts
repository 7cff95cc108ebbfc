import type { ExecuteContext, PlanContext } from '../../../../src/run/context.ts'
import type { VerbInput, VerbResult } from '../../../../src/run/job.ts'
import { createProgress } from '../../../../src/run/progress.ts'
import { createThrottle } from '../../../../src/run/throttle.ts'
import type { Settings } from '../../tables.ts'
import { stretchesOf } from './asked.ts'
import { compareWithEvents } from './differences-sql.ts'
import { type ChangedDay, fillShadow, toChangedDay } from './fill.ts'
import { rebuildResult } from './rebuild-result.ts'
import { readRebuilding } from './rebuilding.ts'
import { makeShadow, removeShadow } from './shadow.ts'
import { swapIn } from './swap.ts'

/**
 * Counts buckets anew from the rows of events, into a shadow, and sets the counters that differ. Where it dies, each object
 * has all of its old counters or all of its new ones; the next rebuild of the same days does the rest.
 */
export async function rebuildCounters(
  context: ExecuteContext,
  settings: Settings,
  input: VerbInput,
): Promise<VerbResult> {
  const rebuilding = await readRebuilding(context, settings, input, ['plan', 'run'])
  const { counters, shadow, asked } = rebuilding
  await makeShadow(context, shadow, counters)
  const total = [...stretchesOf(asked, counters.sizes[0])].length
  const step = { step: `counting ${counters.name.table} anew`, unit: 'days' }
  const days = await fillShadow({
    ...{ context, ...rebuilding },
    pace: createThrottle(context, settings.options.throttle, step.step),
    progress: createProgress(context.emit, step, total),
  })
  const pace = createThrottle(context, settings.options.throttle, 'setting counters')
  const progress = createProgress(context.emit, { step: 'setting counters', unit: 'counters' }, 0)
  const swapped = await swapIn({ ...rebuilding, context, pace, progress })
  await removeShadow(context, shadow)
  return rebuildResult(settings, rebuilding, { days, swapped })
}

/** What would be set, found out by reading alone. */
export async function previewRebuild(
  context: PlanContext,
  settings: Settings,
  input: VerbInput,
): Promise<VerbResult> {
  const rebuilding = await readRebuilding(context, settings, input, ['plan'])
  const { counters, source, asked } = rebuilding
  const stretches = [...stretchesOf(asked, counters.sizes[0])]
  const step = { step: `comparing ${counters.name.table}`, unit: 'days' }
  const progress = createProgress(context.emit, step, stretches.length)
  const days: ChangedDay[] = []
  progress.begin()
  for (const stretch of stretches) {
    context.stop.throwIfAborted()
    const rows = await context.read((session) => session.rows(compareWithEvents(source, counters, stretch)))
    days.push(...rows.map((row) => toChangedDay(rebuilding, row)))
    progress.add(1)
  }
  progress.end()
  return rebuildResult(settings, rebuilding, { days, swapped: undefined })
}
