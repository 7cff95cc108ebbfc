import { elapsedBetween, shiftInstant } from '../../src/db/date-time.ts'
import type { Value } from '../../src/db/statement.ts'
import type { Period } from '../../src/lib/units.ts'
import { ageValue, monthStart, oldestAge } from './partitions/age.ts'
import { type Month, monthOf, nextMonth, startOfMonth, subtractPeriod } from './partitions/months.ts'
import type { Tables } from './tables.ts'

/** The frozen bound of a run: rows older than the instant are moved, whatever the clock does meanwhile. */
export interface Cutoff {
  /** ISO text in UTC. */
  readonly instant: string
  /** As compared with the age column. */
  readonly literal: Value
}

export function findCutoff(
  asOf: string,
  period: Period,
  { age, zone }: Pick<Tables, 'age' | 'zone'>,
): Cutoff {
  return cutoffAt(subtractPeriod(asOf, period, zone), { age, zone })
}

export function cutoffAt(instant: string, { age, zone }: Pick<Tables, 'age' | 'zone'>): Cutoff {
  return { instant, literal: ageValue(instant, age, zone) }
}

/** A half-open range of ages: `from <= age < to`. */
export interface AgeRange {
  readonly from: Value
  readonly to: Value
}

/** All ages that are points in time and older than the cutoff. */
export function olderThan(cutoff: Cutoff, { age }: Pick<Tables, 'age'>): AgeRange {
  return { from: oldestAge(age), to: cutoff.literal }
}

/**
 * The ages of a month that are older than the cutoff. The smaller of both bounds, also for a month that is over: where a
 * clock goes back across the beginning of a month, the wall clock's bound can lie above the cutoff for an hour.
 */
export function eligibleRange(month: Month, cutoff: Cutoff, tables: Pick<Tables, 'age' | 'zone'>): AgeRange {
  const { from, to } = monthRange(month, tables)
  return { from, to: isBefore(cutoff.literal, to) ? cutoff.literal : to }
}

/** The same in two halves of as much time each; as one where no age lies in the middle. */
export function halvesOf(
  month: Month,
  cutoff: Cutoff,
  tables: Pick<Tables, 'age' | 'zone'>,
): readonly AgeRange[] {
  const { age, zone } = tables
  const { from, to } = eligibleRange(month, cutoff, tables)
  const start = startOfMonth(month, zone)
  const end = [startOfMonth(nextMonth(month), zone), cutoff.instant].toSorted()[0] ?? start
  const middle = ageValue(shiftInstant(start, elapsedBetween(start, end) / 2), age, zone)
  const isInside = isBefore(from, middle) && isBefore(middle, to)
  return isInside
    ? [
        { from, to: middle },
        { from: middle, to },
      ]
    : [{ from, to }]
}

/** All ages of a month, exactly as its partition has them. */
export function monthRange(month: Month, { age, zone }: Pick<Tables, 'age' | 'zone'>): AgeRange {
  return { from: monthStart(month, age, zone), to: monthStart(nextMonth(month), age, zone) }
}

/** Of two literals of one column: both are whole numbers, or both are texts whose order is the order of time. */
function isBefore(left: Value, right: Value): boolean {
  if (typeof left === 'bigint' && typeof right === 'bigint') return left < right
  return String(left) < String(right)
}

/** The month in which the cutoff lies: the youngest with rows to move. */
export function lastMonth(cutoff: Cutoff, zone: string): Month {
  return monthOf(cutoff.instant, zone)
}
