import { formatCount } from '../../../src/lib/units.ts'
import { resultOf } from '../result-model.ts'
import type { Scene } from '../scene.ts'
import type { BatchCount } from './count-batch.ts'

/** Events of the whole run that `--limit` still allows. */
export function eventsAllowed({ context, tally }: Scene): number {
  const { limit } = context
  if (limit === undefined) return Number.POSITIVE_INFINITY
  const allowed = Math.max(0, limit - (tally.soFar.counts.events ?? 0))
  if (allowed === 0)
    tally.add(
      resultOf({ leftReasons: [`limit reached: no more than ${formatCount(limit)} events in one run`] }),
    )
  return allowed
}

/** A batch that is committed. Workers side by side tell their time together, and 0 here. */
export function addToTally({ tally, progress }: Scene, count: BatchCount, milliseconds: number): void {
  const { events, filtered, keys, unknownObjects } = count
  if (events > 0)
    tally.add(
      resultOf({
        changed: events,
        milliseconds: Math.round(milliseconds),
        counts: { events, filtered, keys, batches: 1, remaining: -events },
        unknownObjects: { objects: unknownObjects.length, samples: unknownObjects },
      }),
    )
  progress.add(events)
}
