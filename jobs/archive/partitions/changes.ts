import type { PartitionMap } from '../../../src/db/partitions.ts'
import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import type { Age } from './age.ts'
import type { Month } from './months.ts'
import {
  cutIntoMonths,
  monthsOf,
  type NewPartition,
  nameOf,
  namePartitions,
  type Piece,
} from './new-partitions.ts'
import { interpret, type MonthlyTable, type MonthPartition } from './partition-map.ts'
import { type Layout, monthAt } from './scheme.ts'
import { refuseTooMany } from './too-many.ts'

/** One ALTER TABLE. Plain JSON: a part of the plan. */
export type PartitionChange = AddChange | SplitChange

/** Above the highest bound: no row is touched. */
export interface AddChange {
  readonly type: 'add'
  readonly partitions: readonly NewPartition[]
  readonly months: readonly Month[]
}

/** The rows of one partition are copied into several. */
export interface SplitChange {
  readonly type: 'split'
  readonly partition: string
  readonly into: readonly NewPartition[]
  /** Those that get a partition of their own. */
  readonly months: readonly Month[]
  /** Of the statistics of the server. */
  readonly estimatedRows: number
  readonly bytes: number
  readonly reason: SplitReason
}

/** in the middle: a month that was dropped lies in its neighbour above since then. */
export type SplitReason = 'before the first' | 'in the middle' | 'several months in one' | 'behind MAXVALUE'

export interface PartitionNeeds {
  readonly map: PartitionMap
  /** Those that rows will go to. */
  readonly months: readonly Month[]
  /** The last month kept ready. */
  readonly through: Month
  readonly age: Age
  readonly zone: string
}

/**
 * Makes room: each month that rows will go to gets a partition of its own, and so does every month from the highest bound
 * to `through`, also when nobody ran it for half a year. At most one ALTER for a partition, since each copies all of its
 * rows. A wide partition is cut when a row comes for it, or when it holds `through`: while it is still empty.
 *
 * @throws RowkeeperError `archive.partitioning` for a table that `readScheme` refuses, `archive.tooManyPartitions`
 */
export function planPartitionChanges(needs: PartitionNeeds): readonly PartitionChange[] {
  const { map, age, zone } = needs
  const table = interpret(map, age, zone)
  if ('problem' in table) throw unfitPartitioning(table.problem)
  const splits = table.partitions.flatMap((partition) => {
    const pieces = cutPartition(partition, table, needs)
    return pieces.length === 0 ? [] : [splitInto(partition, pieces, table)]
  })
  const changes = [...addAbove(table, needs), ...splits]
  refuseTooMany(countAfter(map, changes))
  return changes
}

/** The pieces a partition is to be cut into; none when it may stay as it is. */
function cutPartition(
  partition: MonthPartition,
  layout: Layout,
  { months, through }: PartitionNeeds,
): readonly Piece[] {
  const { from, to, firstMonth, lastMonth, covers } = partition
  if (covers === 'before') return []
  if (to === undefined) {
    const bound = from === undefined ? undefined : monthAt(from, layout)
    return cutAbove(bound?.month, months, through)
  }
  if (lastMonth === undefined) return []
  if (firstMonth === undefined) return cutBelow(lastMonth, months)
  const wanted = [...months, through].filter((month) => firstMonth <= month && month <= lastMonth)
  const isWide = firstMonth < lastMonth
  return isWide && wanted.length > 0 ? cutIntoMonths({ first: firstMonth, last: lastMonth }, wanted) : []
}

/** Nothing lies below the lowest partition but the months that come first. */
function cutBelow(last: Month, months: readonly Month[]): readonly Piece[] {
  const [first = last] = months.toSorted()
  return first < last ? cutIntoMonths({ first, last }, months) : []
}

/** Everything from a bound to the last month wanted; from the first month wanted where there is no bound. */
function cutAbove(bound: Month | undefined, months: readonly Month[], through: Month): readonly Piece[] {
  const wanted = [...months, through].filter((month) => bound === undefined || month >= bound).toSorted()
  const first = bound ?? wanted[0]
  const last = wanted.at(-1)
  return first === undefined || last === undefined ? [] : cutIntoMonths({ first, last }, wanted)
}

function splitInto(partition: MonthPartition, pieces: readonly Piece[], table: MonthlyTable): SplitChange {
  const others = table.partitions.map(({ name }) => name).filter((name) => name !== partition.name)
  const made = namePartitions(pieces, others, table)
  return {
    type: 'split',
    partition: partition.name,
    into: partition.to === undefined ? [...made, toMaxvalue(partition)] : endAt(made, partition.to),
    months: monthsOf(pieces),
    estimatedRows: partition.estimatedRows,
    bytes: partition.bytes,
    reason: reasonFor(partition),
  }
}

function toMaxvalue({ name }: MonthPartition): NewPartition {
  return { name, upperBound: undefined }
}

/** A REORGANIZE must end exactly where the partition did (error 1520), also when that is no start of a month. */
function endAt(partitions: readonly NewPartition[], upperBound: string): readonly NewPartition[] {
  const last = partitions.length - 1
  return partitions.map((partition, index) => (index === last ? { ...partition, upperBound } : partition))
}

/** The name serves for the wording alone: one named like a month was made for that month. */
function reasonFor({ name, to, firstMonth, lastMonth }: MonthPartition): SplitReason {
  if (to === undefined) return 'behind MAXVALUE'
  if (firstMonth === undefined || lastMonth === undefined) return 'before the first'
  const isNamedForMonth = name.toLowerCase() === nameOf({ first: lastMonth, last: lastMonth })
  return isNamedForMonth ? 'in the middle' : 'several months in one'
}

function addAbove(table: MonthlyTable, { months, through }: PartitionNeeds): readonly AddChange[] {
  const highest = table.partitions.at(-1)
  if (highest?.to === undefined) return []
  const pieces = cutAbove(monthAt(highest.to, table)?.month, months, through)
  if (pieces.length === 0) return []
  const taken = table.partitions.map(({ name }) => name)
  const added = namePartitions(pieces, taken, table)
  return [{ type: 'add', partitions: added, months: monthsOf(pieces) }]
}

function unfitPartitioning(problem: string): RowkeeperError {
  return new RowkeeperError({
    code: 'archive.partitioning',
    message: `The archive table cannot hold months: ${problem}.`,
    hint: 'Name another archive table under into; one that does not exist is made with a partition for each month.',
    exitCode: exitCodes.refused,
  })
}

/** Partitions there would be after the changes. */
function countAfter(map: PartitionMap, changes: readonly PartitionChange[]): number {
  const growth = changes.map((change) =>
    change.type === 'add' ? change.partitions.length : change.into.length - 1,
  )
  return growth.reduce((sum, more) => sum + more, map.partitions.length)
}
