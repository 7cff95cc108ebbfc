import type { Column } from '../../src/db/catalog.ts'
import { elapsedBetween, fromColumnTime } from '../../src/db/date-time.ts'
import { id, type Statement, sql, statement, tableId } from '../../src/db/statement.ts'
import { formatDuration } from '../../src/lib/units.ts'
import type { Finding } from '../../src/run/events.ts'
import type { Check } from '../../src/run/job.ts'
import type { ReconcileConfig } from './config.ts'
import { resolveSource, type Source } from './source.ts'

/** Clocks of hosts differ by this much in good health. */
const AHEAD_MS = 2 * 60 * 1000
const FRESH_MS = 10 * 60 * 1000
const STALE_MS = 30 * 60 * 1000

/**
 * A DATETIME says nothing of its zone. Read in the wrong one, rows look hours too old or not yet there, and the grace
 * time means nothing. The newest row gives it away: it lies in the future, or is hours old as configured and minutes
 * old in UTC.
 */
export const zoneCheck: Check<ReconcileConfig> = {
  id: 'reconcile.dateTimeZone',
  scope: 'plan',
  async look(context, settings) {
    const resolved = await resolveSource(context, settings)
    if ('problems' in resolved) return []
    const { createdAt } = resolved.source.columns
    if (createdAt.dataType !== 'datetime' || resolved.source.scanIndex === undefined) return []
    const [row] = await context.read((session) => session.rows(selectNewest(resolved.source)))
    if (row === undefined || row.newest === null) return []
    const age = (zone: string) => ageOf(String(row.newest), createdAt, zone, context.asOf)
    return judge(age(settings.database.dateTimeZone), age('UTC'), settings.database.dateTimeZone)
  },
}

function ageOf(text: string, column: Column, zone: string, asOf: string): number {
  const instant = fromColumnTime(text, column, zone)
  return instant === undefined ? 0 : elapsedBetween(instant, asOf)
}

function judge(configured: number, inUtc: number, zone: string): readonly Finding[] {
  if (configured < -AHEAD_MS)
    return [suspect(`lies ${formatDuration(-configured)} in the future when read in ${zone}`)]
  const isFreshInUtc = inUtc > -AHEAD_MS && inUtc < FRESH_MS
  if (configured < STALE_MS || !isFreshInUtc) return []
  return [suspect(`is ${formatDuration(configured)} old when read in ${zone}, and fresh when read in UTC`)]
}

function suspect(observed: string): Finding {
  return {
    id: 'reconcile.dateTimeZone',
    severity: 'warning',
    evidence: `The newest row ${observed}: the application seems to write DATETIME columns in another zone.`,
    fix: 'Set databases.*.dateTimeZone to the zone the application writes in, then run: rowkeeper doctor',
  }
}

function selectNewest({ table, columns }: Source): Statement {
  return statement(
    'reconcile.select-newest',
    sql`SELECT MAX(${id(columns.createdAt.name)}) AS newest FROM ${tableId(table.name)}`,
  )
}
