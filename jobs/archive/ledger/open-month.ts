import type { Column } from '../../../src/db/catalog.ts'
import type { Transaction } from '../../../src/db/session.ts'
import { emptyDigest } from '../../../src/engine/chunks/digest.ts'
import type { AgeRange } from '../cutoff.ts'
import { definitionOf } from './months.ts'
import { beginMonth, changeMonth, type MonthOf, probeMonth, selectMonthForUpdate } from './sql.ts'

export interface MonthToOpen extends MonthOf {
  /** The columns that digests of this archive table are over. */
  readonly columns: readonly Column[]
  /** The column of the archive table that its partitions are made by. */
  readonly age: Column
  readonly range: AgeRange
  readonly runId: string
}

/**
 * Before the first row is put into a month: makes sure that the ledger knows it. A month that already holds rows nobody
 * accounted for, or whose table was altered since, is unproven: rows go in all the same, but it is neither called
 * verified nor rotated until an operator adopts it. A month that was dropped begins anew with rows that come late.
 */
export async function openMonth(transaction: Transaction, month: MonthToOpen): Promise<void> {
  const definition = definitionOf(month.columns)
  const [known] = await transaction.rows(selectMonthForUpdate(month))
  const isDropped = known?.state === 'dropped'
  if (known !== undefined && !isDropped) {
    if (String(known.definition) === definition) return
    await transaction.change(changeMonth(month, { state: 'unproven', definition }, month.runId))
    return
  }
  const held = await transaction.rows(probeMonth(month.archive, month.age, month.range))
  const first = { state: held.length === 0 ? 'open' : 'unproven', digest: emptyDigest, definition } as const
  await transaction.change(
    isDropped ? changeMonth(month, first, month.runId) : beginMonth(month, { ...first, runId: month.runId }),
  )
}
