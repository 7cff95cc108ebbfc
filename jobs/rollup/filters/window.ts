import type { BucketSize } from '../buckets/sizes.ts'

const MINUTE_MS = 60_000

/**
 * Windows stand on the clock of the buckets, from midnight on: `2026-03-29 01:59` with 30 minutes → `2026-03-29 01:30:00`.
 * A window that began with a viewer's first event would depend on which event is met first, and late ones are.
 */
export function windowStart(minute: string, windowMs: number): string {
  const minutes = Number(minute.slice(11, 13)) * 60 + Number(minute.slice(14, 16))
  const start = minutes - (minutes % (windowMs / MINUTE_MS))
  return `${minute.slice(0, 10)} ${twoDigits(Math.floor(start / 60))}:${twoDigits(start % 60)}:00`
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0')
}

/**
 * A bucket must hold whole windows: in one that reaches over its end, the event that was met first would decide which
 * bucket the view is counted in.
 */
export function fitsInto(windowMs: number, smallest: BucketSize): boolean {
  return windowMs % MINUTE_MS === 0 && (wholeMinutes[smallest] * MINUTE_MS) % windowMs === 0
}

/** Minutes that are whole in every bucket of a size; months are made of days. */
const wholeMinutes: Readonly<Record<BucketSize, number>> = { '15min': 15, hour: 60, day: 1440, month: 1440 }
