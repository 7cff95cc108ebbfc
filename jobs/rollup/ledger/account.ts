import { toControlTime } from '../../../src/db/date-time.ts'
import type { Transaction } from '../../../src/db/session.ts'
import { toDecimal } from '../fold/amount.ts'
import type { CountedDay } from '../fold/fold.ts'
import type { ReadEvent } from '../fold/read-event.ts'
import type { CountScene } from '../scene.ts'
import type { CounterTable } from '../tables.ts'
import { insertCounted, type Origin } from './sql.ts'

export interface Account {
  readonly days: readonly CountedDay[]
  readonly origin: Origin
  /** Events left out of every counter. */
  readonly repeats: readonly ReadEvent[]
}

/** Puts down, in the transaction that added them, what was added: the truth once the events are gone. */
export async function accountFor(
  transaction: Transaction,
  { context, tables: { counters } }: CountScene,
  { days, origin, repeats }: Account,
): Promise<void> {
  const { job, runId, control, asOf } = context
  const repeated = countByDay(repeats)
  const nothing = { events: 0, amounts: counters.scales.map(() => 0n) }
  const added = new Map(days.map(({ day, events, amounts }) => [day, { events, amounts }]))
  const lines = [...new Set([...added.keys(), ...repeated.keys()])].map((day) => {
    const { events, amounts } = added.get(day) ?? nothing
    return {
      ...{ job, runId, origin, day, events },
      filtered: repeated.get(day) ?? 0,
      amounts: JSON.stringify(describeAmounts(counters, { events, amounts })),
    }
  })
  if (lines.length === 0) return
  await transaction.change(insertCounted(control.schema, lines, toControlTime(asOf)))
}

function countByDay(repeats: readonly ReadEvent[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { minute } of repeats) {
    const day = minute.slice(0, 10)
    counts.set(day, (counts.get(day) ?? 0) + 1)
  }
  return counts
}

/** By measure; different values have no sum. */
function describeAmounts(
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
