import type { Row } from '../../../../src/db/connection.ts'
import type { ReadSession } from '../../../../src/db/session.ts'
import type { BucketSize } from '../../buckets/sizes.ts'
import { toDigits } from '../../fold/amount.ts'
import type { Series } from '../../fold/fold.ts'
import type { CounterTable } from '../../tables.ts'
import type { AdditiveMeasure } from './additive.ts'
import { selectUnequal, type Unequal } from './sql.ts'

/** A counter that is not the sum of the smallest ones inside it. */
export interface WrongCounter {
  readonly group: readonly string[]
  readonly series: Series
  readonly size: BucketSize
  readonly start: string
  /** What must be added to every additive measure, in order, in units of its last digit. */
  readonly missing: readonly bigint[]
}

export async function compareSizes(
  session: ReadSession,
  counters: CounterTable,
  asked: Unequal,
): Promise<readonly WrongCounter[]> {
  const rows = await session.rows(selectUnequal(counters, asked))
  return rows.map((row) => toWrongCounter(counters, asked.measures, asked.larger, row))
}

function toWrongCounter(
  { group }: CounterTable,
  measures: readonly AdditiveMeasure[],
  size: BucketSize,
  row: Row,
): WrongCounter {
  return {
    group: group.map((_, position) => String(row[`group_${position}`])),
    series: row.series === 'bots' ? 'bots' : 'people',
    size,
    start: String(row.truncated_start),
    missing: measures.map(({ scale }, position) => toDigits(String(row[`missing_${position}`]), scale)),
  }
}
