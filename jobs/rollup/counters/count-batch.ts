import type { Row } from '../../../src/db/connection.ts'
import type { Transaction } from '../../../src/db/session.ts'
import { dropRepeats } from '../filters/repeats.ts'
import { type Counted, createFold, type Fold } from '../fold/fold.ts'
import type { ReadEvent, ReadEventRow } from '../fold/read-event.ts'
import { accountFor } from '../ledger/account.ts'
import type { Origin } from '../ledger/sql.ts'
import type { TopEntry } from '../result-model.ts'
import type { CountScene } from '../scene.ts'
import type { CounterTable } from '../tables.ts'
import { writeCounts } from './write.ts'

/** What became of a batch of events. */
export interface BatchCount {
  readonly events: number
  /** Of these, those of bots, and repeats. */
  readonly filtered: number
  readonly keys: number
  readonly unknownObjects: readonly string[]
  /** What was counted most. */
  readonly top: readonly TopEntry[]
}

/** Rows of events, read, and those that belong into no bucket. */
export function readRows(
  rows: readonly Row[],
  read: ReadEventRow,
): { readonly events: readonly ReadEvent[]; readonly usable: readonly Row[] } {
  const events: ReadEvent[] = []
  const usable: Row[] = []
  for (const row of rows) {
    const event = read(row)
    if (event === undefined) continue
    events.push(event)
    usable.push(row)
  }
  return { events, usable }
}

/** Adds events to counters, totals and ledger, inside the transaction that takes them away or marks them as counted. */
export async function countBatch(
  transaction: Transaction,
  scene: CountScene,
  events: readonly ReadEvent[],
  origin: Origin,
): Promise<BatchCount> {
  const kept = await dropRepeats(transaction, scene, events)
  const fold = foldEvents(scene.tables.counters, kept)
  const counts = fold.counts()
  const { keys, unknownObjects } = await writeCounts(transaction, scene, counts)
  const repeats = events.length - kept.length
  await accountFor(transaction, scene, { days: fold.days(), origin, repeats })
  const bots = kept.reduce((sum, { series }) => sum + (series === 'bots' ? 1 : 0), 0)
  const top = findTop(scene.tables.counters, counts)
  return { events: events.length, filtered: repeats + bots, keys, unknownObjects, top }
}

/** Of one batch: what is not among these in any batch is not among the first ten of the run. */
const TOP = 100

/** Over the buckets of the largest size, of which there are fewest. */
function findTop({ sizes }: CounterTable, counts: readonly Counted[]): readonly TopEntry[] {
  const size = sizes.at(-1)
  return counts
    .filter((one) => one.size === size && one.series === 'people')
    .map(({ group, events }) => ({ group, events }))
    .toSorted((one, other) => other.events - one.events)
    .slice(0, TOP)
}

export function foldEvents({ sizes, measures }: CounterTable, events: readonly ReadEvent[]): Fold {
  const countOf = (wanted: string) => measures.filter(({ type }) => type === wanted).length
  const fold = createFold({ sizes, sums: countOf('sum'), uniques: countOf('unique') })
  for (const event of events) fold.add(event)
  return fold
}
