import { toColumnTime } from '../../src/db/date-time.ts'
import type { Value } from '../../src/db/statement.ts'
import type { Period } from '../../src/lib/units.ts'
import { ageValue, monthBound } from './partitions/age.ts'
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
  olderThan: Period,
  { age, zone }: Pick<Tables, 'age' | 'zone'>,
): Cutoff {
  return cutoffAt(subtractPeriod(asOf, olderThan, zone), { age, zone })
}

export function cutoffAt(instant: string, { age, zone }: Pick<Tables, 'age' | 'zone'>): Cutoff {
  return { instant, literal: ageValue(instant, age, zone) }
}

/** A half-open range of ages: `from <= age < to`. */
export interface AgeRange {
  readonly from: Value
  readonly to: Value
}

/** The ages of a month that are older than the cutoff. */
export function eligibleRange(
  month: Month,
  cutoff: Cutoff,
  { age, zone }: Pick<Tables, 'age' | 'zone'>,
): AgeRange {
  const isWhole = startOfMonth(nextMonth(month), zone) <= cutoff.instant
  const range = monthRange(month, { age, zone })
  return isWhole ? range : { from: range.from, to: cutoff.literal }
}

/** All ages of a month, exactly as its partition has them. */
export function monthRange(month: Month, { age, zone }: Pick<Tables, 'age' | 'zone'>): AgeRange {
  const start = (of: Month) =>
    age.kind === 'timestamp'
      ? toColumnTime(startOfMonth(of, zone), age.column, zone)
      : monthBound(of, age, zone)
  return { from: start(month), to: start(nextMonth(month)) }
}

/** The month in which the cutoff lies: the youngest with rows to move. */
export function lastMonth(cutoff: Cutoff, zone: string): Month {
  return monthOf(cutoff.instant, zone)
}
