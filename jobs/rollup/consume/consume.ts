import { type BatchSize, createBatchSize } from '../../../src/engine/batch-size.ts'
import { formatCount } from '../../../src/lib/units.ts'
import { type BatchCount, countBatch, readRows } from '../counters/count-batch.ts'
import { keyCells, keyValues } from '../events/key.ts'
import type { ReadEventRow } from '../fold/read-event.ts'
import type { ConsumeStep } from '../plan-model.ts'
import { resultOf } from '../result-model.ts'
import type { Scene } from '../scene.ts'
import { eventsNotDeleted } from './errors.ts'
import { deleteEvents, type Key, lockEvents } from './sql.ts'
import { createWalk, type SharedWalk } from './walk.ts'

interface Consumption {
  readonly scene: Scene
  readonly step: ConsumeStep
  readonly read: ReadEventRow
  readonly walk: SharedWalk
  readonly size: BatchSize
}

/** A row of an index entry and a key, when nothing is known of rows yet. */
const AVERAGE_EVENT_BYTES = 100

/**
 * Counts events and deletes them in the same transaction. Nothing rests on the order of their keys: an event is there to
 * be counted as long as it is there, so one that was committed late is found by the next walk, in this run or another.
 */
export async function consume(scene: Scene, step: ConsumeStep, read: ReadEventRow): Promise<void> {
  const { batch, workers } = scene.settings.options
  const size = createBatchSize({
    rows: batch.rows,
    targetMs: batch.targetTime,
    averageRowBytes: AVERAGE_EVENT_BYTES,
  })
  const consumption = { scene, step, read, walk: createWalk(), size }
  scene.progress.begin()
  const begun = scene.context.clock.elapsed()
  // A limit is counted event by event, which two workers would not do exactly.
  const lanes = scene.context.limit === undefined ? workers : 1
  await runLanes(lanes, (failed) => consumeLane(consumption, failed)).finally(() =>
    scene.tally.add(resultOf({ milliseconds: Math.round(scene.context.clock.elapsed() - begun) })),
  )
}

/** The first failure ends all, each after the transaction it has in hand. */
export async function runLanes(count: number, lane: (failed: AbortSignal) => Promise<void>): Promise<void> {
  const failed = new AbortController()
  const lanes = Array.from({ length: count }, () => lane(failed.signal).catch((error) => failed.abort(error)))
  await Promise.all(lanes)
  failed.signal.throwIfAborted()
}

async function consumeLane(consumption: Consumption, failed: AbortSignal): Promise<void> {
  const { scene, walk, size } = consumption
  while (!failed.aborted && !walk.isOver) {
    scene.context.stop.throwIfAborted()
    const allowed = eventsAllowed(scene)
    if (allowed === 0) return
    await scene.pace.ready()
    const { pass } = walk
    const ended = await consumeNext(consumption, allowed)
    walk.found(pass, {
      locked: ended.locked,
      asked: ended.asked,
      counted: ended.count.events,
      most: size.rows,
    })
  }
}

interface Consumed {
  readonly asked: number
  readonly locked: number
  readonly count: BatchCount
}

async function consumeNext(consumption: Consumption, allowed: number): Promise<Consumed> {
  const { scene, size } = consumption
  const { context } = scene
  let tries = 0
  let asked = 0
  let begun = 0
  const { rows, count } = await context.transact('count events', async (transaction) => {
    // A try after rows or counters were held by others takes half as many: that many are held for less long.
    if (tries++ > 0) size.shrink()
    asked = Math.min(size.rows, allowed)
    begun = context.clock.elapsed()
    return consumeBatch(transaction, consumption, asked)
  })
  size.grow(rows, context.clock.elapsed() - begun)
  addToTally(scene, rows, count)
  await context.reach('rollup.batch-committed')
  return { asked, locked: rows, count }
}

type Work = Parameters<Parameters<Scene['context']['transact']>[1]>[0]

async function consumeBatch(
  transaction: Work,
  { scene, step, read, walk }: Consumption,
  asked: number,
): Promise<{ readonly rows: number; readonly count: BatchCount }> {
  const { context, source } = scene
  const upTo = keyValues(source, step.upTo)
  const rows = await walk.take(async (behind) => {
    const locked = await transaction.rows(
      lockEvents(source, { behind: behind && keyValues(source, behind), upTo, rows: asked }),
    )
    const last = locked.at(-1)
    return { value: locked, last: last && keyCells(source, last) }
  })
  await context.reach('rollup.events-locked')
  const { events, usable } = readRows(rows, read)
  if (events.length === 0) return { rows: rows.length, count: noCount }
  const count = await countBatch(transaction, scene, events, 'table')
  await context.reach('rollup.events-counted')
  await removeEvents(
    transaction,
    scene,
    usable.map((row) => keyValues(source, keyCells(source, row))),
  )
  await context.reach('rollup.events-deleted')
  return { rows: rows.length, count }
}

const noCount: BatchCount = { events: 0, filtered: 0, keys: 0, unknownObjects: [], top: [] }

/** MariaDB makes look-ups of 16,000 keys at most; with more it reads the table whole. */
const KEYS_PER_STATEMENT = 10_000

async function removeEvents(transaction: Work, { source }: Scene, keys: readonly Key[]): Promise<void> {
  let deleted = 0
  for (let from = 0; from < keys.length; from += KEYS_PER_STATEMENT) {
    const part = keys.slice(from, from + KEYS_PER_STATEMENT)
    deleted += (await transaction.change(deleteEvents(source, part))).affectedRows
  }
  if (deleted !== keys.length) throw eventsNotDeleted(source.table.name, { counted: keys.length, deleted })
}

/** Events of the whole run that `--limit` still allows. */
export function eventsAllowed({ context, tally }: Scene): number {
  const { limit } = context
  if (limit === undefined) return Number.POSITIVE_INFINITY
  const allowed = Math.max(0, limit - (tally.soFar.counts.events ?? 0))
  if (allowed === 0)
    tally.add(
      resultOf({ leftReasons: [`limit reached: no more than ${formatCount(limit)} events in one run`] }),
    )
  return allowed
}

export function addToTally({ tally, progress }: Scene, rows: number, count: BatchCount): void {
  const { events, filtered, keys, unknownObjects, top } = count
  if (events > 0)
    tally.add(
      resultOf({
        changed: events,
        counts: { events, filtered, keys, batches: 1 },
        unknownObjects: { objects: unknownObjects.length, samples: unknownObjects },
        top,
      }),
    )
  if (rows > events) tally.add(resultOf({ unusable: rows - events }))
  progress.add(events)
}
