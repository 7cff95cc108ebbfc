import { formatCount } from '../../../src/lib/units.ts'
import { eligibleRange, monthRange } from '../cutoff.ts'
import { readMonths } from '../ledger/months.ts'
import { openMonth } from '../ledger/open-month.ts'
import type { MoveStep } from '../plan-model.ts'
import { resultOf } from '../result-model.ts'
import type { Scene } from '../scene.ts'
import { type BatchEnd, moveBatch } from './batch.ts'
import { type BatchSize, createBatchSize } from './batch-size.ts'
import { tooManyChildren } from './errors.ts'
import { listMovedTables, type MovedTable } from './moved-table.ts'
import type { Eligible, Key } from './sql.ts'

/** One month in hand. */
interface Moving {
  readonly scene: Scene
  readonly step: MoveStep
  readonly tables: readonly MovedTable[]
  readonly eligible: Eligible
  readonly size: BatchSize
}

/**
 * Moves the rows of a month that are older than the cutoff, batch by batch, on one server. Where it is in the month is
 * kept in memory only: what was moved is gone from the live table, so another run begins at the month's first row
 * and finds the next one at once.
 */
export async function moveMonth(scene: Scene, step: MoveStep): Promise<void> {
  const { context } = scene
  const { emit } = context
  if (await isPinned(scene, step)) return leaveOver(scene, step.rows, pinned(step))
  const moving = begin(scene, step)
  const name = `moving ${step.month}`
  await openMonths(moving)
  await context.reach('archive.month-opened')
  emit({ type: 'stepStarted', step: name, total: step.rows, unit: 'rows' })
  const done = await moveBatches(moving, (rows) =>
    emit({ type: 'stepProgress', step: name, done: rows, total: Math.max(rows, step.rows), unit: 'rows' }),
  )
  emit({ type: 'stepFinished', step: name, done, unit: 'rows' })
}

/** A saved plan may be older than the restoring of a month. */
async function isPinned({ context, tables }: Scene, { month }: MoveStep): Promise<boolean> {
  const months = await context.read((session) => readMonths(session, context.control, tables.target.name))
  return months.get(month)?.pinnedAt !== undefined
}

function pinned({ month }: MoveStep): string {
  return `${month} was restored by an operator and stays until it is released`
}

function begin(scene: Scene, step: MoveStep): Moving {
  const { batch, where } = scene.settings.options
  const size = createBatchSize({
    rows: batch.rows,
    targetMs: batch.targetTime,
    averageRowBytes: step.rows > 0 ? step.bytes / step.rows : 0,
  })
  const eligible: Eligible = { range: eligibleRange(step.month, scene.cutoff, scene.tables), where }
  return { scene, step, tables: listMovedTables(scene.tables), eligible, size }
}

/** Before the first row is put into it, the ledger knows the month in every archive table. */
async function openMonths({ scene, step: { month }, tables }: Moving): Promise<void> {
  const { context } = scene
  const { runId, control } = context
  const range = monthRange(month, scene.tables)
  await context.transact(`open ${month}`, async (transaction) => {
    for (const { archive, copied } of tables) {
      const { name, age } = archive
      await openMonth(transaction, {
        schema: control.schema,
        archive: name,
        month,
        columns: copied,
        age,
        range,
        runId,
      })
    }
  })
}

/** Answers how many rows were moved. */
async function moveBatches(moving: Moving, tell: (rows: number) => void): Promise<number> {
  const { scene, step } = moving
  let done = 0
  let last: Key | undefined
  for (;;) {
    scene.context.stop.throwIfAborted()
    const allowed = rowsAllowed(scene)
    if (allowed === 0) {
      leaveOver(scene, step.rows - done, limitReached(scene))
      return done
    }
    await scene.pace.ready()
    const ended = await moveNext(moving, allowed, last)
    if (ended.type === 'tooLarge') continue
    done += ended.rows
    tell(done)
    if (ended.rows < ended.asked) return done
    last = ended.last
  }
}

/** Rows of the whole run that `--limit` still allows. */
function rowsAllowed({ context, tally }: Scene): number {
  if (context.limit === undefined) return Number.POSITIVE_INFINITY
  return Math.max(0, context.limit - (tally.soFar.counts.archived ?? 0))
}

function limitReached({ context }: Scene): string {
  return `limit reached: no more than ${formatCount(context.limit ?? 0)} rows in one run`
}

function leaveOver({ tally }: Scene, rows: number, reason: string): void {
  if (rows > 0) tally.add(resultOf({ leftOver: rows, leftReasons: [reason] }))
}

type Moved = BatchEnd & { readonly asked: number }

/** One batch, committed. A try after rows were held by others takes half as many: that many are held for less long. */
async function moveNext(moving: Moving, allowed: number, last: Key | undefined): Promise<Moved> {
  const { scene, step, tables, eligible, size } = moving
  const { context } = scene
  const { clock } = context
  let tries = 0
  let begun = 0
  let asked = 0
  const ended = await context.transact(`move ${step.month}`, (transaction) => {
    if (tries++ > 0) size.shrink()
    asked = Math.min(size.rows, allowed)
    begun = clock.elapsed()
    return moveBatch(transaction, scene, {
      month: step.month,
      tables,
      next: { ...eligible, last, rows: asked },
    })
  })
  if (ended.type === 'tooLarge' && !size.shrink())
    throw tooManyChildren(scene.tables.source.table.name, step.month)
  if (ended.type === 'moved') settle(moving, ended, clock.elapsed() - begun)
  await context.reach('archive.batch-committed')
  return { ...ended, asked }
}

function settle(
  { scene, step, size }: Moving,
  { rows, children }: Extract<BatchEnd, { type: 'moved' }>,
  milliseconds: number,
): void {
  size.grow(rows, milliseconds)
  if (rows === 0) return
  const bytes = Math.round((rows * step.bytes) / Math.max(1, step.rows))
  const month = { rows, bytes, batches: 1, milliseconds: Math.round(milliseconds), how: 'batches' } as const
  scene.tally.add(
    resultOf({
      counts: { archived: rows, deleted: rows },
      changed: rows,
      months: { [step.month]: month },
      children,
    }),
  )
}
