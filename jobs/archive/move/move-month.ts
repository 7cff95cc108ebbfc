import { runLanes } from '../../../src/engine/lanes.ts'
import { halvesOf } from '../cutoff.ts'
import { countBatch, type MonthInHand, rowsAllowed, takeMonth } from '../month-in-hand.ts'
import type { MoveStep } from '../plan-model.ts'
import { resultOf } from '../result-model.ts'
import type { Scene } from '../scene.ts'
import { type BatchEnd, moveBatch } from './batch.ts'
import { tooManyChildren } from './errors.ts'
import type { Key } from './sql.ts'

/**
 * From so many batches on a month is moved in two halves side by side, each in a transaction of its own. One batch alone
 * left the server idle while it was prepared, answered and committed: with two, half as many rows more in a second.
 */
const BATCHES_FOR_TWO = 8

/**
 * Moves the rows of a month that are older than the cutoff, batch by batch, on one server. Where it is in the month is
 * kept in memory only: what was moved is gone from the live table, so another run begins at the month's first row
 * and finds the next one at once.
 */
export async function moveMonth(scene: Scene, step: MoveStep): Promise<void> {
  const month = await takeMonth(scene, step)
  if (month === undefined) return
  await scene.context.reach('archive.month-opened')
  await runLanes(intoLanes(month).map((lane) => (failed) => moveLane(lane, failed)))
}

/** A limit is counted row by row, which two lanes would not do exactly. */
function intoLanes(month: MonthInHand): readonly MonthInHand[] {
  const { scene, step, eligible } = month
  const isLong = step.rows >= BATCHES_FOR_TWO * scene.settings.options.batch.rows
  if (!isLong || scene.context.limit !== undefined) return [month]
  const halves = halvesOf(step.month, scene.cutoff, scene.tables)
  return halves.map((range) => ({ ...month, eligible: { ...eligible, range }, lanes: halves.length }))
}

async function moveLane(month: MonthInHand, failed: AbortSignal): Promise<void> {
  const { scene } = month
  let done = 0
  let last: Key | undefined
  while (!failed.aborted) {
    scene.context.stop.throwIfAborted()
    const allowed = rowsAllowed(month, done)
    if (allowed === 0) return
    await scene.pace.ready()
    const ended = await moveNext(month, allowed, last)
    if (ended.type === 'tooLarge') continue
    if (ended.rows < ended.asked) return
    done += ended.rows
    last = ended.last
  }
}

type Moved = BatchEnd & { readonly asked: number }

/** One batch, committed. A try after rows were held by others takes half as many: that many are held for less long. */
async function moveNext(month: MonthInHand, allowed: number, last: Key | undefined): Promise<Moved> {
  const { scene, step, tables, eligible, size } = month
  const { context } = scene
  const { clock } = context
  let tries = 0
  let begun = 0
  let asked = 0
  const ended = await context.transact(`move ${step.month}`, (transaction) => {
    if (tries++ > 0) size.shrink()
    asked = Math.min(size.rows, allowed)
    begun = clock.elapsed()
    const next = { ...eligible, last, rows: asked }
    return moveBatch(transaction, scene, { month: step.month, tables, next })
  })
  if (ended.type === 'tooLarge' && !size.shrink())
    throw tooManyChildren(scene.tables.source.table.name, step.month)
  if (ended.type === 'moved') {
    const { rows, children } = ended
    scene.tally.add(resultOf({ changed: rows }))
    countBatch(month, { rows, children, milliseconds: clock.elapsed() - begun })
  }
  await context.reach('archive.batch-committed')
  return { ...ended, asked }
}
