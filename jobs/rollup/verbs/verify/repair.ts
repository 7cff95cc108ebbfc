import { raw } from '../../../../src/db/statement.ts'
import type { ExecuteContext } from '../../../../src/run/context.ts'
import { slicesOf } from '../../counters/slices.ts'
import { type Addition, addCounts, groupValues } from '../../counters/sql.ts'
import { toDecimal } from '../../fold/amount.ts'
import type { WrongCounter } from './compare-sizes.ts'
import { changeCounter } from './sql.ts'
import type { Verifying } from './verifying.ts'

const COUNTERS_PER_TRANSACTION = 500

/**
 * Adds what is missing, and sets nothing: runs that count meanwhile add as well, and both are in the sum. Only larger
 * buckets change, so the ledger, which the smallest are measured by, needs no line.
 */
export async function repairCounters(
  context: ExecuteContext,
  verifying: Verifying,
  wrong: readonly WrongCounter[],
): Promise<void> {
  for (const slice of slicesOf(wrong, COUNTERS_PER_TRANSACTION)) {
    context.stop.throwIfAborted()
    await repairSlice(context, verifying, slice)
    await context.reach('rollup.counters-repaired')
  }
}

async function repairSlice(
  context: ExecuteContext,
  verifying: Verifying,
  slice: readonly WrongCounter[],
): Promise<void> {
  const { counters, measures } = verifying
  const columns = measures.map(({ name }) => name)
  const added = slice.filter((counter) => !isTooHigh(verifying, counter))
  const lowered = slice.filter((counter) => isTooHigh(verifying, counter))
  const additions = added.map((counter) => toAddition(verifying, counter))
  await context.transact('repair', async (transaction) => {
    if (additions.length > 0)
      await transaction.change(addCounts(counters, columns, additions, context.server.family))
    for (const counter of lowered)
      await transaction.change(changeCounter(counters, columns, toAddition(verifying, counter)))
  })
}

/** Then it is there: it holds more than nothing. */
function isTooHigh({ measures }: Verifying, { missing }: WrongCounter): boolean {
  return measures.some(({ type }, position) => type === 'count' && (missing[position] ?? 0n) < 0n)
}

function toAddition({ counters, measures }: Verifying, counter: WrongCounter): Addition {
  const { group, series, size, start, missing } = counter
  return {
    key: [...groupValues(counters.group, group), ...(counters.hasSeries ? [series] : []), size, start],
    amounts: measures.map(({ scale }, position) => raw(toDecimal(missing[position] ?? 0n, scale))),
  }
}
