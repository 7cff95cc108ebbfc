import type { PlanContext } from '../../../../src/run/context.ts'
import { toDigits } from '../../fold/amount.ts'
import { FROM_THE_BEGINNING } from '../../ledger/kept.ts'
import type { Tables, TotalTable } from '../../tables.ts'
import type { AskedDays } from '../input.ts'
import { selectWrongTotals } from './totals-sql.ts'
import type { Verifying } from './verifying.ts'

/** An object whose running total is not the sum of its largest counters. Exact decimal text. */
export interface WrongTotal {
  readonly object: string
  readonly column: string
  readonly total: string
  readonly counters: string
}

export type ComparedTotals =
  | { readonly type: 'compared'; readonly wrong: readonly WrongTotal[] }
  | { readonly type: 'notCompared'; readonly why: 'days' | 'notWhole' }
  /** The job keeps none. */
  | { readonly type: 'none' }

/** So many objects are looked at more closely; more are only said to be there. */
export const TOTALS_READ = 1000

/** What was added to a total since the beginning has no days: where some are asked for, totals are left out. */
export async function findWrongTotals(
  context: PlanContext,
  verifying: Verifying,
  { tables: { total, counters }, days }: { readonly tables: Tables; readonly days: AskedDays },
): Promise<ComparedTotals> {
  if (total === undefined) return { type: 'none' }
  if (days.from !== undefined || days.to !== undefined) return { type: 'notCompared', why: 'days' }
  const { kept } = verifying
  const largest = counters.sizes.at(-1) ?? counters.sizes[0]
  const isWhole = kept.areTotalsWhole && kept.sizes[largest] === FROM_THE_BEGINNING
  if (!isWhole || counters.table === undefined) return { type: 'notCompared', why: 'notWhole' }
  return { type: 'compared', wrong: await compareTotals(context, verifying, total) }
}

/** Both are read in one snapshot: they commit together, so they are equal in each. */
async function compareTotals(
  { read }: PlanContext,
  { counters, sample }: Verifying,
  total: TotalTable,
): Promise<readonly WrongTotal[]> {
  const rows = await read((session) =>
    session.snapshot((snapshot) =>
      snapshot.rows(selectWrongTotals(counters, total, { sample, rows: TOTALS_READ })),
    ),
  )
  return rows.flatMap((row) =>
    total.columns.flatMap(({ column }, position): readonly WrongTotal[] => {
      const [kept, counted] = [String(row[`total_${position}`]), String(row[`counted_${position}`])]
      if (toDigits(kept, SCALE) === toDigits(counted, SCALE)) return []
      return [{ object: String(row.object), column: column.name, total: kept, counters: counted }]
    }),
  )
}

/** As many digits as DECIMAL has behind the point, at most. */
const SCALE = 38
