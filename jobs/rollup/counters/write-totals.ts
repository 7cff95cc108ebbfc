import type { Transaction } from '../../../src/db/session.ts'
import { keyValue } from '../../../src/engine/chunks/keyset.ts'
import type { CounterTable, TotalTable } from '../tables.ts'
import { explainTotals } from './errors.ts'
import { addedParts, amountOf } from './measure-parts.ts'
import type { ObjectSum } from './object-sums.ts'
import { slicesOf } from './slices.ts'
import { addTotals, selectObjects, type TotalAddition } from './sql.ts'

/** A CASE is gone through from its beginning for every row: 250 take no longer than finding the rows. */
const TOTALS_PER_STATEMENT = 250

export interface TotalsToAdd {
  readonly counters: CounterTable
  readonly sums: readonly ObjectSum[]
}

/** Adds to the totals of objects; answers those that have no row. */
export async function writeTotals(
  transaction: Transaction,
  total: TotalTable,
  { counters, sums }: TotalsToAdd,
): Promise<readonly string[]> {
  const column = counters.group[total.groupPosition]?.column
  if (column === undefined) throw new TypeError('the total belongs to no column of the group')
  const added = total.columns.flatMap(({ measure }) =>
    addedParts(counters).filter(({ name }) => name === measure.name),
  )
  const unknown: string[] = []
  for (const slice of slicesOf(sums, TOTALS_PER_STATEMENT)) {
    const additions = slice.map(
      (sum): TotalAddition => ({
        object: keyValue(sum.object, column),
        amounts: added.map((one) => amountOf(one, sum, undefined)),
      }),
    )
    const { affectedRows } = await transaction
      .change(addTotals(total, additions))
      .catch((error) => explainTotals(error, total))
    if (affectedRows === slice.length) continue
    const known = new Set(
      (await transaction.rows(selectObjects(total, additions))).map(({ object }) => String(object)),
    )
    unknown.push(...slice.map(({ object }) => object).filter((object) => !known.has(object)))
  }
  return unknown
}
