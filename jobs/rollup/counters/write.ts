import type { Transaction } from '../../../src/db/session.ts'
import type { Counted } from '../fold/fold.ts'
import type { CountScene } from '../scene.ts'
import type { CounterTable } from '../tables.ts'
import { explainCounters } from './errors.ts'
import { addedParts, amountOf, type MeasurePart } from './measure-parts.ts'
import { createObjectSums } from './object-sums.ts'
import { addSketches } from './sketches.ts'
import { slicesOf } from './slices.ts'
import { type Addition, addCounts, counterKey } from './sql.ts'
import { type CountsWithNew, findNewValues } from './uniques.ts'
import { writeTotals } from './write-totals.ts'

/** What writing a batch came to. */
export interface Written {
  /** Counters that were added to, each once. */
  readonly keys: number
  /** Objects that were counted and have no row to keep a total on. */
  readonly unknownObjects: readonly string[]
}

const COUNTERS_PER_STATEMENT = 1000

/**
 * Adds what was counted to the counters and totals, inside the caller's transaction. `asCounted` is in the
 * order of `Fold.counts`: two transactions that add to the same counters then wait for each other, and never both.
 */
export async function writeCounts(
  transaction: Transaction,
  scene: CountScene,
  asCounted: Iterable<Counted>,
): Promise<Written> {
  const { counters, total } = scene.tables
  const { counts, newValues } = await findNewValues(transaction, scene, asCounted)
  const parts = addedParts(counters)
  const objects = createObjectSums(counters, total?.groupPosition ?? 0)
  let keys = 0
  for (const slice of slicesOf(counts, COUNTERS_PER_STATEMENT)) {
    await addSlice(transaction, scene, { parts, slice, newValues })
    if (total !== undefined) objects.add(slice)
    keys += slice.length
  }
  const unknownObjects =
    total === undefined ? [] : await writeTotals(transaction, total, { counters, sums: objects.list() })
  return { keys, unknownObjects }
}

interface Slice extends Pick<CountsWithNew, 'newValues'> {
  readonly parts: readonly MeasurePart[]
  readonly slice: readonly Counted[]
}

async function addSlice(
  transaction: Transaction,
  scene: CountScene,
  { parts, slice, newValues }: Slice,
): Promise<void> {
  const { counters } = scene.tables
  const { family } = scene.context.server
  const additions = slice.map((one) => toAddition(counters, parts, one, newValues.get(one)))
  const columns = parts.map(({ name }) => name)
  await transaction
    .change(addCounts(counters, columns, additions, family))
    .catch((error) => explainCounters(error, counters))
  await addSketches(transaction, scene, slice)
}

function toAddition(
  counters: CounterTable,
  parts: readonly MeasurePart[],
  counted: Counted,
  uniques: readonly number[] | undefined,
): Addition {
  return {
    key: counterKey(counters, counted),
    amounts: parts.map((part) => amountOf(part, counted, uniques)),
  }
}
