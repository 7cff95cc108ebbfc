import { readSpace, type Space } from '../../src/db/space.ts'
import { formatCount } from '../../src/lib/units.ts'
import type { PlanContext } from '../../src/run/context.ts'
import type { JobSettings, Page } from '../../src/run/job.ts'
import { planJournal } from './carry/plan-journal.ts'
import { readChildShares } from './children.ts'
import type { ArchiveConfig } from './config.ts'
import { type CountedMonth, countMonths } from './count-months.ts'
import { findCutoff } from './cutoff.ts'
import { estimateMove } from './estimate.ts'
import { type ExchangePlan, planExchanges } from './exchange/plan-exchange.ts'
import { findKept } from './kept.ts'
import { type LedgerMonth, readMonths } from './ledger/months.ts'
import { planTables } from './partitions/plan-tables.ts'
import type { ArchivePlan, ExchangeStep, MonthCount, MoveStep } from './plan-model.ts'
import { planRotation } from './rotate/plan-rotation.ts'
import type { PlanScene } from './scene.ts'
import { describeServers } from './server-notes.ts'
import { describeStatements } from './statements.ts'
import { readTables, type Tables } from './tables.ts'
import { findUncounted, readCounting } from './uncounted.ts'

export type { PlanScene }

/** Everything in one page: what a month needs depends on what was done for the one before. */
export async function planArchive(
  context: PlanContext,
  settings: JobSettings<ArchiveConfig>,
): Promise<Page<ArchivePlan>> {
  const tables = await readTables(context, settings)
  const { options } = settings
  const cutoff = findCutoff(context.asOf, options.age.olderThan, tables)
  const ledger = await readLedger(context, tables)
  const counting = await readCountings(context, tables)
  const scene: PlanScene = { context, settings, tables, cutoff, ledger, counting }
  const found = await context.read((session) => countMonths(session, tables, cutoff, options.where))
  return { plan: await composePlan(scene, found), next: undefined }
}

async function composePlan(scene: PlanScene, found: readonly CountedMonth[]): Promise<ArchivePlan> {
  const { context, tables, cutoff } = scene
  const months = found.filter((one) => mayMove(scene, one))
  const size = await readSizes(scene)
  const shares = await readChildShares(scene, size.source.estimatedRows)
  const rowBytes = shares.reduce((sum, { bytes }) => sum + bytes, size.source.averageRowBytes)
  const exchanges = await planExchanges(scene, months)
  const moves = toMoves(months, exchanges, rowBytes)
  const definition = await planTables(
    scene,
    months.map(({ month }) => month),
  )
  const rotation = await planRotation(scene)
  const journal = await planJournal(scene)
  const counts = moves.map((move) => toMonthCount(move, months))
  const rows = sumRows(moves, 'moveMonth') + sumRows(moves, 'exchangeMonth')
  return {
    asOf: context.asOf,
    cutoff: cutoff.instant,
    cutoffLiteral: String(cutoff.literal),
    timeZone: tables.zone,
    months: counts,
    children: shares.map(({ table, rows: share }) => ({ table, rows: Math.round(rows * share) })),
    kept: [...(await findKept(scene, found)), ...exchanges.kept],
    // What a killed run left behind first; then room for the rows, the rows, and last what is to go.
    steps: [...journal, ...definition.steps, ...moves, ...rotation.steps],
    estimate: await estimateMove(scene, sumRows(moves, 'moveMonth'), exchanges.steps),
    binaryLogBytes: binaryLogBytes(scene, moves),
    size,
    notes: [
      ...definition.notes,
      ...exchanges.notes,
      ...rotation.notes,
      ...(await describeServers(scene, bytesToMove(moves))),
      ...describeLimit(context, rows),
    ],
    statements: describeStatements(scene, [...definition.steps, ...moves]),
  }
}

/** Whether rows may come into a month of the archive; why not is told by `findKept`. */
function mayGrow(month: LedgerMonth | undefined): boolean {
  return month?.pinnedAt === undefined && month?.state !== 'rotating'
}

function mayMove(
  { ledger, counting, tables: { zone }, settings }: PlanScene,
  { month }: CountedMonth,
): boolean {
  const leaving = { month, zone, archive: settings.job }
  return mayGrow(ledger.get(month)) && findUncounted(counting.live, leaving) === undefined
}

function sumRows(moves: readonly (MoveStep | ExchangeStep)[], type: 'moveMonth' | 'exchangeMonth'): number {
  return moves.filter((move) => move.type === type).reduce((sum, { rows }) => sum + rows, 0)
}

function describeLimit({ limit }: PlanContext, rows: number): readonly string[] {
  if (limit === undefined || limit >= rows) return []
  return [
    `With --limit a run moves the oldest ${formatCount(limit)} of these rows and leaves the others to the next.`,
  ]
}

/** An exchange may be of a month without a row to move: one that a killed run left half-way. */
function toMoves(
  months: readonly CountedMonth[],
  { steps, waiting }: ExchangePlan,
  rowBytes: number,
): readonly (MoveStep | ExchangeStep)[] {
  const taken = new Set([...steps.map(({ month }) => month), ...waiting])
  const moves = months
    .filter(({ month }) => !taken.has(month))
    .map(
      ({ month, rows }): MoveStep => ({ type: 'moveMonth', month, rows, bytes: Math.round(rows * rowBytes) }),
    )
  return [...steps, ...moves].toSorted((left, right) => (left.month < right.month ? -1 : 1))
}

function toMonthCount(move: MoveStep | ExchangeStep, months: readonly CountedMonth[]): MonthCount {
  const counted = months.find(({ month }) => month === move.month)?.counted ?? 'estimated'
  const how = move.type === 'exchangeMonth' ? 'exchange' : 'batches'
  return { month: move.month, rows: move.rows, bytes: move.bytes, counted, how }
}

/**
 * In row format a row is written once as inserted and once, whole or its key alone, as deleted. An exchange is two
 * statements.
 */
function binaryLogBytes({ context, tables }: PlanScene, moves: readonly (MoveStep | ExchangeStep)[]): number {
  const { server } = context
  if (!server.binaryLog) return 0
  const bytes = bytesToMove(moves)
  const images = (tables.target.place === 'here' ? 1 : 0) + (server.binaryLogRowImage === 'MINIMAL' ? 0.1 : 1)
  return Math.round(bytes * images)
}

/** An exchange copies nothing. */
function bytesToMove(moves: readonly (MoveStep | ExchangeStep)[]): number {
  return moves.reduce((sum, move) => sum + (move.type === 'moveMonth' ? move.bytes : 0), 0)
}

interface Sizes {
  readonly source: Space
  readonly target: Space | undefined
}

async function readSizes({ context, tables }: PlanScene): Promise<Sizes> {
  const readTarget = context.destination?.read ?? context.read
  const source = await context.read((session) => readSpace(session, tables.source.table.name))
  const target =
    tables.target.table === undefined
      ? undefined
      : await readTarget((session) => readSpace(session, tables.target.name))
  return { source, target }
}

async function readLedger(context: PlanContext, tables: Tables): Promise<PlanScene['ledger']> {
  const { read, control } = context.destination ?? context
  return read((session) => readMonths(session, control, tables.target.name))
}

async function readCountings(
  context: PlanContext,
  { source, target }: Tables,
): Promise<PlanScene['counting']> {
  const there = context.destination ?? context
  return {
    live: await context.read((session) => readCounting(session, context.control, source.table.name)),
    archive: await there.read((session) => readCounting(session, there.control, target.name)),
  }
}
