import type { Row } from '../../../src/db/connection.ts'
import type { Transaction } from '../../../src/db/session.ts'
import { siftRepeats } from '../filters/repeats.ts'
import { createFold, type Fold } from '../fold/fold.ts'
import type { ReadEvent, ReadEventRow } from '../fold/read-event.ts'
import { accountFor } from '../ledger/account.ts'
import type { Origin } from '../ledger/sql.ts'
import type { CountScene } from '../scene.ts'
import type { CounterTable } from '../tables.ts'
import { type Written, writeCounts } from './write.ts'

/** What became of a batch of events. */
export interface BatchCount extends Written {
  readonly events: number
  /** Of these, those of bots, and repeats. */
  readonly filtered: number
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
  const { kept, repeats } = await siftRepeats(transaction, scene, events)
  const fold = foldFor(scene.tables.counters)
  for (const event of kept) fold.add(event)
  const bots = kept.reduce((sum, { series }) => sum + (series === 'bots' ? 1 : 0), 0)
  return countFolded(transaction, scene, { fold, origin, repeats, bots })
}

export interface FoldedBatch {
  readonly fold: Fold
  readonly origin: Origin
  /** Events that were left out of the fold. */
  readonly repeats: readonly ReadEvent[]
  /** Events of the fold that are of bots. */
  readonly bots: number
}

/** As `countBatch`, for events that are folded already. */
export async function countFolded(
  transaction: Transaction,
  scene: CountScene,
  { fold, origin, repeats, bots }: FoldedBatch,
): Promise<BatchCount> {
  const written = await writeCounts(transaction, scene, fold.counts())
  await accountFor(transaction, scene, { days: fold.days(), origin, repeats })
  return { ...written, events: fold.events + repeats.length, filtered: repeats.length + bots }
}

/** An empty one, for the measures of these counters. */
export function foldFor({ sizes, measures }: CounterTable): Fold {
  const countOf = (wanted: string) => measures.filter(({ type }) => type === wanted).length
  return createFold({ sizes, sums: countOf('sum'), uniques: countOf('unique') })
}
