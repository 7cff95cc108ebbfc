import { elapsedBetween, fromControlTime } from '../../src/db/date-time.ts'
import type { ReadSession } from '../../src/db/session.ts'
import type { TableName } from '../../src/db/statement.ts'
import type { Control } from '../../src/run/context.ts'
import { controlTableNames } from '../../src/run/sql.ts'
import { selectCounting } from './counting-sql.ts'
import { type Month, nextMonth, startOfMonth } from './partitions/months.ts'

/** A rollup job that counts the rows of a table. */
export interface Counting {
  readonly job: string
  /** ISO text: rows before are counted for good. Undefined where every row that is still there is one to count. */
  readonly until: string | undefined
}

/** What rollup jobs have put down of the tables they count. Nothing is known while the control tables are missing. */
export async function readCounting(
  session: Pick<ReadSession, 'rows'>,
  { schema, isInstalled, missingTables }: Control,
  table: TableName,
): Promise<readonly Counting[]> {
  if (!isInstalled || missingTables.includes(rollupTable)) return []
  const rows = await session.rows(selectCounting(schema, table))
  return rows.map(({ job, counted_until: until }) => ({
    job: String(job),
    until: until === null || until === undefined ? undefined : fromControlTime(String(until)),
  }))
}

const rollupTable = controlTableNames.find((name) => name.endsWith('_rollup')) ?? ''

/** A month that would go away. */
export interface Leaving {
  readonly month: Month
  /** In which months begin. */
  readonly zone: string
  /** The archive job, for the command that helps. */
  readonly archive: string
}

/** Why rows of a month may not go away yet; undefined when they may. Ends a sentence that names the month. */
export function findUncounted(
  counting: readonly Counting[],
  { month, zone, archive }: Leaving,
): string | undefined {
  const end = startOfMonth(nextMonth(month), zone)
  const behind = counting.find(({ until }) => until === undefined || elapsedBetween(until, end) > 0)
  if (behind === undefined) return undefined
  return `the rollup job ${behind.job} has not counted it yet; let it run first (rowkeeper run ${behind.job}), or, when there is no such job any more: rowkeeper archive forget-rollup ${archive} ${behind.job}`
}
