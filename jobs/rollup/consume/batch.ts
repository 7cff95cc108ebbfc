import type { Row } from '../../../src/db/connection.ts'
import type { Transaction } from '../../../src/db/session.ts'
import { type BatchCount, countBatch, readRows } from '../counters/count-batch.ts'
import { canCountInside, countInside, surveyInside } from '../counters/count-inside.ts'
import { keyCells } from '../events/key.ts'
import { inRuns, type Run } from '../events/runs.ts'
import type { ReadEventRow } from '../fold/read-event.ts'
import type { Scene } from '../scene.ts'
import type { SourceTable } from '../tables.ts'
import { eventsDisagree, eventsNotDeleted } from './errors.ts'
import { removeKeys, removeRuns, wholeNumberKey } from './remove.ts'
import { type Key, lockEvents, lockRuns } from './sql.ts'

export interface ConsumedBatch {
  readonly locked: number
  readonly count: BatchCount
}

export interface Taking {
  readonly upTo: Key
  readonly rows: number
  /** Hands out where the walk is, and takes the last key that was locked. */
  readonly take: (look: (behind: Key | undefined) => Promise<readonly Row[]>) => Promise<readonly Row[]>
  readonly read: ReadEventRow
}

const noCount: BatchCount = { events: 0, filtered: 0, keys: 0, unknownObjects: [] }

/** Events that are locked, and the two halves of consuming them. */
interface LockedEvents {
  readonly locked: number
  /** Of these, the ones that are counted. */
  readonly usable: number
  count(): Promise<BatchCount>
  /** Answers how many were deleted. */
  remove(): Promise<number>
}

/**
 * One batch, inside the transaction that it is: lock the events, add them to the counters, delete exactly them. Whatever
 * does not agree throws, and with the transaction nothing has happened.
 */
export async function consumeBatch(
  transaction: Transaction,
  scene: Scene,
  taking: Taking,
): Promise<ConsumedBatch> {
  const { context, source } = scene
  const { locked, usable, count, remove } = await lockBatch(transaction, scene, taking)
  await context.reach('rollup.events-locked')
  if (usable === 0) return { locked, count: noCount }
  const counted = await count()
  await context.reach('rollup.events-counted')
  const deleted = await remove()
  if (deleted !== usable) throw eventsNotDeleted(source.table.name, { counted: usable, deleted })
  await context.reach('rollup.events-deleted')
  return { locked, count: counted }
}

/** Whether events stay on the server while they are counted. */
export function countsInside(source: SourceTable): boolean {
  return wholeNumberKey(source) !== undefined && canCountInside(source)
}

function lockBatch(transaction: Transaction, scene: Scene, taking: Taking): Promise<LockedEvents> {
  const column = wholeNumberKey(scene.source)
  return column !== undefined && countsInside(scene.source)
    ? lockInside(transaction, scene, taking, column)
    : lockAndRead(transaction, scene, taking)
}

/** The events stay on the server: only the runs of their keys are read. */
async function lockInside(
  transaction: Transaction,
  scene: Scene,
  taking: Taking,
  column: string,
): Promise<LockedEvents> {
  const { source } = scene
  const runs = await lockRunsOf(transaction, scene, taking, column)
  const locked = runs.reduce((sum, { events }) => sum + events, 0)
  const stretch = { table: source.table.name, where: inRuns(column, runs) }
  const batch = await surveyInside(transaction, scene, source, stretch)
  if (batch.events !== locked) throw eventsDisagree(source, { locked, folded: batch.events })
  return {
    locked,
    usable: locked,
    count: () => countInside(transaction, scene, source, { ...batch, origin: 'table' }),
    remove: () => removeRuns(transaction, source, column, runs),
  }
}

interface LockedRun extends Run {
  readonly events: number
}

async function lockRunsOf(
  transaction: Transaction,
  { source }: Scene,
  { upTo, rows, take }: Taking,
  column: string,
): Promise<readonly LockedRun[]> {
  const runs = await take(async (behind) => {
    const found = await transaction.rows(lockRuns(source, column, { behind, upTo, rows }))
    return found.map((run) => ({ ...run, key_0: run.last ?? null }))
  })
  return runs.map(({ first, last, events }) => ({
    first: BigInt(String(first)),
    last: BigInt(String(last)),
    events: Number(events),
  }))
}

/** The events come here: filters and different values look at each. */
async function lockAndRead(
  transaction: Transaction,
  scene: Scene,
  { upTo, rows, take, read }: Taking,
): Promise<LockedEvents> {
  const { source } = scene
  const locked = await take((behind) => transaction.rows(lockEvents(source, { behind, upTo, rows })))
  const { events, usable } = readRows(locked, read)
  const keys = usable.map((row) => keyCells(source, row))
  return {
    locked: locked.length,
    usable: events.length,
    count: () => countBatch(transaction, scene, events, 'table'),
    remove: () => removeKeys(transaction, source, keys),
  }
}
