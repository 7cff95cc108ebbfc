import type { Transaction } from '../../../src/db/session.ts'
import type { Counted } from '../fold/fold.ts'
import type { CountScene } from '../scene.ts'

/** How many values of a batch were new, for every counter and measure of different values. */
export interface UniqueCounts {
  readonly counts: ReadonlyMap<Counted, readonly number[]>
  /** Sets the estimates; to be called once the counters are there, and so locked. */
  writeSketches(): Promise<void>
}

const none: UniqueCounts = { counts: new Map(), writeSketches: async () => {} }

export async function addUniques(
  _transaction: Transaction,
  { tables }: CountScene,
  _counted: readonly Counted[],
): Promise<UniqueCounts> {
  const { measures } = tables.counters
  if (measures.every(({ type }) => type !== 'unique')) return none
  return none
}
