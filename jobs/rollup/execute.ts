import { unreachable } from '../../src/lib/errors.ts'
import type { ExecuteContext } from '../../src/run/context.ts'
import type { Tally } from '../../src/run/job.ts'
import { createProgress } from '../../src/run/progress.ts'
import { createThrottle } from '../../src/run/throttle.ts'
import { createWallClock } from './buckets/wall-clock.ts'
import { consume } from './consume/consume.ts'
import { createOwnTable } from './counters/own-tables.ts'
import { createJudge } from './filters/bots.ts'
import { createEventReader } from './fold/read-event.ts'
import { foldOldLines } from './ledger/fold-lines.ts'
import { noteKept } from './ledger/kept.ts'
import { putSource } from './ledger/sql.ts'
import type { RollupPlan, Step } from './plan-model.ts'
import { recompute } from './recompute/recompute.ts'
import { readTables } from './resolve/tables.ts'
import { type RollupResult, resultOf } from './result-model.ts'
import { countAside } from './rotate/count-aside.ts'
import { endRotation, rotate } from './rotate/rotate.ts'
import type { Scene } from './scene.ts'
import { forgetOldMarks } from './seen/forget.ts'
import { countEvents, countUnusable, selectEnds, selectHighest, selectNewestBucket } from './sql.ts'
import { requireSource, type Settings } from './tables.ts'

/** Step after step; a stop is heeded between them, and inside them between batches. */
export async function executeRollup(
  context: ExecuteContext,
  settings: Settings,
  plan: RollupPlan,
  tally: Tally<RollupResult>,
): Promise<void> {
  requireSource(await readTables(context, settings), settings)
  const pace = createThrottle(context, settings.options.throttle, 'counting events')
  const step = { step: 'counting events', unit: 'events' }
  const progress = createProgress(context.emit, step, plan.waiting.events)
  // Counted down as events are counted, so that a run that is stopped knows what is left.
  tally.add(resultOf({ strategy: plan.strategy ?? '', counts: { remaining: plan.waiting.events } }))
  for (const [index, step] of plan.steps.entries()) {
    context.stop.throwIfAborted()
    const tables = await readTables(context, settings)
    const source = requireSource(tables, settings)
    const clock = createWallClock(source.time, tables.counters.zone)
    const scene: Scene = { context, settings, tables, source, clock, tally, pace, progress }
    if (index === 0) {
      await registerSource(scene, plan)
      await noteKept(scene)
    }
    await executeStep(scene, step)
  }
  progress.end()
  await forgetOldMarks({ context, settings, tables: await readTables(context, settings) }, pace)
  await foldOldLines(context)
  tally.add(resultOf({ throttledMs: pace.throttledMs }))
  await addRemaining(context, settings, tally)
  await addHighest(context, settings, tally)
}

/** From now on nobody takes rows of this table away before they are counted. */
async function registerSource(
  { context, source }: Scene,
  { strategy = 'consume' }: RollupPlan,
): Promise<void> {
  const { name } = source.table
  await context.transact('register', (transaction) =>
    transaction.change(
      putSource(context.control.schema, {
        job: context.job,
        schema: name.schema,
        table: name.table,
        timeColumn: source.time.column.name,
        strategy,
        // What is consumed or put aside is gone once it is counted; recompute sets this when it is done.
        countedUntil: null,
      }),
    ),
  )
}

async function executeStep(scene: Scene, step: Step): Promise<void> {
  const judgeAgent = createJudge(scene.settings.options.filters)
  const read = createEventReader({ ...scene, judgeAgent })
  switch (step.type) {
    case 'createTable':
      await createOwnTable(scene, step)
      return scene.tally.add(resultOf({ changed: 1 }))
    case 'consume':
      return consume(scene, step, read)
    case 'rotate':
      return rotate(scene, read)
    case 'settleSegments':
      return endRotation(scene, read)
    case 'recompute':
      return recompute(scene, step)
    default:
      return unreachable(step)
  }
}

const REMAINING_BOUND = 1_000_000

/** What waits now: events that came since, or that others held. */
async function addRemaining(
  context: ExecuteContext,
  settings: Settings,
  tally: Tally<RollupResult>,
): Promise<void> {
  // Events that are counted anew stay, and do not wait.
  if (tally.soFar.strategy === 'recompute') {
    tally.add(resultOf({ counts: { remaining: -(tally.soFar.counts.remaining ?? 0) } }))
    return
  }
  const source = requireSource(await readTables(context, settings), settings)
  const [counted, ends, unusable] = await context.read(async (session) => [
    (await session.rows(countEvents(source, REMAINING_BOUND)))[0],
    (await session.rows(selectEnds(source)))[0],
    (await session.rows(countUnusable(source, REMAINING_BOUND)))[0],
  ])
  const oldest = ends?.oldest ?? null
  const { limit } = context
  const events = tally.soFar.counts.events ?? 0
  const aside = await countAside(context, source, REMAINING_BOUND)
  const remaining = Number(counted?.events ?? 0) + aside
  const isLimited = limit !== undefined && events >= limit
  const odd = Number(unusable?.events ?? 0)
  tally.add(
    resultOf({
      counts: { remaining: remaining - (tally.soFar.counts.remaining ?? 0) },
      unusable: odd,
      leftOver: odd + (isLimited ? remaining - odd : 0),
      oldestWaiting: oldest === null ? undefined : String(oldest),
    }),
  )
}

const TOP = 10

/** What people look at first: the highest counters of the month, or of whatever is the largest bucket. */
async function addHighest(
  context: ExecuteContext,
  settings: Settings,
  tally: Tally<RollupResult>,
): Promise<void> {
  const { counters } = await readTables(context, settings)
  const size = counters.sizes.at(-1)
  if (counters.table === undefined || size === undefined) return
  const found = await context.read(async (session) => {
    const [newest] = await session.rows(selectNewestBucket(counters, size))
    const start = newest?.bucket_start ?? null
    if (start === null) return undefined
    return {
      start: String(start),
      rows: await session.rows(selectHighest(counters, { size, start: String(start), top: TOP })),
    }
  })
  if (found === undefined) return
  const top = found.rows.map((row) => ({
    group: counters.group.map((_, position) => String(row[`group_${position}`])),
    events: Number(row.amount),
  }))
  tally.add(
    resultOf({
      top,
      topOf: `${size} of ${found.start.slice(0, size === 'day' || size === 'month' ? 10 : 16)}`,
    }),
  )
}
