import { DateTime } from 'luxon'
import { toLuxonZone } from '../../../src/config/time-zone.ts'
import { elapsedBetween } from '../../../src/db/date-time.ts'
import type { Period } from '../../../src/lib/units.ts'

/** A calendar month, `2005-06`. Text order is time order. */
export type Month = string

const FORMAT = 'yyyy-MM'

/** The year 0 is out: that is how zero dates begin. */
export function isMonth(text: string): boolean {
  return /^(?!0000)\d{4}-(0[1-9]|1[0-2])$/.test(text)
}

/**
 * The month with `startOfMonth(month) <= instant < startOfMonth(nextMonth(month))`. Not simply what a wall clock shows:
 * in St. John's on 1 November 2009 the clock went from 00:01 back to 23:01, so that November began, paused and began
 * again.
 */
export function monthOf(instant: string, zone: string): Month {
  const shown = DateTime.fromISO(instant, { zone: toLuxonZone(zone) }).toFormat(FORMAT)
  const hasBegun = (month: Month) => elapsedBetween(startOfMonth(month, zone), instant) >= 0
  if (hasBegun(nextMonth(shown))) return nextMonth(shown)
  return hasBegun(shown) ? shown : previousMonth(shown)
}

/**
 * ISO text in UTC. A midnight that does not exist (Kathmandu skipped the first 15 minutes of 1986) gives the first
 * moment after it; one that comes twice (Havana, 1 November 2020) gives the first.
 */
export function startOfMonth(month: Month, zone: string): string {
  return earliestInstant(toDate(month, zone))
}

export function nextMonth(month: Month): Month {
  return shiftMonth(month, 1)
}

export function previousMonth(month: Month): Month {
  return shiftMonth(month, -1)
}

function shiftMonth(month: Month, months: number): Month {
  return toDate(month).plus({ months }).toFormat(FORMAT)
}

/** By numbers and not by text, so that the month after 9999-12 can still be told to lie in the future. */
function toDate(text: Month, zone = 'UTC'): DateTime {
  const [year = 0, month = 1] = text.split('-').map(Number)
  return DateTime.fromObject({ year, month }, { zone: toLuxonZone(zone) })
}

/** From the first to the last, both included; none when the last lies before the first. */
export function monthsFrom(first: Month, last: Month): readonly Month[] {
  const length = Math.max(0, monthsBetween(first, last) + 1)
  return Array.from({ length }, (_, index) => shiftMonth(first, index))
}

/** How many months `last` is after `first`. */
export function monthsBetween(first: Month, last: Month): number {
  return toDate(last).diff(toDate(first), 'months').months
}

/**
 * ISO text in UTC, by the calendar of the zone: 31 March less a month is the last day of February at the same time of
 * day. A time of day that comes twice gives the first: an earlier cutoff moves fewer rows, never more.
 */
export function subtractPeriod(instant: string, { count, unit }: Period, zone: string): string {
  return earliestInstant(DateTime.fromISO(instant, { zone: toLuxonZone(zone) }).minus({ [unit]: count }))
}

/** Which of two passes of an hour luxon picks depends on the season it runs in, so it is not left to choose. */
function earliestInstant(time: DateTime): string {
  const earliest = DateTime.min(...time.getPossibleOffsets())
  return new Date((earliest ?? time).toMillis()).toISOString()
}
