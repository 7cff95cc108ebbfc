import { type Fragment, id, join, raw, sql } from '../../../src/db/statement.ts'
import type { SourceTable } from '../tables.ts'

const FIRST_TEXT = '1000-01-01'
/** The last second of the year 9999, which is the last that DATETIME holds. */
const LAST_SECOND = 253_402_300_799n

/** Events that belong into a bucket: with a time that is a point in time, and a value for everything they are counted by. */
export function isUsable({ time, group }: SourceTable): Fragment {
  const name = id(time.column.name)
  const isInTime =
    time.unit === 'text'
      ? sql`${name} >= ${FIRST_TEXT}`
      : sql`${name} BETWEEN 0 AND ${time.unit === 'seconds' ? LAST_SECOND : LAST_SECOND * 1000n}`
  const isGrouped = group
    .filter(({ isNullable }) => isNullable)
    .map((column) => sql`${id(column.name)} IS NOT NULL`)
  return join([isInTime, ...isGrouped], ' AND ')
}

/** NULL is neither: `NOT` of the other would leave it out. */
export function isUnusable(source: SourceTable): Fragment {
  return sql`(${isUsable(source)}) IS NOT ${raw('TRUE')}`
}
