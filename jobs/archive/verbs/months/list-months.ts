import { readSpace } from '../../../../src/db/space.ts'
import type { PlanContext } from '../../../../src/run/context.ts'
import type { VerbResult } from '../../../../src/run/job.ts'
import { type CountedMonth, countMonths } from '../../count-months.ts'
import { findCutoff } from '../../cutoff.ts'
import { type LedgerMonth, readMonths } from '../../ledger/months.ts'
import { type ArchivePair, listPairs } from '../../partitions/pairs.ts'
import type { MonthPartition } from '../../partitions/partition-map.ts'
import { planPlace } from '../../place.ts'
import { readTables, type Tables } from '../../tables.ts'
import type { Settings } from '../input.ts'
import { monthPartitions } from '../month-partitions.ts'
import { isAccounted, type MonthFacts, type MonthStatus, statusOf, type TableMonths } from './month-status.ts'
import { monthsReport } from './months-report.ts'
import { countPartition } from './sql.ts'

/** Everything that is known of every month: in the live table, in the archive tables, held and dropped. Reads only. */
export async function listMonths(context: PlanContext, settings: Settings): Promise<VerbResult> {
  const tables = await readTables(context, settings)
  const [own, ...children] = listPairs(tables)
  if (own === undefined) throw new TypeError('a job without a table')
  const listed = [await readTableMonths(context, tables.zone, own, await readLive(context, settings, tables))]
  for (const child of children) listed.push(await readTableMonths(context, tables.zone, child, noLive))
  return {
    ...monthsReport(settings, listed, planPlace(context).control),
    detail: { tables: listed },
    counts: {},
    changed: 0,
    leftOver: 0,
  }
}

interface Live {
  readonly months: readonly CountedMonth[]
  readonly rowBytes: number
}

const noLive: Live = { months: [], rowBytes: 0 }

/** What a run would move now. */
function readLive(context: PlanContext, { options }: Settings, tables: Tables): Promise<Live> {
  const cutoff = findCutoff(context.asOf, options.age.olderThan, tables)
  return context.read(async (session) => {
    const { averageRowBytes } = await readSpace(session, tables.source.table.name)
    const months = await countMonths(session, tables, cutoff, options.where)
    return { months, rowBytes: averageRowBytes }
  })
}

async function readTableMonths(
  context: PlanContext,
  zone: string,
  pair: ArchivePair,
  live: Live,
): Promise<TableMonths> {
  const { read, control } = planPlace(context)
  const ledger = await read((session) => readMonths(session, control, pair.target.name))
  const partitions = monthPartitions(pair, zone)
  const whole = partitions.filter(({ covers }) => covers === 'month')
  const known = [...live.months, ...whole, ...ledger.values()].flatMap(({ month }) => month ?? [])
  const months: MonthStatus[] = []
  for (const month of [...new Set(known)].toSorted()) {
    const counted = live.months.find((candidate) => candidate.month === month)
    const partition = whole.find((candidate) => candidate.month === month)
    const found = await countUnaccounted(context, pair, partition, ledger.get(month))
    const liveBytes = (counted?.rows ?? 0) * live.rowBytes
    months.push(statusOf({ month, live: counted, liveBytes, partition, found, ledger: ledger.get(month) }))
  }
  return {
    table: pair.target.name.table,
    months: months.filter(({ where }) => where.length > 0),
    odd: partitions.filter(({ covers, estimatedRows }) => covers !== 'month' && estimatedRows > 0),
  }
}

/** Counting ends here: beyond it the server's estimate stands. */
const COUNT_BOUND = 1_000_000

/** Statistics may call a small partition empty that is not, so what the ledger does not know is counted. */
async function countUnaccounted(
  context: PlanContext,
  { target }: ArchivePair,
  partition: MonthPartition | undefined,
  ledger: LedgerMonth | undefined,
): Promise<MonthFacts['found']> {
  if (partition === undefined || isAccounted(ledger)) return undefined
  const { read } = planPlace(context)
  const [row] = await read((session) =>
    session.rows(countPartition(target.name, partition.name, COUNT_BOUND)),
  )
  const rows = Number(row?.row_count ?? 0)
  if (rows < COUNT_BOUND) return { rows, counted: 'exactly' }
  return { rows: Math.max(rows, partition.estimatedRows), counted: 'estimated' }
}
