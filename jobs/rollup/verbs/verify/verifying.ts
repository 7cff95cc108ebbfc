import { fromControlTime, toColumnTime } from '../../../../src/db/date-time.ts'
import type { PlanContext } from '../../../../src/run/context.ts'
import { readEventTime } from '../../buckets/event-time.ts'
import { bucketStart } from '../../buckets/sizes.ts'
import { shiftBucket } from '../../buckets/steps.ts'
import { createWallClock } from '../../buckets/wall-clock.ts'
import { firstWholeBucket, type Kept, readKept } from '../../ledger/kept.ts'
import { selectFirstTime } from '../../recompute/sql.ts'
import type { CounterTable, Settings, SourceTable, Tables } from '../../tables.ts'
import type { AskedDays } from '../input.ts'
import { type AdditiveMeasure, additiveMeasures } from './additive.ts'
import type { Sample } from './sample.ts'
import { selectRegistered } from './sql.ts'

/** What is compared with what. */
export interface Verifying {
  readonly counters: CounterTable
  readonly measures: readonly AdditiveMeasure[]
  readonly sample: Sample
  readonly kept: Kept
  readonly truth: Truth
}

/** What the smallest counters must come to. */
export type Truth =
  /** What runs put down as they added to counters. */
  | { readonly type: 'ledger' }
  /** Where runs recompute: the rows between two bounds by the clock of the buckets. */
  | { readonly type: 'rows'; readonly source: SourceTable; readonly from: string; readonly to: string }
  /** Where runs recompute, and no row is there whose bucket is set for good. */
  | { readonly type: 'none' }

export async function readVerifying(
  context: PlanContext,
  settings: Settings,
  { tables, days, sample }: { readonly tables: Tables; readonly days: AskedDays; readonly sample: Sample },
): Promise<Verifying> {
  const { read, control, job } = context
  const { counters, total } = tables
  const [[row], kept] = await read(async (session) => [
    await session.rows(selectRegistered(control.schema, job)),
    await readKept(session, control, { job, counters, total }),
  ])
  const common = { counters, measures: additiveMeasures(counters), sample, kept }
  if (row?.strategy !== 'recompute') return { ...common, truth: { type: 'ledger' } }
  const until = row.counted_until
  const open = typeof until === 'string' ? toWall(until, counters) : undefined
  return { ...common, truth: await findRows(context, settings, { tables, days, kept, open }) }
}

function toWall(until: string, { zone }: CounterTable): string {
  return toColumnTime(fromControlTime(until), { dataType: 'datetime' }, zone).slice(0, 19)
}

/**
 * Buckets that the next run counts anew may differ until then, and those whose rows may be gone in part always will: the
 * first one of which there is a row is one. What is left of the days asked for is compared, else the last few buckets.
 */
async function findRows(
  { read }: PlanContext,
  { options }: Settings,
  {
    tables: { source, counters },
    days,
    kept,
    open,
  }: {
    readonly tables: Tables
    readonly days: AskedDays
    readonly kept: Kept
    readonly open: string | undefined
  },
): Promise<Truth> {
  const [size] = counters.sizes
  const since = kept.sizes[size]
  if (source === undefined || open === undefined || since === undefined) return { type: 'none' }
  const [row] = await read((session) => session.rows(selectFirstTime(source)))
  const clock = createWallClock(source.time, counters.zone)
  const first = row && clock(readEventTime(source.time, row.first_time ?? null))
  if (first === undefined) return { type: 'none' }
  const isAsked = days.from !== undefined || days.to !== undefined
  const asked = isAsked ? (days.from ?? '') : shiftBucket(open, size, -(options.source?.last ?? 1))
  const whole = shiftBucket(bucketStart(first, size), size, 1)
  const from = latest([midnight(asked), whole, firstWholeBucket(since, size)])
  const to = days.to === undefined || midnight(days.to) > open ? open : midnight(days.to)
  return from < to ? { type: 'rows', source, from, to } : { type: 'none' }
}

function midnight(day: string): string {
  return day.length === 10 ? `${day} 00:00:00` : day
}

function latest(times: readonly string[]): string {
  return times.reduce((one, other) => (other > one ? other : one))
}
