import { elapsedBetween, fromColumnTime } from '../../../src/db/date-time.ts'
import { type Statement, sql, statement } from '../../../src/db/statement.ts'
import { formatDuration } from '../../../src/lib/units.ts'
import { fromAlong, idOf } from '../sql.ts'
import type { Tables } from '../tables.ts'
import { type Look, warning } from './look.ts'

/** Clocks of hosts differ by this much in good health. */
const AHEAD_MS = 2 * 60 * 1000

/**
 * A DATETIME says nothing of its zone. Read in the wrong one, rows go hours too early, and those around midnight into the
 * neighbouring month. The newest row may give it away by lying in the future.
 */
export const checkZone: Look = async ({ context, tables }) => {
  const { age } = tables
  if (age.kind !== 'datetime') return []
  const [row] = await context.read((session) => session.rows(selectNewest(tables)))
  const newest = row?.newest ?? null
  const instant = newest === null ? undefined : fromColumnTime(String(newest), age.column, age.zone)
  const ahead = instant === undefined ? 0 : elapsedBetween(context.asOf, instant)
  if (ahead < AHEAD_MS) return []
  return [
    warning(
      'dateTimeZone',
      `The newest ${age.column.name} lies ${formatDuration(ahead)} in the future when read in ${age.zone}. Either it is meant so, or the application writes in another zone; then rows would be moved at the wrong hour.`,
      'Set databases.*.dateTimeZone to the zone the application writes in, then run: rowkeeper doctor',
    ),
  ]
}

function selectNewest({ source, age }: Tables): Statement {
  return statement(
    'archive.select-newest',
    sql`SELECT MAX(${idOf(age.column)}) AS newest FROM ${fromAlong(source)}`,
  )
}
