import type { BucketSize } from '../buckets/sizes.ts'
import { shiftBucket } from '../buckets/steps.ts'
import { createWallClock, isSameZone, listShifts } from '../buckets/wall-clock.ts'
import type { CounterTable, SourceTable } from '../tables.ts'
import type { BucketRange } from './sql.ts'

/**
 * Where the events of a bucket lie in the column's own texts. In another zone than the column's, a day to either side is
 * looked at, and the server reckons which events are its own: no zone is further from another.
 */
export function rangeOfBucket(
  source: SourceTable,
  { zone }: Pick<CounterTable, 'zone'>,
  { start, size }: { readonly start: string; readonly size: BucketSize },
): BucketRange {
  const end = shiftBucket(start, size, 1)
  if (isSameZone(source.time.zone, zone)) return { from: start, to: end, shifts: [], start, size }
  const from = shiftBucket(start, 'hour', -26)
  const to = shiftBucket(end, 'hour', 26)
  return { from, to, shifts: listShifts(createWallClock(source.time, zone), from, to), start, size }
}
