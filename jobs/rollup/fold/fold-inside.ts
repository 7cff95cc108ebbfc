import type { Row } from '../../../src/db/connection.ts'
import type { Transaction } from '../../../src/db/session.ts'
import { createWallClock, isSameZone, listShifts, type Shift } from '../buckets/wall-clock.ts'
import type { CountScene } from '../scene.ts'
import { type SourceTable, scaleOf } from '../tables.ts'
import { toDigits } from './amount.ts'
import { createFold, type Fold, type Folded } from './fold.ts'
import { type Stretch, selectFoldedEvents, selectTimes } from './folded-sql.ts'

/**
 * Events folded by the server into the smallest buckets, and from there into the larger ones here. Only for what needs
 * no value of a single event: no filters, and no measures of different values.
 *
 * Measured with 200,000 events in transactions of 50,000, beside reading every event to fold it here: about the same
 * time on MariaDB 10.11 and a sixth less on MySQL 9.7, but a tenth of the memory and of our processor time.
 */
export async function foldInside(
  session: Pick<Transaction, 'rows'>,
  { tables: { counters } }: Pick<CountScene, 'tables'>,
  source: SourceTable,
  stretch: Stretch,
): Promise<Fold> {
  const [size] = counters.sizes
  const shifts = await findShifts(session, source, { stretch, zone: counters.zone })
  const rows = await session.rows(selectFoldedEvents(source, stretch, { shifts, size }))
  const fold = createFold({ sizes: counters.sizes, sums: source.sums.length, uniques: 0 })
  for (const row of rows) fold.addFolded(toFolded(source, row))
  return fold
}

/** Whether the server may fold what this job counts. */
export function canFoldInside({ agent, viewer, uniques, group }: SourceTable): boolean {
  const isPrinted = group.every(
    ({ characterSet, dataType }) => characterSet === undefined && !isBytes(dataType),
  )
  return agent === undefined && viewer === undefined && uniques.length === 0 && isPrinted
}

/** Texts would be grouped by their collation, where their bytes are what counters are kept by. */
function isBytes(dataType: string): boolean {
  return ['binary', 'varbinary', 'bit'].includes(dataType)
}

async function findShifts(
  session: Pick<Transaction, 'rows'>,
  source: SourceTable,
  { stretch, zone }: { readonly stretch: Stretch; readonly zone: string },
): Promise<readonly Shift[]> {
  if (isSameZone(source.time.zone, zone)) return []
  const [times] = await session.rows(selectTimes(source, stretch))
  if (times === undefined || times.first === null) return []
  return listShifts(createWallClock(source.time, zone), String(times.first), String(times.last))
}

function toFolded({ group, sums }: SourceTable, row: Row): Folded {
  return {
    group: group.map((_, position) => String(row[`group_${position}`])),
    series: 'people',
    start: String(row.bucket_start),
    events: Number(row.events),
    amounts: sums.map((column, position) => toDigits(String(row[`sum_${position}`] ?? 0), scaleOf(column))),
  }
}
