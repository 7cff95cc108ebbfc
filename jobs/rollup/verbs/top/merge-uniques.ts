import type { Row } from '../../../../src/db/connection.ts'
import { type KeyValue, keyValue } from '../../../../src/engine/chunks/keyset.ts'
import type { PlanContext } from '../../../../src/run/context.ts'
import { sketchUnreadable } from '../../counters/errors.ts'
import { decodeSketch, estimateSketch, mergeSketches, type Sketch } from '../../counters/sketch.ts'
import type { CounterTable } from '../../tables.ts'
import { type Buckets, selectSketchesInOrder } from './sql.ts'
import type { TopEntry } from './top-result.ts'

const SKETCHES_PER_PAGE = 2000

/** Different values of several buckets: merged group by group, of which only the highest are kept in memory. */
export async function mergeUniques(
  context: PlanContext,
  counters: CounterTable,
  { measure, rows, ...buckets }: Buckets & { readonly measure: string; readonly rows: number },
): Promise<readonly TopEntry[]> {
  let highest: readonly TopEntry[] = []
  let open: { readonly group: readonly string[]; sketch: Sketch } | undefined
  const close = () => {
    if (open === undefined) return
    const entry = { group: open.group, amount: String(estimateSketch(open.sketch)) }
    highest = keepHighest([...highest, entry], rows)
  }
  for await (const row of readSketches(context, counters, { measure, ...buckets })) {
    const group = counters.group.map((_, position) => String(row[`group_${position}`]))
    const sketch = sketchOf(counters, measure, row)
    if (open?.group.join('\0') === group.join('\0')) {
      open.sketch = mergeSketches([open.sketch, sketch])
      continue
    }
    close()
    open = { group, sketch }
  }
  close()
  return highest
}

/** The first of equals stays first. */
function keepHighest(entries: readonly TopEntry[], rows: number): readonly TopEntry[] {
  return entries.toSorted((one, other) => Number(other.amount) - Number(one.amount)).slice(0, rows)
}

async function* readSketches(
  context: PlanContext,
  counters: CounterTable,
  asked: Buckets & { readonly measure: string },
): AsyncGenerator<Row> {
  let last: readonly KeyValue[] | undefined
  for (;;) {
    context.stop.throwIfAborted()
    const query = selectSketchesInOrder(counters, { ...asked, last, rows: SKETCHES_PER_PAGE })
    const page = await context.read((session) => session.rows(query))
    yield* page
    const end = page.at(-1)
    if (end === undefined || page.length < SKETCHES_PER_PAGE) return
    last = [
      ...counters.group.map(({ column }, position) => keyValue(end[`key_${position}`] ?? null, column)),
      String(end.bucket_start),
    ]
  }
}

function sketchOf(counters: CounterTable, measure: string, { sketch: bytes = null }: Row): Sketch {
  const sketch = bytes === null || Buffer.isBuffer(bytes) ? decodeSketch(bytes) : undefined
  if (sketch === undefined) throw sketchUnreadable(counters, measure)
  return sketch
}
