import type { Row } from '../../../src/db/connection.ts'
import type { Transaction } from '../../../src/db/session.ts'
import { createWallClock, isSameZone, listShifts, type Shift } from '../buckets/wall-clock.ts'
import { toDigits } from '../fold/amount.ts'
import type { CountedDay } from '../fold/fold.ts'
import { addFolded, type Stretch, selectDays, selectObjectSums, selectTimes } from '../fold/folded-sql.ts'
import { accountFor } from '../ledger/account.ts'
import type { Origin } from '../ledger/sql.ts'
import type { CountScene } from '../scene.ts'
import { type SourceTable, scaleOf } from '../tables.ts'
import type { BatchCount } from './count-batch.ts'
import { explainCounters } from './errors.ts'
import { compareObjects, type ObjectSum } from './object-sums.ts'
import { writeTotals } from './write-totals.ts'

/**
 * Whether the server may fold what this job counts: nothing looks at a single event, and nothing is grouped by text,
 * which a server groups by its collation and we keep by its bytes.
 */
export function canCountInside({ agent, viewer, uniques, group }: SourceTable): boolean {
  const isPrinted = group.every(
    ({ characterSet, dataType }) => characterSet === undefined && !isBytes(dataType),
  )
  return agent === undefined && viewer === undefined && uniques.length === 0 && isPrinted
}

function isBytes(dataType: string): boolean {
  return ['binary', 'varbinary', 'bit'].includes(dataType)
}

/** Events that the server folds, and what they come to day by day. */
export interface InsideBatch {
  readonly stretch: Stretch
  readonly shifts: readonly Shift[]
  readonly days: readonly CountedDay[]
  readonly events: number
}

/**
 * Looks at a stretch of events that nobody else may change meanwhile.
 *
 * Measured with two million events of 50,000 objects beside reading folded rows to write them from here: the same time
 * on the server, but half of this process's went into its garbage.
 */
export async function surveyInside(
  session: Pick<Transaction, 'rows'>,
  { tables: { counters } }: Pick<CountScene, 'tables'>,
  source: SourceTable,
  stretch: Stretch,
): Promise<InsideBatch> {
  const shifts = await findShifts(session, source, { stretch, zone: counters.zone })
  const rows = await session.rows(selectDays(source, stretch, shifts, counters.sizes[0]))
  const days = rows.map((row) => ({ day: String(row.folded_day), ...toSums(source, row) }))
  return { stretch, shifts, days, events: days.reduce((sum, { events }) => sum + events, 0) }
}

/** Adds a stretch to counters, totals and ledger, inside the transaction that takes it away or marks it as counted. */
export async function countInside(
  transaction: Transaction,
  scene: CountScene,
  source: SourceTable,
  { stretch, shifts, days, events, origin }: InsideBatch & { readonly origin: Origin },
): Promise<BatchCount> {
  const { counters, total } = scene.tables
  const sums =
    total === undefined ? [] : await readObjectSums(transaction, source, stretch, total.groupPosition)
  const { records } = await transaction
    .change(addFolded(source, counters, { stretch, shifts }))
    .catch((error) => explainCounters(error, counters))
  const unknownObjects = total === undefined ? [] : await writeTotals(transaction, total, { counters, sums })
  await accountFor(transaction, scene, { days, origin, repeats: [] })
  return { events, filtered: 0, keys: records, unknownObjects }
}

async function findShifts(
  session: Pick<Transaction, 'rows'>,
  source: SourceTable,
  { stretch, zone }: { readonly stretch: Stretch; readonly zone: string },
): Promise<readonly Shift[]> {
  if (isSameZone(source.time.zone, zone)) return []
  const [times] = await session.rows(selectTimes(source, stretch))
  if (times === undefined || times.first_time === null) return []
  return listShifts(createWallClock(source.time, zone), String(times.first_time), String(times.last_time))
}

async function readObjectSums(
  transaction: Transaction,
  source: SourceTable,
  stretch: Stretch,
  position: number,
): Promise<readonly ObjectSum[]> {
  const rows = await transaction.rows(selectObjectSums(source, stretch, position))
  return rows.map((row) => ({ object: String(row.object), ...toSums(source, row) })).toSorted(compareObjects)
}

function toSums({ sums }: SourceTable, row: Row): { readonly events: number; readonly amounts: bigint[] } {
  const amounts = sums.map((column, position) =>
    toDigits(String(row[`sum_${position}`] ?? 0), scaleOf(column)),
  )
  return { events: Number(row.events), amounts }
}
