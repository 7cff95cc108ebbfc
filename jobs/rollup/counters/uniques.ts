import type { Transaction } from '../../../src/db/session.ts'
import type { Counted } from '../fold/fold.ts'
import type { CountScene } from '../scene.ts'
import { claimMarks } from '../seen/claim.ts'
import { createMark, type Mark } from '../seen/mark.ts'

/** What was counted, with how many of its values are new to their counters. */
export interface CountsWithNew {
  readonly counts: Iterable<Counted>
  /** For every measure of different values, in order; no entry where none is counted exactly. */
  readonly newValues: ReadonlyMap<Counted, readonly number[]>
}

/**
 * Finds out which values no counter of the same bucket had: for every size of bucket apart, since a month has fewer
 * different viewers than its days together. All of a batch at once, and before any counter is locked: everybody then
 * locks marks first and counters after.
 */
export async function findNewValues(
  transaction: Transaction,
  scene: CountScene,
  counts: Iterable<Counted>,
): Promise<CountsWithNew> {
  const { measures, uniques } = scene.tables.counters
  const names = measures.filter(({ type }) => type === 'unique').map(({ name }) => name)
  if (names.length === 0 || uniques !== 'exact') return { counts, newValues: new Map() }
  const all = [...counts]
  const marked = all.map((counted) => ({ counted, marks: marksOf(counted, names) }))
  const claimed = await claimMarks(
    transaction,
    scene,
    marked.flatMap(({ marks }) => marks.flat()),
  )
  const newValues = new Map(
    marked.map(({ counted, marks }) => [
      counted,
      marks.map((ofMeasure) => ofMeasure.filter(({ digest }) => claimed.has(digest)).length),
    ]),
  )
  return { counts: all, newValues }
}

/** A list for every measure. */
function marksOf(
  { group, series, size, start, values }: Counted,
  names: readonly string[],
): readonly (readonly Mark[])[] {
  return names.map((name, position) =>
    [...(values[position] ?? [])].map((value) => createMark(size, start, [...group, series, name, value])),
  )
}
