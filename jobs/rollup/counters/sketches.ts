import type { Row } from '../../../src/db/connection.ts'
import type { Transaction } from '../../../src/db/session.ts'
import type { Counted } from '../fold/fold.ts'
import type { CountScene } from '../scene.ts'
import type { CounterTable } from '../tables.ts'
import { explainCounters, sketchUnreadable } from './errors.ts'
import { addToSketch, decodeSketch, encodeSketch, estimateSketch } from './sketch.ts'
import { type Estimates, putSketches, selectSketches } from './sketch-sql.ts'
import { slicesOf } from './slices.ts'
import { counterKey } from './sql.ts'

/** A sketch is 2 KiB at most, twice that as hexadecimal digits: a statement stays below a megabyte. */
const COUNTERS_PER_STATEMENT = 200

/**
 * Adds values to the sketches of counters and sets the estimates. To be called once the counters are there: from then on
 * they are locked, so what is read is what nobody else changes before it is written.
 */
export async function addSketches(
  transaction: Transaction,
  scene: CountScene,
  slice: readonly Counted[],
): Promise<void> {
  const { measures, uniques } = scene.tables.counters
  const names = measures.filter(({ type }) => type === 'unique').map(({ name }) => name)
  if (names.length === 0 || uniques !== 'estimated') return
  const withValues = slice.filter(({ values }) => values.some(({ size }) => size > 0))
  for (const part of slicesOf(withValues, COUNTERS_PER_STATEMENT))
    await addPart(transaction, scene, names, part)
}

async function addPart(
  transaction: Transaction,
  { tables: { counters }, context }: CountScene,
  names: readonly string[],
  part: readonly Counted[],
): Promise<void> {
  const keys = part.map((counted) => counterKey(counters, counted))
  const found = await transaction.rows(selectSketches(counters, names, keys))
  const byName = new Map(found.map((row) => [nameOfRow(counters, row), row]))
  const changed = part.flatMap((counted, index): readonly Estimates[] => {
    const cells = addValues(counters, names, counted, byName.get(nameOf(counters, counted)))
    return cells === undefined ? [] : [{ key: keys[index] ?? [], cells }]
  })
  if (changed.length === 0) return
  await transaction
    .change(putSketches(counters, names, changed, context.server.family))
    .catch((error) => explainCounters(error, counters))
}

/** Undefined when no register grew, as is usual where much was counted before. */
function addValues(
  counters: CounterTable,
  names: readonly string[],
  { values }: Counted,
  row: Row | undefined,
): Estimates['cells'] | undefined {
  let isChanged = false
  const cells = names.flatMap((name, position) => {
    const bytes = row?.[`sketch_${position}`] ?? null
    const sketch = Buffer.isBuffer(bytes) || bytes === null ? decodeSketch(bytes) : undefined
    if (sketch === undefined) throw sketchUnreadable(counters, name)
    for (const value of values[position] ?? []) isChanged = addToSketch(sketch, value) || isChanged
    return [estimateSketch(sketch), encodeSketch(sketch)]
  })
  return isChanged ? cells : undefined
}

function nameOf({ hasSeries }: CounterTable, { group, series, size, start }: Counted): string {
  return [...group, ...(hasSeries ? [series] : []), size, start].join('\0')
}

function nameOfRow({ group, hasSeries }: CounterTable, row: Row): string {
  const cells = group.map((_, position) => row[`group_${position}`])
  return [...cells, ...(hasSeries ? [row.series] : []), row.bucket_size, row.bucket_start].join('\0')
}
