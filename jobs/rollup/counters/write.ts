import type { Transaction } from '../../../src/db/session.ts'
import { raw } from '../../../src/db/statement.ts'
import { type KeyValue, keyValue } from '../../../src/engine/chunks/keyset.ts'
import { unreachable } from '../../../src/lib/errors.ts'
import { toDecimal } from '../fold/amount.ts'
import type { Counted } from '../fold/fold.ts'
import type { TopEntry } from '../result-model.ts'
import type { CountScene } from '../scene.ts'
import type { CounterTable, TotalTable } from '../tables.ts'
import { explainCounters, explainTotals } from './errors.ts'
import { createObjectSums, type ObjectSum } from './object-sums.ts'
import { addSketches } from './sketches.ts'
import { type Addition, addCounts, addTotals, groupValues, selectObjects, type TotalAddition } from './sql.ts'
import { type CountsWithNew, findNewValues } from './uniques.ts'

/** What writing a batch came to. */
export interface Written {
  /** Counters that were added to, each once. */
  readonly keys: number
  /** Objects that were counted and have no row to keep a total on. */
  readonly unknownObjects: readonly string[]
  /** What was counted most. */
  readonly top: readonly TopEntry[]
}

const COUNTERS_PER_STATEMENT = 1000
/** A CASE is gone through from its beginning for every row: 250 take no longer than finding the rows. */
const TOTALS_PER_STATEMENT = 250

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
  const objects = createObjectSums(counters, total?.groupPosition)
  let keys = 0
  for (const slice of slicesOf(counts, COUNTERS_PER_STATEMENT)) {
    await addSlice(transaction, scene, { parts, slice, newValues })
    objects.add(slice)
    keys += slice.length
  }
  const unknownObjects =
    total === undefined
      ? []
      : await writeTotals(transaction, total, { parts, counters, sums: objects.list() })
  return { keys, unknownObjects, top: objects.top() }
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
  const { group, series, size, start } = counted
  const key = groupValues(counters.group, group)
  return {
    key: counters.hasSeries ? [...key, series, size, start] : [...key, size, start],
    amounts: parts.map((part) => amountOf(part, counted, uniques)),
  }
}

/** Where the amount of a measure is found among those of its kind. */
type MeasurePart =
  | { readonly type: 'count'; readonly name: string }
  | { readonly type: 'sum'; readonly name: string; readonly position: number; readonly scale: number }
  | { readonly type: 'unique'; readonly name: string; readonly position: number }

/** All measures that are added to as numbers; estimates are set, from their sketches. */
function addedParts({ measures, scales, uniques }: CounterTable): readonly MeasurePart[] {
  let sums = 0
  let sets = 0
  const parts = measures.map(({ name, type }): MeasurePart => {
    if (type === 'count') return { type, name }
    if (type === 'unique') return { type, name, position: sets++ }
    return { type, name, scale: scales[sums] ?? 0, position: sums++ }
  })
  return parts.filter(({ type }) => type !== 'unique' || uniques === 'exact')
}

function amountOf(
  part: MeasurePart,
  { events, amounts }: Pick<Counted, 'events' | 'amounts'>,
  uniques: readonly number[] | undefined,
): KeyValue {
  switch (part.type) {
    case 'count':
      return events
    case 'sum':
      return raw(toDecimal(amounts[part.position] ?? 0n, part.scale))
    case 'unique':
      return uniques?.[part.position] ?? 0
    default:
      return unreachable(part)
  }
}

interface TotalsToAdd {
  readonly parts: readonly MeasurePart[]
  readonly counters: CounterTable
  readonly sums: readonly ObjectSum[]
}

/** Answers the objects that have no row. */
async function writeTotals(
  transaction: Transaction,
  total: TotalTable,
  { parts, counters, sums }: TotalsToAdd,
): Promise<readonly string[]> {
  const column = counters.group[total.groupPosition]?.column
  if (column === undefined) throw new TypeError('the total belongs to no column of the group')
  const added = total.columns.flatMap(({ measure }) => parts.filter(({ name }) => name === measure.name))
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

function* slicesOf<T>(all: Iterable<T>, length: number): Generator<readonly T[]> {
  let slice: T[] = []
  for (const one of all) {
    slice.push(one)
    if (slice.length < length) continue
    yield slice
    slice = []
  }
  if (slice.length > 0) yield slice
}
