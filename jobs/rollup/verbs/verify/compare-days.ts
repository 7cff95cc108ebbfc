import type { Row } from '../../../../src/db/connection.ts'
import type { ReadSession } from '../../../../src/db/session.ts'
import { toDigits } from '../../fold/amount.ts'
import { rangeBetween } from '../../recompute/bucket-range.ts'
import type { CounterTable, SourceTable } from '../../tables.ts'
import type { AdditiveMeasure } from './additive.ts'
import { sumRows } from './rows-sql.ts'
import { type DaysAsked, sumCounters, sumLedger } from './sql.ts'

/** A day, or a month where nothing smaller is counted, whose counters are not what was counted, or is there to count. */
export interface WrongDay {
  readonly day: string
  readonly measure: AdditiveMeasure
  /** What the ledger or the rows say. In units of the last digit. */
  readonly truth: bigint
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
  const ledger = await session.rows(sumLedger(schema, { job, ...asked }))
  return listWrong(asked, { truth: ledger, counters: await session.rows(sumCounters(counters, asked)) })
}

/** Against the rows of events, of buckets that no run sets any more. */
export async function compareRows(
  session: ReadSession,
  {
    source,
    counters,
    asked,
  }: { readonly source: SourceTable; readonly counters: CounterTable; readonly asked: DaysAsked },
): Promise<readonly WrongDay[]> {
  const range = rangeBetween(source, counters, asked.window)
  const rows = await session.rows(sumRows(source, range, asked))
  return listWrong(asked, { truth: rows, counters: await session.rows(sumCounters(counters, asked)) })
}

function listWrong(
  { measures }: DaysAsked,
  found: { readonly truth: readonly Row[]; readonly counters: readonly Row[] },
): readonly WrongDay[] {
  const [truth, counted] = [byPeriod(found.truth), byPeriod(found.counters)]
  const days = [...new Set([...truth.keys(), ...counted.keys()])].toSorted()
  return days.flatMap((day) =>
    measures.flatMap((measure, position): readonly WrongDay[] => {
      const of = (row: Row | undefined) => toDigits(String(row?.[`amount_${position}`] ?? 0), measure.scale)
      const wrong = { day, measure, truth: of(truth.get(day)), counters: of(counted.get(day)) }
      return wrong.truth === wrong.counters ? [] : [wrong]
    }),
  )
}

function byPeriod(rows: readonly Row[]): ReadonlyMap<string, Row> {
  return new Map(rows.map((row) => [String(row.period), row]))
}
