import type { Transaction } from '../../../src/db/session.ts'
import { raw } from '../../../src/db/statement.ts'
import { type KeyValue, keyValue } from '../../../src/engine/chunks/keyset.ts'
import { toDecimal } from '../fold/amount.ts'
import { type Counted, compareGroups } from '../fold/fold.ts'
import type { CountScene } from '../scene.ts'
import type { CounterTable } from '../tables.ts'
import { explainCounters, explainTotals } from './errors.ts'
import { type Addition, addCounts, addTotals, groupValues, selectObjects, type TotalAddition } from './sql.ts'
import { addUniques } from './uniques.ts'

/** What writing a batch came to. */
export interface Written {
  /** Counters that were added to, each once. */
  readonly keys: number
  /** Objects that were counted and have no row to keep a total on. */
  readonly unknownObjects: readonly string[]
}

const COUNTERS_PER_STATEMENT = 1000
/** A CASE is gone through from its beginning for every row: 250 take no longer than finding the rows. */
const TOTALS_PER_STATEMENT = 250

/**
 * Adds what was counted to the counters and totals, inside the caller's transaction. `counted` is in the order of
 * `Fold.counts`: two transactions that add to the same counters then wait for each other, and never both.
 */
export async function writeCounts(
  transaction: Transaction,
  scene: CountScene,
  counted: readonly Counted[],
): Promise<Written> {
  const { tables } = scene
  const uniques = await addUniques(transaction, scene, counted)
  const columns = addedColumns(tables.counters)
  for (const part of slices(counted, COUNTERS_PER_STATEMENT)) {
    const additions = part.map((one) => toAddition(tables.counters, one, uniques.counts.get(one)))
    const { family } = scene.context.server
    await transaction
      .change(addCounts(tables.counters, columns, additions, family))
      .catch((error) => explainCounters(error, tables.counters))
  }
  await uniques.writeSketches()
  return { keys: counted.length, unknownObjects: await writeTotals(transaction, scene, counted) }
}

/** All measures that are added to as numbers; estimates are set, from their sketches. */
function addedColumns({ measures, uniques }: CounterTable): readonly string[] {
  return measures.filter(({ type }) => type !== 'unique' || uniques === 'exact').map(({ name }) => name)
}

function toAddition(
  counters: CounterTable,
  counted: Counted,
  uniques: readonly number[] | undefined,
): Addition {
  const { group, series, size, start } = counted
  return {
    key: [...groupValues(counters.group, group), ...(counters.hasSeries ? [series] : []), size, start],
    amounts: amountsOf(counters, counted, uniques),
  }
}

function amountsOf(
  { measures, scales, uniques: mode }: CounterTable,
  { events, amounts }: Pick<Counted, 'events' | 'amounts'>,
  uniques: readonly number[] | undefined,
): readonly KeyValue[] {
  let sums = 0
  let sets = 0
  return measures.flatMap(({ type }): readonly KeyValue[] => {
    if (type === 'count') return [events]
    if (type === 'unique') return mode === 'exact' ? [uniques?.[sets++] ?? 0] : []
    const at = sums++
    return [raw(toDecimal(amounts[at] ?? 0n, scales[at] ?? 0))]
  })
}

async function writeTotals(
  transaction: Transaction,
  { tables: { total, counters } }: CountScene,
  counted: readonly Counted[],
): Promise<readonly string[]> {
  if (total === undefined) return []
  const unknown: string[] = []
  const column = counters.group[total.groupPosition]?.column
  if (column === undefined) throw new TypeError('the total belongs to no column of the group')
  for (const part of slices(sumObjects(counters, total.groupPosition, counted), TOTALS_PER_STATEMENT)) {
    const additions = part.map(({ object, events, amounts }): TotalAddition => {
      const all = amountsByMeasure(counters, { events, amounts })
      return {
        object: keyValue(object, column),
        amounts: total.columns.map(({ measure }) => all.get(measure.name) ?? 0),
      }
    })
    const { affectedRows } = await transaction
      .change(addTotals(total, additions))
      .catch((error) => explainTotals(error, total))
    if (affectedRows < part.length) unknown.push(...(await findUnknown()))

    async function findUnknown(): Promise<readonly string[]> {
      if (total === undefined) return []
      const there = await transaction.rows(selectObjects(total, additions))
      const known = new Set(there.map(({ object }) => String(object)))
      return part.map(({ object }) => object).filter((object) => !known.has(object))
    }
  }
  return unknown
}

function amountsByMeasure(
  counters: CounterTable,
  part: Pick<Counted, 'events' | 'amounts'>,
): ReadonlyMap<string, KeyValue> {
  const added = counters.measures.filter(({ type }) => type !== 'unique')
  const amounts = amountsOf({ ...counters, measures: added }, part, undefined)
  return new Map(added.map(({ name }, position) => [name, amounts[position] ?? 0]))
}

interface ObjectSum {
  readonly object: string
  events: number
  amounts: bigint[]
}

/** Over the buckets of one size, since each size has every event; bots are not in totals. */
function sumObjects(
  { sizes: [smallest] }: CounterTable,
  position: number,
  counted: readonly Counted[],
): readonly ObjectSum[] {
  const sums = new Map<string, ObjectSum>()
  for (const { group, series, size, events, amounts } of counted) {
    if (size !== smallest || series === 'bots') continue
    const object = group[position] ?? ''
    const sum = sums.get(object)
    if (sum === undefined) sums.set(object, { object, events, amounts: [...amounts] })
    else {
      sum.events += events
      sum.amounts = sum.amounts.map((amount, index) => amount + (amounts[index] ?? 0n))
    }
  }
  return [...sums.values()].toSorted((one, other) => compareGroups([one.object], [other.object]))
}

function* slices<T>(all: readonly T[], length: number): Generator<readonly T[]> {
  for (let from = 0; from < all.length; from += length) yield all.slice(from, from + length)
}
