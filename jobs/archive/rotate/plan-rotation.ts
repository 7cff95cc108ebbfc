import { findColumn } from '../../../src/db/catalog.ts'
import { formatPeriod } from '../../../src/lib/units.ts'
import { type ArchiveMonth, readArchiveMonth, readMonthPartitions } from '../exchange/archive-month.ts'
import type { Month } from '../partitions/months.ts'
import { listPairs } from '../partitions/pairs.ts'
import type { MonthPartition } from '../partitions/partition-map.ts'
import { type Expiry, expiredMonths, firstKeptMonth } from '../partitions/retention.ts'
import { planPlace } from '../place.ts'
import type { DropStep, RotateStep } from '../plan-model.ts'
import type { PlanScene } from '../scene.ts'
import { findUncounted } from '../uncounted.ts'
import { mayGo } from './drop-held.ts'
import { exportPath } from './export-month.ts'
import { findRefusal } from './refusal.ts'

export interface RotationPlan {
  readonly steps: readonly (RotateStep | DropStep)[]
  /** Sentences. */
  readonly notes: readonly string[]
}

/**
 * What is to leave the archive table: months that an earlier run began to take out, held ones whose time is over, and
 * those that are older than `keep` by the bounds of their partitions. With `keep: forever` nothing is dropped any more,
 * what is held already included: whoever wrote that did not mean to lose it.
 */
export async function planRotation(scene: PlanScene): Promise<RotationPlan> {
  const { context, settings, tables } = scene
  const { keep } = settings.options.into
  if (keep === 'forever') {
    const known = await readKnown(scene, [])
    return {
      steps: known.filter(isBegun).map((month) => toRotation(scene, month)),
      notes: known.flatMap(describeHeld),
    }
  }
  const expiry = await readExpiry(scene, firstKeptMonth(context.asOf, keep, tables.zone))
  const known = await readKnown(scene, expiry.expired)
  const expired = known.filter((month) => isExpired(month, expiry))
  const able = expired.filter((month) => refusalOf(scene, month) === undefined)
  return {
    steps: [
      ...known.filter((month) => isDue(month, context.asOf)).flatMap(toDrop),
      ...[...known.filter(isBegun), ...able].map((month) => toRotation(scene, month)),
    ],
    notes: [
      ...expired.flatMap((month) => describeRefusal(scene, month, formatPeriod(keep))),
      ...describeUnknown(scene, expiry, known),
      ...describeKept(scene, expiry),
    ],
  }
}

function isBegun({ tables }: KnownMonth): boolean {
  return tables.some(({ ledger }) => ledger?.state === 'rotating')
}

function isDue({ tables }: KnownMonth, asOf: string): boolean {
  return tables.some((table) => mayGo(table, asOf))
}

/** A month with the archive tables that the ledger knows it in, children first. */
interface KnownMonth {
  readonly month: Month
  readonly tables: readonly ArchiveMonth[]
}

/** Of the archive table's months those that are under way, and those of these partitions. */
async function readKnown(
  { context, tables, ledger }: PlanScene,
  partitions: readonly MonthPartition[],
): Promise<readonly KnownMonth[]> {
  const place = planPlace(context)
  const pairs = listPairs(tables).toReversed()
  const months = [...ledger.values()].filter(
    ({ month, heldTable }) =>
      heldTable !== undefined || partitions.some((partition) => partition.month === month),
  )
  const known: KnownMonth[] = []
  for (const { month } of months) {
    const all: ArchiveMonth[] = []
    for (const pair of pairs) all.push(await readArchiveMonth(place, pair, { month, zone: tables.zone }))
    known.push({ month, tables: all.filter(hasRows) })
  }
  return known
}

function hasRows({ ledger }: ArchiveMonth): boolean {
  return ledger !== undefined && (ledger.digest.rows > 0n || ledger.heldTable !== undefined)
}

async function readExpiry({ context, tables }: PlanScene, keepFrom: Month): Promise<Expiry> {
  const { target, age, zone } = tables
  const column = target.table === undefined ? age.column : findColumn(target.table, age.column.name)
  const partitions = await planPlace(context).read((session) =>
    readMonthPartitions(session, { target, age }, zone),
  )
  return expiredMonths({ partitions, keepFrom, age: { column: column ?? age.column } })
}

function isExpired({ month, tables }: KnownMonth, { expired }: Expiry): boolean {
  const state = tables.at(-1)?.ledger?.state
  const isThere = state !== undefined && state !== 'held' && state !== 'dropped' && state !== 'rotating'
  return isThere && expired.some((partition) => partition.month === month)
}

function refusalOf(
  { counting, tables: { zone }, settings }: PlanScene,
  known: KnownMonth,
): string | undefined {
  const leaving = { month: known.month, zone, archive: settings.job }
  const refusals = [...known.tables.map(findRefusal), findUncounted(counting.archive, leaving)]
  return refusals.find((refusal) => refusal !== undefined)
}

/** The archive table itself is the last. */
function toRotation({ settings }: PlanScene, { month, tables }: KnownMonth): RotateStep {
  const own = tables.at(-1)
  const config = settings.options.into.export
  return {
    type: 'rotateMonth',
    month,
    rows: Number(own?.ledger?.digest.rows ?? 0n),
    bytes: tables.reduce((sum, { partition }) => sum + (partition?.bytes ?? 0), 0),
    exportFile: config === undefined || own === undefined ? undefined : exportPath(config, own),
  }
}

function toDrop({ month, tables }: KnownMonth): readonly DropStep[] {
  const own = tables.at(-1)
  if (own === undefined) return []
  return [{ type: 'dropHeld', month, rows: Number(own.ledger?.digest.rows ?? 0n), heldTable: own.held.table }]
}

function describeHeld({ month, tables }: KnownMonth): readonly string[] {
  const held = tables.filter(({ ledger }) => ledger?.state === 'held').map(({ held: { table } }) => table)
  if (held.length === 0) return []
  return [`${month} is held in ${held.join(', ')} and is not dropped, since keep is forever now`]
}

function describeRefusal(scene: PlanScene, known: KnownMonth, keep: string): readonly string[] {
  const refusal = refusalOf(scene, known)
  return refusal === undefined ? [] : [`${known.month} is older than ${keep} and stays: ${refusal}`]
}

/** Partitions with rows that the ledger has never heard of. */
function describeUnknown(
  { tables }: PlanScene,
  { expired }: Expiry,
  known: readonly KnownMonth[],
): readonly string[] {
  const { table } = tables.target.name
  return expired
    .filter(({ month, estimatedRows }) => estimatedRows > 0 && !known.some((other) => other.month === month))
    .map(
      ({ month }) =>
        `${month} of ${table} is old enough to go and stays: nobody accounted for its rows; prove them with: rowkeeper archive verify`,
    )
}

function describeKept({ tables }: PlanScene, { kept }: Expiry): readonly string[] {
  const { table } = tables.target.name
  const filled = kept.filter(({ partition }) => holdsOld(partition))
  return filled.map(
    ({ partition, reasons }) =>
      `${partition.name} of ${table} holds old rows and stays: ${reasons.join('; ')}`,
  )
}

/** The statistics of an empty partition say zero; a mistake costs a sentence. */
function holdsOld({ estimatedRows }: MonthPartition): boolean {
  return estimatedRows > 0
}
