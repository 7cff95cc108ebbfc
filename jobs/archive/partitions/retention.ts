import type { Period } from '../../../src/lib/units.ts'
import { type Month, monthOf, subtractPeriod } from './months.ts'
import type { MonthPartition } from './partition-map.ts'

export interface Retention {
  readonly partitions: readonly MonthPartition[]
  /** Months before this one are old enough to go. */
  readonly keepFrom: Month
  readonly age: { readonly column: { readonly isNullable: boolean } }
}

export interface Expiry {
  /** Oldest first. Each is one month and holds nothing younger: its upper bound says so. */
  readonly expired: readonly MonthPartition[]
  /** What looks old but stays. */
  readonly kept: readonly { readonly partition: MonthPartition; readonly reasons: readonly KeptReason[] }[]
}

/** Ends the sentence "p200506 stays: …". */
export type KeptReason =
  | 'it has no upper bound'
  | 'it reaches into a month that is kept'
  | 'it is the last one'
  | 'it holds several months'
  | 'it holds part of a month'
  | 'rows without an age lie in it'
  | 'its bound lies below all time'

/** The month in which the cutoff lies is kept whole. */
export function firstKeptMonth(now: string, keep: Period, zone: string): Month {
  return monthOf(subtractPeriod(now, keep, zone), zone)
}

/**
 * The months that are old enough to go, by the upper bounds of the catalogue alone: a name may lie, and a start says
 * nothing of the end. A nullable age puts its NULLs into the lowest partition, which then never goes. The lowest is held
 * to its upper bound like the others: what lies below it is older still, and a count that differs from the ledger's
 * keeps it from being dropped.
 */
export function expiredMonths({ partitions, keepFrom, age }: Retention): Expiry {
  const last = partitions.findLast(({ covers }) => covers !== 'maxvalue')
  const old = partitions.filter((partition) => mayHoldOld(partition, keepFrom))
  const judged = old.map((partition) => {
    const mayHoldNulls = age.column.isNullable && partition === partitions[0]
    const reasons = [
      ...reasonsOfRange(partition, keepFrom),
      ...when(partition === last, 'it is the last one'),
      ...when(mayHoldNulls, 'rows without an age lie in it'),
    ]
    return { partition, reasons }
  })
  return {
    expired: judged.filter(({ reasons }) => reasons.length === 0).map(({ partition }) => partition),
    kept: judged.filter(({ reasons }) => reasons.length > 0),
  }
}

function mayHoldOld({ firstMonth, lastMonth }: MonthPartition, keepFrom: Month): boolean {
  const oldest = firstMonth ?? lastMonth
  return oldest === undefined || oldest < keepFrom
}

function reasonsOfRange({ covers, lastMonth }: MonthPartition, keepFrom: Month): readonly KeptReason[] {
  if (covers === 'maxvalue') return ['it has no upper bound']
  if (lastMonth === undefined) return ['its bound lies below all time']
  return [
    ...when(lastMonth >= keepFrom, 'it reaches into a month that is kept'),
    ...when(covers === 'several months', 'it holds several months'),
    ...when(covers === 'part of a month', 'it holds part of a month'),
  ]
}

function when(isSo: boolean, reason: KeptReason): readonly KeptReason[] {
  return isSo ? [reason] : []
}
