import type { Month } from '../partitions/months.ts'
import type { MonthPartition } from '../partitions/partition-map.ts'

/** A partition of the live table, and the month it can be exchanged as. */
export interface LiveMonth extends MonthPartition {
  readonly month: Month
}

/**
 * Each by the month below its upper bound. When the partition below it was dropped, its range reaches down to the bound
 * before that, also above a partition for all that is older: were only ranges of one month taken, no second month
 * would ever go. Rows of earlier months that came into it since are moved before it, and looked for under the lock.
 */
export function toLiveMonths(partitions: readonly MonthPartition[]): readonly LiveMonth[] {
  return partitions.flatMap((partition) => {
    const { covers, lastMonth: month } = partition
    const isMonth = covers === 'month' || covers === 'several months'
    return isMonth && month !== undefined ? [{ ...partition, month }] : []
  })
}
