import type { Row } from '../../../../src/db/connection.ts'
import type { ReadSession } from '../../../../src/db/session.ts'
import { toDigits } from '../../fold/amount.ts'
import type { CounterTable } from '../../tables.ts'
import type { AdditiveMeasure } from './additive.ts'
import { type DaysAsked, sumCounters, sumLedger } from './sql.ts'

/** A day, or a month where nothing smaller is counted, whose counters are not what the ledger says was counted. */
export interface WrongDay {
  readonly day: string
  readonly measure: AdditiveMeasure
  /** In units of the last digit. */
  readonly ledger: bigint
  readonly counters: bigint
}

/** Both are read in the snapshot of the caller: they commit together, so they are equal in each. */
export async function compareDays(
  session: ReadSession,
  {
    schema,
    job,
    counters,
    asked,
  }: {
    readonly schema: string
    readonly job: string
    readonly counters: CounterTable
    readonly asked: DaysAsked
  },
): Promise<readonly WrongDay[]> {
  const ledger = byPeriod(await session.rows(sumLedger(schema, { job, ...asked })))
  const counted = byPeriod(await session.rows(sumCounters(counters, asked)))
  const days = [...new Set([...ledger.keys(), ...counted.keys()])].toSorted()
  return days.flatMap((day) =>
    asked.measures.flatMap((measure, position): readonly WrongDay[] => {
      const of = (row: Row | undefined) => toDigits(String(row?.[`amount_${position}`] ?? 0), measure.scale)
      const wrong = { day, measure, ledger: of(ledger.get(day)), counters: of(counted.get(day)) }
      return wrong.ledger === wrong.counters ? [] : [wrong]
    }),
  )
}

function byPeriod(rows: readonly Row[]): ReadonlyMap<string, Row> {
  return new Map(rows.map((row) => [String(row.period), row]))
}
