import type { ReadSession } from '../../src/db/session.ts'
import { type AgeRange, type Cutoff, eligibleRange, lastMonth, monthRange, olderThan } from './cutoff.ts'
import { monthOfValue } from './partitions/age.ts'
import { type Month, nextMonth } from './partitions/months.ts'
import { countRange, explainRange, selectOldest } from './sql.ts'
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
  const last = lastMonth(cutoff, tables.zone)
  const months: CountedMonth[] = []
  let month = await findMonth(session, tables, olderThan(cutoff, tables), where)
  while (month !== undefined && month <= last) {
    months.push(await countMonth(session, tables, { month, cutoff, where }))
    const { from } = monthRange(nextMonth(month), tables)
    month = await findMonth(session, tables, { from, to: cutoff.literal }, where)
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

async function findMonth(
  session: ReadSession,
  { source, age, zone }: Tables,
  range: AgeRange,
  where: string,
): Promise<Month | undefined> {
  const [row] = await session.rows(selectOldest(source, age.column, range, where))
  return row === undefined ? undefined : monthOfValue(String(row.oldest), age, zone)
}
