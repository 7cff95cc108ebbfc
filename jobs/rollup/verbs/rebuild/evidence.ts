import { fromControlTime, toColumnTime } from '../../../../src/db/date-time.ts'
import type { ReadSession } from '../../../../src/db/session.ts'
import type { PlanContext } from '../../../../src/run/context.ts'
import { readEventTime } from '../../buckets/event-time.ts'
import { bucketStart } from '../../buckets/sizes.ts'
import { shiftBucket } from '../../buckets/steps.ts'
import { createWallClock } from '../../buckets/wall-clock.ts'
import { selectOthers } from '../../ledger/sql.ts'
import { selectFirstTime } from '../../recompute/sql.ts'
import type { CounterTable, SourceTable } from '../../tables.ts'
import type { Asked } from './asked.ts'
import { selectAdded, selectArchived, selectRotated, selectSomethingBefore } from './evidence-sql.ts'

export interface Suspect {
  readonly asked: Asked
  readonly source: SourceTable
  readonly counters: CounterTable
}

type Look = (session: ReadSession, context: PlanContext, suspect: Suspect) => Promise<readonly string[]>

/** Why counters of these days hold, or may hold, what the rows that are left do not say. Each ends a sentence. */
export function findGone(context: PlanContext, suspect: Suspect): Promise<readonly string[]> {
  return context.read(async (session) => {
    const found: string[] = []
    for (const look of looks) found.push(...(await look(session, context, suspect)))
    return found
  })
}

const looks: readonly Look[] = [findTaken, findArchived, findRotated, findOlder, findAdded]

/** Another job that counts the same table takes its rows away. */
async function findTaken(session: ReadSession, { control, job }: PlanContext, { source }: Suspect) {
  const rows = await session.rows(selectOthers(control.schema, { job, name: source.table.name }))
  return rows
    .filter(({ strategy }) => strategy !== 'recompute')
    .map((row) => `the job ${row.job} takes events away (${row.strategy})`)
}

async function findArchived(session: ReadSession, { control }: PlanContext, suspect: Suspect) {
  const { asked, source, counters } = suspect
  const rows = await session.rows(selectArchived(control.schema, source.table.name))
  return rows.flatMap(({ job, age_column: column, moved_before: before }): readonly string[] => {
    if (String(column).toLowerCase() !== source.time.column.name.toLowerCase())
      return [`the archive job ${job} moves rows by something else than ${source.time.column.name}`]
    const wall = toColumnTime(fromControlTime(String(before)), { dataType: 'datetime' }, counters.zone)
    return asked.from < wall ? [`the archive job ${job} has moved rows from before ${wall.slice(0, 16)}`] : []
  })
}

/** Its months begin in a zone of its own, so a day to either side of one may be in it. */
async function findRotated(session: ReadSession, { control }: PlanContext, { asked, source }: Suspect) {
  const rows = await session.rows(selectRotated(control.schema, source.table.name))
  const months = rows
    .map(({ month }) => String(month))
    .filter((month) => {
      const start = `${month}-01 00:00:00`
      const end = shiftBucket(shiftBucket(start, 'month', 1), 'day', 1)
      return shiftBucket(start, 'day', -1) < asked.to && asked.from < end
    })
  return months.length === 0 ? [] : [`of ${source.table.name.table} were taken out: ${months.join(', ')}`]
}

/**
 * Whatever removed old rows, a DELETE by hand for one: counters hold something from before the first row. The bucket in
 * which that row lies may have lost some as well.
 */
async function findOlder(session: ReadSession, _: PlanContext, { asked, source, counters }: Suspect) {
  const [size] = counters.sizes
  const [row] = await session.rows(selectFirstTime(source))
  const time =
    row && createWallClock(source.time, counters.zone)(readEventTime(source.time, row.first_time ?? null))
  const first = time && bucketStart(time, size)
  if (first !== undefined && asked.from > first) return []
  const [older] = await session.rows(selectSomethingBefore(counters, first))
  if (older === undefined) return []
  if (time === undefined) return ['no row is left']
  return [`the first row is of ${time}, and counters hold something from before`]
}

/** What was added from events that were deleted since, or from files. */
async function findAdded(session: ReadSession, { control, job }: PlanContext, { asked }: Suspect) {
  const rows = await session.rows(selectAdded(control.schema, { job, ...asked }))
  return rows.length === 0
    ? []
    : [
        `the ledger says that something was added to these days (${rows.map(({ origin }) => origin).join(', ')})`,
      ]
}
