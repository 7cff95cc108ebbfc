import { elapsedBetween, fromControlTime } from '../../../src/db/date-time.ts'
import type { Finding } from '../../../src/run/events.ts'
import { selectOthers } from '../ledger/sql.ts'
import type { Strategy } from '../strategy/choose.ts'
import type { SourceTable } from '../tables.ts'
import { type CheckScene, warning } from './look.ts'

/** A job that has not run for so long was removed, or has another name now. */
const ALIVE_MS = 7 * 24 * 3_600_000

/** Runs of two jobs never count a table at the same time; one after the other, each takes events away from the other. */
export async function warnOfOthers(
  { context }: CheckScene,
  source: SourceTable,
  strategy: Strategy,
): Promise<readonly Finding[]> {
  const { control, job, read, asOf } = context
  if (!control.isInstalled) return []
  const { name } = source.table
  const rows = await read((session) => session.rows(selectOthers(control.schema, { job, name })))
  return rows
    .filter((row) => elapsedBetween(fromControlTime(String(row.updated_at)), asOf) < ALIVE_MS)
    .filter((row) => strategy !== 'recompute' || row.strategy !== 'recompute')
    .map((row) =>
      warning(
        'sharedEvents',
        `The job ${row.job} counts ${name.schema}.${name.table} too (${row.strategy}; this one: ${strategy}): an event that one of them takes away the other never counts.`,
        'Count everything in one job, or let both recompute.',
      ),
    )
}
