import { unreachable } from '../../../src/lib/errors.ts'
import { type BucketSize, bucketStart } from './sizes.ts'

const MINUTE_MS = 60_000

/** The start of the bucket that many sizes away, on the clock's face: `2026-04-01 00:00:00` and -1 month. */
export function shiftBucket(start: string, size: BucketSize, count: number): string {
  const date = new Date(Date.parse(`${start.slice(0, 16).replace(' ', 'T')}Z`))
  switch (size) {
    case '15min':
      return toText(date.getTime() + count * 15 * MINUTE_MS)
    case 'hour':
      return toText(date.getTime() + count * 60 * MINUTE_MS)
    case 'day':
      return toText(date.getTime() + count * 24 * 60 * MINUTE_MS)
    case 'month':
      return toText(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + count, 1))
    default:
      return unreachable(size)
  }
}

function toText(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 19).replace('T', ' ')
}

/** From the bucket that begins at `from` to the one that `to` lies in. */
export function* bucketsBetween(from: string, to: string, size: BucketSize): Generator<string> {
  const last = bucketStart(to, size)
  for (let start = from; start <= last; start = shiftBucket(start, size, 1)) yield start
}
