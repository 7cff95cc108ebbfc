import type { ReadSession } from '../../../../src/db/session.ts'
import { unreachable } from '../../../../src/lib/errors.ts'
import type { PlanContext } from '../../../../src/run/context.ts'
import type { BucketSize } from '../../buckets/sizes.ts'
import { firstWholeBucket } from '../../ledger/kept.ts'
import type { CounterTable } from '../../tables.ts'
import type { AskedDays } from '../input.ts'
import { compareDays, compareRows, type WrongDay } from './compare-days.ts'
import { compareSizes, type WrongCounter } from './compare-sizes.ts'
import { selectMonths } from './sql.ts'
import type { Verifying } from './verifying.ts'
import { beginAtMidnight, clipWindow, listWindows, type Window } from './windows.ts'

/** What one month of counters came to, seen at one instant. */
export interface Drift {
  readonly window: Window
  readonly days: readonly WrongDay[]
  readonly counters: readonly WrongCounter[]
  /** There are more wrong counters than were read. */
  readonly isCut: boolean
}

/** So many wrong counters of one size and month are held in memory and repaired at a time. */
const COUNTERS_READ = 20_000

export async function listVerifyWindows(
  { read, control, job }: PlanContext,
  counters: CounterTable,
  days: AskedDays,
): Promise<readonly Window[]> {
  const rows = await read((session) => session.rows(selectMonths(control.schema, job, counters)))
  return listWindows(
    rows.map(({ month }) => String(month)),
    counters,
    days,
  )
}

/** One snapshot: it lasts as long as one month takes to read, so the server's purge is not held up for longer. */
export function findDrift(
  { read, control, job }: PlanContext,
  verifying: Verifying,
  window: Window,
): Promise<Drift> {
  const { counters, sample, measures } = verifying
  const [smallest, ...others] = counters.sizes
  return read((session) =>
    session.snapshot(async (snapshot) => {
      const days = await findWrongDays(snapshot, verifying, { schema: control.schema, job, window })
      const wrong: WrongCounter[] = []
      let isCut = false
      for (const larger of others) {
        const kept = clipWindow(window, keptFrom(verifying, larger))
        if (kept === undefined) continue
        const found = await compareSizes(snapshot, counters, {
          ...{ window: kept, measures, sample, smallest, larger },
          rows: COUNTERS_READ,
        })
        wrong.push(...found)
        isCut ||= found.length === COUNTERS_READ
      }
      return { window, days, counters: wrong, isCut }
    }),
  )
}

async function findWrongDays(
  session: ReadSession,
  verifying: Verifying,
  { schema, job, window }: { readonly schema: string; readonly job: string; readonly window: Window },
): Promise<readonly WrongDay[]> {
  const { counters, measures, sample, truth } = verifying
  const [size] = counters.sizes
  const asked = { measures, size, sample }
  switch (truth.type) {
    case 'ledger': {
      const kept = clipWindow(window, firstWholeDay(verifying))
      if (kept === undefined) return []
      return compareDays(session, { schema, job, counters, asked: { ...asked, window: kept } })
    }
    case 'rows': {
      const part = clipWindow(beginAtMidnight(window), truth.from, truth.to)
      if (part === undefined) return []
      return compareRows(session, { source: truth.source, counters, asked: { ...asked, window: part } })
    }
    case 'none':
      return []
    default:
      return unreachable(truth)
  }
}

/** The ledger has days, so what was counted of one before the smallest size began cannot be told apart in it. */
function firstWholeDay({ counters, kept }: Verifying): string | undefined {
  const [size] = counters.sizes
  const since = kept.sizes[size]
  return since && firstWholeBucket(since, size === 'month' ? 'month' : 'day')
}

/** The first bucket of a size whose counters, and those it is compared with, hold everything; undefined when none does. */
function keptFrom({ counters, kept }: Verifying, size: BucketSize): string | undefined {
  const [smallest] = counters.sizes
  const [since, own] = [kept.sizes[smallest], kept.sizes[size]]
  if (since === undefined || own === undefined) return undefined
  return firstWholeBucket(own > since ? own : since, size)
}

/** Whether the smallest counters inside one are what was counted: only then can it be made right from them. */
export function isRepairable({ days }: Pick<Drift, 'days'>, { size, start }: WrongCounter): boolean {
  const part = size === 'month' ? start.slice(0, 7) : start.slice(0, 10)
  return days.every(({ day }) => !day.startsWith(part))
}
