import type { CountedMonth } from '../count-months.ts'
import type { LedgerMonth } from '../ledger/months.ts'
import { type Month, nextMonth, startOfMonth } from '../partitions/months.ts'
import type { MonthPartition } from '../partitions/partition-map.ts'
import type { ExchangeStep, Kept } from '../plan-model.ts'
import type { PlanScene } from '../scene.ts'
import { readMonthPartitions } from './archive-month.ts'
import { heldTableName } from './held-table.ts'
import { type LiveMonth, toLiveMonths } from './live-partitions.ts'
import { findObstacles } from './obstacles.ts'
import { probeRows } from './sql.ts'

export interface ExchangePlan {
  readonly steps: readonly ExchangeStep[]
  /** Months that are not over, and that wait for their exchange instead of being moved row by row. */
  readonly waiting: readonly Month[]
  readonly kept: readonly Kept[]
  /** Sentences. */
  readonly notes: readonly string[]
}

const nothing: ExchangePlan = { steps: [], waiting: [], kept: [], notes: [] }

/**
 * Which months go by exchanging partitions: whole months of a live table that is partitioned by month itself, into
 * archive partitions that hold nothing yet. The month in which the cutoff lies waits until it is over: moved day by day,
 * its archive partition would never be empty when it is, and no month would ever be exchanged.
 */
export async function planExchanges(
  scene: PlanScene,
  months: readonly CountedMonth[],
): Promise<ExchangePlan> {
  const partitions = await readLivePartitions(scene)
  const begun = planBegun(scene, partitions)
  if (partitions.length === 0) return { ...nothing, steps: begun }
  const { obstacles, notes } = await findObstacles(scene)
  if (obstacles.length > 0) return { ...nothing, steps: begun, notes: [describeObstacles(scene, obstacles)] }
  const fresh = months.filter(({ month }) => !begun.some((step) => step.month === month))
  const candidates = await readCandidates(scene, fresh, partitions)
  const able = candidates.filter(({ isEmptyThere }) => isEmptyThere)
  const whole = able.filter(({ month }) => isWhole(scene, month))
  const waiting = able.filter(({ month }) => !isWhole(scene, month))
  return {
    steps: [
      ...begun,
      ...whole.map(toStep),
      ...(await planLeftovers(
        scene,
        partitions,
        months.map(({ month }) => month),
      )),
    ],
    waiting: waiting.map(({ month }) => month),
    kept: waiting.map(({ month, rows }) => ({
      reason: `${month} is exchanged as a whole when it is over`,
      rows,
    })),
    notes: [...notes, ...describeExchanged(scene, whole), ...describeFilled(scene, candidates)],
  }
}

/** None when the live table is not cut by months. */
async function readLivePartitions({ context, tables }: PlanScene): Promise<readonly LiveMonth[]> {
  const { source, target, age, zone } = tables
  if (target.place === 'there' || source.partitions === undefined) return []
  const live = { ...target, name: source.table.name }
  const partitions = await context.read((session) =>
    readMonthPartitions(session, { target: live, age }, zone),
  )
  return toLiveMonths(partitions)
}

/** What an earlier run began. Its rows may be in neither table now, so it comes before everything of its month. */
function planBegun({ tables, ledger }: PlanScene, partitions: readonly LiveMonth[]): readonly ExchangeStep[] {
  const { name } = tables.source.table
  return [...ledger.values()]
    .filter(({ month, state, heldTable }) => {
      const isBegun = state === 'exchanging' || state === 'unproven'
      return isBegun && heldTable === heldTableName(name, month).table
    })
    .map(({ month, digest }) => {
      const partition = partitions.find((candidate) => candidate.month === month)
      const rows = digest.rows === 0n ? (partition?.estimatedRows ?? 0) : Number(digest.rows)
      const bytes = partition?.bytes ?? 0
      return { type: 'exchangeMonth', month, partition: partition?.name ?? 'none', rows, bytes }
    })
}

interface Candidate extends CountedMonth {
  readonly partition: LiveMonth
  /** The archive table has no row of the month, and the ledger knows of none. */
  readonly isEmptyThere: boolean
}

async function readCandidates(
  scene: PlanScene,
  months: readonly CountedMonth[],
  partitions: readonly LiveMonth[],
): Promise<readonly Candidate[]> {
  const { context, tables, ledger } = scene
  const { target, age, zone } = tables
  const there = await context.read((session) => readMonthPartitions(session, { target, age }, zone))
  const candidates: Candidate[] = []
  for (const counted of months) {
    const partition = partitions.find(({ month }) => month === counted.month)
    if (partition === undefined) continue
    const place = there.find(({ month }) => month === counted.month)
    const isEmptyThere = isUnknown(ledger.get(counted.month)) && (await isEmpty(scene, place))
    candidates.push({ ...counted, partition, isEmptyThere })
  }
  return candidates
}

function isUnknown(ledger: LedgerMonth | undefined): boolean {
  return (
    ledger === undefined ||
    ((ledger.state === 'open' || ledger.state === 'dropped') && ledger.digest.rows === 0n)
  )
}

/** A partition that is still to be made is empty too. */
async function isEmpty({ context, tables }: PlanScene, place: MonthPartition | undefined): Promise<boolean> {
  if (place === undefined) return true
  const rows = await context.read((session) =>
    session.rows(probeRows({ table: tables.target.name, partition: place.name })),
  )
  return rows.length === 0
}

function isWhole({ tables, cutoff }: PlanScene, month: Month): boolean {
  return startOfMonth(nextMonth(month), tables.zone) <= cutoff.instant
}

function toStep({ month, rows, partition }: Candidate): ExchangeStep {
  return { type: 'exchangeMonth', month, partition: partition.name, rows, bytes: partition.bytes }
}

/** Empty partitions of months that are proven in the archive table: late rows kept them when the month went. */
async function planLeftovers(
  { context, tables, ledger }: PlanScene,
  partitions: readonly LiveMonth[],
  busy: readonly Month[],
): Promise<readonly ExchangeStep[]> {
  const table = tables.source.table.name
  const steps: ExchangeStep[] = []
  for (const { month, name } of partitions) {
    const known = busy.includes(month) ? undefined : ledger.get(month)
    const isArchived = known?.state === 'open' && known.pinnedAt === undefined && known.digest.rows > 0n
    if (!isArchived || partitions.length < 2) continue
    const rows = await context.read((session) => session.rows(probeRows({ table, partition: name })))
    if (rows.length === 0) steps.push({ type: 'exchangeMonth', month, partition: name, rows: 0, bytes: 0 })
  }
  return steps
}

function describeObstacles({ tables }: PlanScene, obstacles: readonly string[]): string {
  const { table } = tables.source.table.name
  return `${table} is partitioned by month, but its months are moved in batches: ${obstacles.join('; ')}.`
}

/** Both tables are missing the rows meanwhile, which readers of old months may notice. */
function describeExchanged({ tables }: PlanScene, whole: readonly Candidate[]): readonly string[] {
  const [first] = whole
  if (first === undefined) return []
  const { table } = heldTableName(tables.source.table.name, first.month)
  return [
    `While a month is exchanged, its rows are in a table of their own (${table}) until they are proven: about two seconds for a million rows.`,
  ]
}

function describeFilled({ tables }: PlanScene, candidates: readonly Candidate[]): readonly string[] {
  const filled = candidates.filter(({ isEmptyThere }) => !isEmptyThere).map(({ month }) => month)
  if (filled.length === 0) return []
  const { table } = tables.target.name
  return [`${filled.join(', ')}: moved in batches, for ${table} holds rows of it already.`]
}
