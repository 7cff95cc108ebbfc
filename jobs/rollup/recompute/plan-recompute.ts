import { toColumnTime } from '../../../src/db/date-time.ts'
import { readEventTime } from '../buckets/event-time.ts'
import { bucketStart } from '../buckets/sizes.ts'
import { shiftBucket } from '../buckets/steps.ts'
import { createWallClock } from '../buckets/wall-clock.ts'
import type { RecomputeStep } from '../plan-model.ts'
import type { PlanScene } from '../scene.ts'
import type { SourceTable } from '../tables.ts'
import { explainEvents, selectFirstTime, selectLastBucket } from './sql.ts'

/**
 * The buckets that are counted anew: the last `source.last` of the smallest size, and all since the run before, with
 * those that were still open then, also when no event is left in them. The first run counts everything there is.
 */
export async function planRecompute(
  scene: PlanScene,
  source: SourceTable,
): Promise<RecomputeStep | undefined> {
  const { context, settings, tables } = scene
  const [size] = tables.counters.sizes
  const last = settings.options.source?.last ?? 1
  const now = toColumnTime(context.asOf, { dataType: 'datetime' }, tables.counters.zone)
  const running = bucketStart(now, size)
  const before = await readLastBucket(scene)
  const first = before === undefined ? await findFirst(scene, source) : undefined
  const oldest =
    before === undefined ? first && bucketStart(first, size) : shiftBucket(before, size, 1 - last)
  // Without any event there is still something to set, once a run has counted: what it counted is gone.
  if (oldest === undefined) return undefined
  const window = shiftBucket(running, size, 1 - last)
  const from = oldest < window ? oldest : window
  const [row] = await context.read((session) => session.rows(explainEvents(source, from)))
  return { type: 'recompute', from, to: running, events: Number(row?.rows ?? 0) }
}

/** The time of the oldest event, by the clock of the buckets. */
async function findFirst({ context, tables }: PlanScene, source: SourceTable): Promise<string | undefined> {
  const [row] = await context.read((session) => session.rows(selectFirstTime(source)))
  const clock = createWallClock(source.time, tables.counters.zone)
  return row === undefined ? undefined : clock(readEventTime(source.time, row.first_time ?? null))
}

async function readLastBucket({ context }: PlanScene): Promise<string | undefined> {
  const { control, job } = context
  if (!control.isInstalled || control.missingTables.length > 0) return undefined
  const [row] = await context.read((session) => session.rows(selectLastBucket(control.schema, job)))
  const start = row?.bucket_start ?? null
  return start === null ? undefined : String(start)
}
