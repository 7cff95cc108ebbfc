import { toControlTime } from '../../../src/db/date-time.ts'
import type { Transaction } from '../../../src/db/session.ts'
import { toDecimal } from '../fold/amount.ts'
import type { CountedDay } from '../fold/fold.ts'
import type { CountScene } from '../scene.ts'
import type { CounterTable } from '../tables.ts'
import { insertCounted, type Origin } from './sql.ts'

export interface Account {
  readonly days: readonly CountedDay[]
  readonly origin: Origin
  /** Events left out, which belong to no day of a counter: repeats. */
  readonly repeats: number
}

/** Puts down, in the transaction that added them, what was added: the truth once the events are gone. */
export async function accountFor(
  transaction: Transaction,
  { context, tables: { counters } }: CountScene,
  { days, origin, repeats }: Account,
): Promise<void> {
  const { job, runId, control, asOf } = context
  const lines = days.map(({ day, events, amounts }, index) => ({
    ...{ job, runId, origin, day, events },
    filtered: index === 0 ? repeats : 0,
    amounts: JSON.stringify(describeAmounts(counters, { events, amounts })),
  }))
  if (lines.length === 0) return
  await transaction.change(insertCounted(control.schema, lines, toControlTime(asOf)))
}

/** By measure; different values have no sum. */
export function describeAmounts(
  { measures, scales }: CounterTable,
  { events, amounts }: Pick<CountedDay, 'events' | 'amounts'>,
): Readonly<Record<string, string>> {
  let sums = 0
  const entries = measures.flatMap(({ name, type }): readonly (readonly [string, string])[] => {
    if (type === 'unique') return []
    if (type === 'count') return [[name, String(events)]]
    const at = sums++
    return [[name, toDecimal(amounts[at] ?? 0n, scales[at] ?? 0)]]
  })
  return Object.fromEntries(entries)
}
