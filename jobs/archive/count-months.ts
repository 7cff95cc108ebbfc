import type { ReadSession } from '../../src/db/session.ts'
import { type Cutoff, eligibleRange, lastMonth } from './cutoff.ts'
import { monthOfValue } from './partitions/age.ts'
import { type Month, nextMonth } from './partitions/months.ts'
import { countRange, explainRange, selectNextAge, selectOldest } from './sql.ts'
import type { Tables } from './tables.ts'

export interface CountedMonth {
  readonly month: Month
  readonly rows: number
  readonly counted: 'exactly' | 'estimated'
}

/** Counting a million index entries takes a second or less; beyond it the server's estimate has to do. */
const COUNT_BOUND = 1_000_000

/** The months that have rows to move, oldest first. Months without any are stepped over by the index, not asked about. */
export async function countMonths(
  session: ReadSession,
  tables: Tables,
  cutoff: Cutoff,
  where: string,
): Promise<readonly CountedMonth[]> {
  const { source, age, zone } = tables
  const [oldest] = await session.rows(selectOldest(source, age.column, cutoff, where))
  const last = lastMonth(cutoff, zone)
  const months: CountedMonth[] = []
  let month = oldest === undefined ? undefined : monthOfValue(String(oldest.oldest), age, zone)
  while (month !== undefined && month <= last) {
    months.push(await countMonth(session, tables, { month, cutoff, where }))
    month = await findNextMonth(session, tables, { after: month, cutoff, where })
  }
  return months
}

async function countMonth(
  session: ReadSession,
  tables: Tables,
  { month, cutoff, where }: { month: Month; cutoff: Cutoff; where: string },
): Promise<CountedMonth> {
  const { source, age } = tables
  const range = eligibleRange(month, cutoff, tables)
  const [row] = await session.rows(countRange(source, age.column, { range, where, bound: COUNT_BOUND }))
  const rows = Number(row?.row_count ?? 0)
  if (rows < COUNT_BOUND) return { month, rows, counted: 'exactly' }
  const [guess] = await session.rows(explainRange(source, age.column, range))
  return { month, rows: Math.max(rows, Number(guess?.rows ?? 0)), counted: 'estimated' }
}

async function findNextMonth(
  session: ReadSession,
  tables: Tables,
  { after, cutoff, where }: { after: Month; cutoff: Cutoff; where: string },
): Promise<Month | undefined> {
  const { source, age, zone } = tables
  const { from } = eligibleRange(nextMonth(after), cutoff, tables)
  const [row] = await session.rows(selectNextAge(source, age.column, { from, to: cutoff.literal }, where))
  return row === undefined ? undefined : monthOfValue(String(row.next_age), age, zone)
}
