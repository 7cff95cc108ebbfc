import type { Partition, PartitionMap } from '../../../src/db/partitions.ts'
import type { Age } from './age.ts'
import { type Month, previousMonth } from './months.ts'
import { type Layout, monthAt, readScheme } from './scheme.ts'

/** A partition as months see it. What it holds is said by its bounds alone, never by its name. */
export interface MonthPartition {
  readonly name: string
  /** The one month it holds, whole or in part. */
  readonly month: Month | undefined
  /** Undefined where nothing lies below: such a partition takes rows of any earlier month too, and NULLs. */
  readonly firstMonth: Month | undefined
  /** Undefined for MAXVALUE, and for a bound below all time. */
  readonly lastMonth: Month | undefined
  /** As the catalogue prints the bounds: `from <= age < to`. */
  readonly from: string | undefined
  readonly to: string | undefined
  readonly covers: Coverage
  readonly estimatedRows: number
  readonly bytes: number
}

/**
 * month: exactly one · part of a month: cut finer · several months: one that nobody made lies in its neighbour above ·
 * before: below all time, for NULLs and zero dates · maxvalue: all that is above.
 */
export type Coverage = 'month' | 'part of a month' | 'several months' | 'before' | 'maxvalue'

export interface MonthlyTable extends Layout {
  /** In the order of time. */
  readonly partitions: readonly MonthPartition[]
}

/**
 * Reads a table's partitions as months; `problem` ends the sentence "orders_archive cannot hold months: …".
 *
 * The lowest partition counts as the month just below its bound: rows of earlier months get partitions of their own
 * before they come. Who drops or proves it must know that the catalogue names no lower bound (`firstMonth`).
 */
export function interpret(
  map: PartitionMap,
  age: Age,
  zone: string,
): MonthlyTable | { readonly problem: string } {
  const scheme = readScheme(map, age, zone)
  if ('problem' in scheme) return scheme
  const layout: Layout = { scheme, age, zone }
  const partitions = map.partitions.map((partition, index) =>
    interpretPartition(partition, map.partitions[index - 1]?.upperBound, layout),
  )
  const strange = partitions.find((partition) => liesAcrossMonths(partition, layout))
  if (strange === undefined) return { ...layout, partitions }
  return {
    problem: `${strange.name} lies from ${strange.from} to ${strange.to}, and in ${zone} no month begins at either; name the zone it was cut in under age: timeZone`,
  }
}

/** Cut by weeks, or by the months of another zone: both bounds lie inside months, and not inside the same. */
function liesAcrossMonths({ covers, from, to }: MonthPartition, layout: Layout): boolean {
  if (covers !== 'several months' || from === undefined || to === undefined) return false
  return monthAt(from, layout)?.isStart === false && monthAt(to, layout)?.isStart === false
}

function interpretPartition(partition: Partition, from: string | undefined, layout: Layout): MonthPartition {
  const to = partition.upperBound
  const start = from === undefined ? undefined : monthAt(from, layout)
  const end = to === undefined ? undefined : monthAt(to, layout)
  const firstMonth = start?.month
  const lastMonth = end?.isStart === true ? previousMonth(end.month) : end?.month
  const isWhole = end?.isStart === true && start?.isStart !== false
  const covers = coverageOf({ to, firstMonth, lastMonth, isWhole })
  return {
    name: partition.name,
    month: covers === 'month' || covers === 'part of a month' ? lastMonth : undefined,
    firstMonth,
    lastMonth,
    from,
    to,
    covers,
    estimatedRows: partition.estimatedRows,
    bytes: partition.dataBytes + partition.indexBytes,
  }
}

interface Range {
  readonly to: string | undefined
  readonly firstMonth: Month | undefined
  readonly lastMonth: Month | undefined
  readonly isWhole: boolean
}

function coverageOf({ to, firstMonth, lastMonth, isWhole }: Range): Coverage {
  if (to === undefined) return 'maxvalue'
  if (lastMonth === undefined) return 'before'
  if (firstMonth !== undefined && firstMonth < lastMonth) return 'several months'
  return isWhole ? 'month' : 'part of a month'
}
