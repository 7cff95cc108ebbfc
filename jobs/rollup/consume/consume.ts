import { type BatchSize, createBatchSize } from '../../../src/engine/batch-size.ts'
import { runLanes } from '../../../src/engine/lanes.ts'
import { addToTally, eventsAllowed } from '../counters/tally.ts'
import { keyCells, keyValues } from '../events/key.ts'
import type { ReadEventRow } from '../fold/read-event.ts'
import type { ConsumeStep } from '../plan-model.ts'
import { resultOf } from '../result-model.ts'
import type { Scene } from '../scene.ts'
import { type ConsumedBatch, consumeBatch, countsInside, type Taking } from './batch.ts'
import { createWalk, type SharedWalk } from './walk.ts'

interface Consumption {
  readonly scene: Scene
  readonly step: ConsumeStep
  readonly read: ReadEventRow
  readonly walk: SharedWalk
  readonly size: BatchSize
}

/** Events of one batch that come to this process: each takes about a kilobyte while it is counted. */
const MOST_READ = 10_000

/** A row of an index entry and a key, when nothing is known of rows yet. */
const AVERAGE_EVENT_BYTES = 100

/**
 * Counts events and deletes them in the same transaction. Nothing rests on the order of their keys: an event is there to
 * be counted as long as it is there, so one that was committed late is found by the next walk, in this run or another.
 */
export async function consume(scene: Scene, step: ConsumeStep, read: ReadEventRow): Promise<void> {
  const { batch, workers } = scene.settings.options
  const size = createBatchSize({
    rows: countsInside(scene.source) ? batch.rows : Math.min(batch.rows, MOST_READ),
    targetMs: batch.targetTime,
    averageRowBytes: AVERAGE_EVENT_BYTES,
  })
  const consumption = { scene, step, read, walk: createWalk(), size }
  scene.progress.begin()
  const begun = scene.context.clock.elapsed()
  // A limit is counted event by event, which two workers would not do exactly.
  const count = scene.context.limit === undefined ? workers : 1
  const lanes = Array.from({ length: count }, () => (failed: AbortSignal) => consumeLane(consumption, failed))
  await runLanes(lanes).finally(() =>
    scene.tally.add(resultOf({ milliseconds: Math.round(scene.context.clock.elapsed() - begun) })),
  )
}

async function consumeLane(consumption: Consumption, failed: AbortSignal): Promise<void> {
  const { scene, walk } = consumption
  while (!failed.aborted && !walk.isOver) {
    scene.context.stop.throwIfAborted()
    const allowed = eventsAllowed(scene)
    if (allowed === 0) return
    await scene.pace.ready()
    const { pass } = walk
    const ended = await consumeNext(consumption, allowed)
    walk.found(pass, { locked: ended.locked, asked: ended.asked, counted: ended.count.events })
  }
}

interface Consumed extends ConsumedBatch {
  readonly asked: number
}

async function consumeNext(
  { scene, step, read, size, walk }: Consumption,
  allowed: number,
): Promise<Consumed> {
  const { context, source } = scene
  const upTo = keyValues(source, step.upTo)
  let tries = 0
  let asked = 0
  let begun = 0
  const batch = await context.transact('count events', (transaction) => {
    const look = tries++ === 0 ? walk.take : walk.takeAgain
    // A try after rows or counters were held by others takes half as many: that many are held for less long.
    if (tries > 1) size.shrink()
    asked = Math.min(size.rows, allowed)
    begun = context.clock.elapsed()
    return consumeBatch(transaction, scene, { upTo, rows: asked, read, take: takeIn(scene, look) })
  })
  size.grow(batch.locked, context.clock.elapsed() - begun)
  addToTally(scene, batch.count, 0)
  await context.reach('rollup.batch-committed')
  return { ...batch, asked }
}

/** The walk keeps keys as they are printed. */
function takeIn({ source }: Scene, take: SharedWalk['take']): Taking['take'] {
  return (look) =>
    take(async (behind) => {
      const rows = await look(behind && keyValues(source, behind))
      const last = rows.at(-1)
      return { value: rows, last: last && keyCells(source, last) }
    })
}
