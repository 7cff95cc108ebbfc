import type { PlanContext } from '../../../../src/run/context.ts'
import type { CounterTable } from '../../tables.ts'
import type { AskedDays } from '../input.ts'
import { type AdditiveMeasure, additiveMeasures } from './additive.ts'
import { compareDays, type WrongDay } from './compare-days.ts'
import { compareSizes, type WrongCounter } from './compare-sizes.ts'
import type { Sample } from './sample.ts'
import { selectMonths, selectStrategy } from './sql.ts'
import { listWindows, type Window } from './windows.ts'

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

export interface Verifying {
  readonly counters: CounterTable
  readonly measures: readonly AdditiveMeasure[]
  readonly sample: Sample
  /** Absent for recompute: it sets counters to what the events say that are there, and adds nothing up. */
  readonly ledger: 'kept' | 'absent'
}

export async function readVerifying(
  { read, control, job }: PlanContext,
  counters: CounterTable,
  sample: Sample,
): Promise<Verifying> {
  const [row] = await read((session) => session.rows(selectStrategy(control.schema, job)))
  const ledger = row?.strategy === 'recompute' ? 'absent' : 'kept'
  return { counters, measures: additiveMeasures(counters), sample, ledger }
}

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
  { counters, measures, sample, ledger }: Verifying,
  window: Window,
): Promise<Drift> {
  const [smallest, ...others] = counters.sizes
  return read((session) =>
    session.snapshot(async (snapshot) => {
      const asked = { window, measures, size: smallest, sample }
      const days =
        ledger === 'absent'
          ? []
          : await compareDays(snapshot, { schema: control.schema, job, counters, asked })
      const wrong: WrongCounter[] = []
      let isCut = false
      for (const larger of others) {
        const found = await compareSizes(snapshot, counters, {
          ...{ window, measures, sample, smallest, larger },
          rows: COUNTERS_READ,
        })
        wrong.push(...found)
        isCut ||= found.length === COUNTERS_READ
      }
      return { window, days, counters: wrong, isCut }
    }),
  )
}

/** Whether the smallest counters inside one are what was counted: only then can it be made right from them. */
export function isRepairable({ days }: Pick<Drift, 'days'>, { size, start }: WrongCounter): boolean {
  const part = size === 'month' ? start.slice(0, 7) : start.slice(0, 10)
  return days.every(({ day }) => !day.startsWith(part))
}
