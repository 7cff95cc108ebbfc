import { type Fragment, id, join, raw, sql } from '../../../src/db/statement.ts'
import { unreachable } from '../../../src/lib/errors.ts'
import type { SourceTable } from '../tables.ts'
import { type EventTime, eventTimeSql } from './event-time.ts'
import type { BucketSize } from './sizes.ts'
import type { Shift } from './wall-clock.ts'

/**
 * Where the bucket of an event begins, reckoned on the server as `bucketStart` does it here. `shifts` must cover all
 * events that are read: see `listShifts`.
 */
export function bucketStartSql(time: EventTime, shifts: readonly Shift[], size: BucketSize): Fragment {
  return truncateSql(wallSql(eventTimeSql(time), shifts), size)
}

/** Where the bucket begins that a moment lies in, both by the clock of the buckets. */
export function truncateSql(wall: Fragment, size: BucketSize): Fragment {
  switch (size) {
    case '15min':
      return sql`(${hourOf(wall)} + INTERVAL (MINUTE(${wall}) DIV 15) * 15 MINUTE)`
    case 'hour':
      return hourOf(wall)
    case 'day':
      return sql`CAST(CAST(${wall} AS DATE) AS DATETIME)`
    case 'month':
      return sql`CAST(DATE_FORMAT(${wall}, '%Y-%m-01') AS DATETIME)`
    default:
      return unreachable(size)
  }
}

function hourOf(wall: Fragment): Fragment {
  return sql`CAST(DATE_FORMAT(${wall}, '%Y-%m-%d %H:00:00') AS DATETIME)`
}

function wallSql(time: Fragment, shifts: readonly Shift[]): Fragment {
  const [first, ...later] = shifts
  if (first === undefined || (later.length === 0 && first.minutes === 0)) return time
  if (later.length === 0) return sql`(${time} + INTERVAL ${first.minutes} MINUTE)`
  const cases = later
    .toReversed()
    .map(({ from, minutes }) => sql`WHEN ${time} >= ${`${from}:00`} THEN ${minutes}`)
  return sql`(${time} + INTERVAL (CASE ${join(cases, ' ')} ELSE ${first.minutes} END) MINUTE)`
}

/**
 * Events of one size of bucket, folded by the server: `group_0` and on, `bucket_start`, `events`, `sum_0` and on. `where`
 * says which; `from` may be a table of the same columns, put aside.
 */
export function selectFolded(
  source: SourceTable,
  {
    from,
    where,
    shifts,
    size,
  }: { from: Fragment; where: Fragment; shifts: readonly Shift[]; size: BucketSize },
): Fragment {
  const groups = source.group.map((column, position) => ({
    name: id(column.name),
    alias: id(`group_${position}`),
  }))
  const aliases = join([...groups.map(({ alias }) => alias), raw('bucket_start')])
  const columns = join([
    ...groups.map(({ name, alias }) => sql`${name} AS ${alias}`),
    sql`${bucketStartSql(source.time, shifts, size)} AS bucket_start`,
    raw('COUNT(*) AS events'),
    ...source.sums.map((column, position) => sql`SUM(${id(column.name)}) AS ${id(`sum_${position}`)}`),
  ])
  return sql`SELECT ${columns} FROM ${from} WHERE ${where} GROUP BY ${aliases} ORDER BY ${aliases}`
}
