import type { BucketSize } from '../buckets/sizes.ts'
import { shiftBucket } from '../buckets/steps.ts'
import { createWallClock, isSameZone, listShifts } from '../buckets/wall-clock.ts'
import type { CounterTable, SourceTable } from '../tables.ts'
import type { BucketRange, TextRange } from './sql.ts'

/** Where the events of a bucket lie in the column's own texts. */
export function rangeOfBucket(
  source: SourceTable,
  counters: Pick<CounterTable, 'zone'>,
  { start, size }: { readonly start: string; readonly size: BucketSize },
): BucketRange {
  const stretch = { from: start, to: shiftBucket(start, size, 1) }
  return { ...rangeBetween(source, counters, stretch), start, size }
}

/**
 * Where the events between two bounds by the clock of the buckets lie in the column's own texts. In another zone than the
 * column's, a day to either side is looked at, and the server reckons which events are meant: no zone is further from
 * another.
 */
export function rangeBetween(
  source: SourceTable,
  { zone }: Pick<CounterTable, 'zone'>,
  stretch: { readonly from: string; readonly to: string },
): TextRange {
  if (isSameZone(source.time.zone, zone)) return { ...stretch, shifts: [] }
  const from = shiftBucket(stretch.from, 'hour', -26)
  const to = shiftBucket(stretch.to, 'hour', 26)
  return { from, to, shifts: listShifts(createWallClock(source.time, zone), from, to) }
}
