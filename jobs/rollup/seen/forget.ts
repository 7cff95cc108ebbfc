import { shiftInstant, toColumnTime, toControlTime } from '../../../src/db/date-time.ts'
import type { Pace } from '../../../src/engine/pace.ts'
import { bucketSizes, bucketStart } from '../buckets/sizes.ts'
import type { CountScene } from '../scene.ts'
import type { Mark } from './mark.ts'
import { deleteMarks, type Outdated } from './sql.ts'

const MARKS_PER_BATCH = 5000

const kinds: readonly Mark['kind'][] = ['repeat', ...bucketSizes]

/**
 * Deletes marks of windows and buckets that were over so long ago that no event is expected for them any more, and that
 * were made as long ago: an old file that is imported in parts, or an old table, is counted right as well.
 */
export async function forgetOldMarks(scene: CountScene, pace: Pace): Promise<void> {
  if (scene.tables.seen?.table === undefined) return
  for (const kind of kinds) {
    let forgotten = MARKS_PER_BATCH
    while (forgotten === MARKS_PER_BATCH) forgotten = await forgetSome(scene, pace, kind)
  }
}

/** Answers how many were deleted. */
async function forgetSome(
  { context, settings, tables: { seen, counters } }: CountScene,
  pace: Pace,
  kind: Mark['kind'],
): Promise<number> {
  if (seen === undefined) return 0
  context.stop.throwIfAborted()
  await pace.ready()
  const outdated = findOutdated(kind, shiftInstant(context.asOf, -settings.options.remember), counters.zone)
  const { affectedRows } = await context.transact('forget what was seen', (transaction) =>
    transaction.change(deleteMarks(seen, outdated)),
  )
  await context.reach('rollup.marks-forgotten')
  return affectedRows
}

/** `cutoff` is ISO text. No window is longer than a day, and each lies in one. */
export function findOutdated(kind: Mark['kind'], cutoff: string, zone: string): Outdated {
  const wall = toColumnTime(cutoff, { dataType: 'datetime' }, zone)
  return {
    kind,
    startsBefore: bucketStart(wall, kind === 'repeat' ? 'day' : kind),
    madeBefore: toControlTime(cutoff),
    rows: MARKS_PER_BATCH,
  }
}
