import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import { formatCount } from '../../../src/lib/units.ts'
import { eligibleRange, monthRange } from '../cutoff.ts'
import { readMonths } from '../ledger/months.ts'
import { openMonth } from '../ledger/open-month.ts'
import { createBatchSize } from '../move/batch-size.ts'
import { listMovedTables } from '../move/moved-table.ts'
import type { Key } from '../move/sql.ts'
import { archivePlace } from '../place.ts'
import type { MoveStep } from '../plan-model.ts'
import { resultOf } from '../result-model.ts'
import type { Scene } from '../scene.ts'
import { type Carrying, carryNext } from './carry-next.ts'
import type { BatchId } from './journal-sql.ts'
import { forget, settleJournal } from './settle-journal.ts'

/**
 * Carries the rows of a month that are older than the cutoff to another server, batch by batch. Where it is in the month
 * is kept in memory only: what was carried is gone from the live table, so another run begins at the month's first row
 * and finds the next one at once.
 */
export async function carryMonth(scene: Scene, step: MoveStep): Promise<void> {
  const { context } = scene
  const { emit, stop, kill } = context
  // Also without a step of its own: a saved plan may be older than the batch that was interrupted.
  await settleJournal(scene)
  if (await isPinned(scene, step)) return leaveOver(scene, step.rows, pinned(step))
  const carrying = begin(scene, step)
  const name = `moving ${step.month}`
  await openMonths(carrying)
  emit({ type: 'stepStarted', step: name, total: step.rows, unit: 'rows' })
  const journal: Journal = { latest: undefined }
  const tell = (rows: number) =>
    emit({ type: 'stepProgress', step: name, done: rows, total: Math.max(rows, step.rows), unit: 'rows' })
  const done = await carryBatches(carrying, journal, tell).catch(async (error) => {
    // Stopped between two batches: nothing is left for the next run to settle.
    if (stop.aborted && !kill.aborted) await forgetLatest(scene, journal)
    throw error
  })
  await forgetLatest(scene, journal)
  emit({ type: 'stepFinished', step: name, done, unit: 'rows' })
}

/** The batch whose rows are deleted and whose journal row is still there; it goes with the next one. */
interface Journal {
  latest: BatchId | undefined
}

async function forgetLatest(scene: Scene, { latest }: Journal): Promise<void> {
  if (latest !== undefined) await forget(scene, [{ id: latest }])
}

/** A saved plan may be older than the restoring of a month. */
async function isPinned({ context, tables }: Scene, { month }: MoveStep): Promise<boolean> {
  const { read, control } = archivePlace(context)
  const months = await read((session) => readMonths(session, control, tables.target.name))
  return months.get(month)?.pinnedAt !== undefined
}

function pinned({ month }: MoveStep): string {
  return `${month} was restored by an operator and stays until it is released`
}

function begin(scene: Scene, step: MoveStep): Carrying {
  const { batch, where } = scene.settings.options
  const size = createBatchSize({
    rows: batch.rows,
    targetMs: batch.targetTime,
    averageRowBytes: step.rows > 0 ? step.bytes / step.rows : 0,
  })
  const eligible = { range: eligibleRange(step.month, scene.cutoff, scene.tables), where }
  return { scene, step, tables: listMovedTables(scene.tables), eligible, size }
}

/** Before the first row is put into it, the ledger knows the month in every archive table. */
async function openMonths({ scene, step: { month }, tables }: Carrying): Promise<void> {
  const { context } = scene
  const { control, transact } = archivePlace(context)
  const range = monthRange(month, scene.tables)
  await transact(`open ${month}`, async (there) => {
    for (const { archive, copied: columns } of tables) {
      const { name, age } = archive
      const { runId } = context
      await openMonth(there, { schema: control.schema, archive: name, month, columns, age, range, runId })
    }
  })
}

/** In a row, before the run gives up: somebody else keeps the rows busy. */
const INTERRUPTIONS = 5

/** Answers how many rows were carried. */
async function carryBatches(
  carrying: Carrying,
  journal: Journal,
  tell: (rows: number) => void,
): Promise<number> {
  const { scene, step } = carrying
  let done = 0
  let last: Key | undefined
  let interruptions = 0
  for (;;) {
    scene.context.stop.throwIfAborted()
    const allowed = rowsAllowed(scene)
    if (allowed === 0) {
      leaveOver(scene, step.rows - done, limitReached(scene))
      return done
    }
    await scene.pace.ready()
    const ended = await carryNext(carrying, { allowed, last, before: journal.latest })
    switch (ended.type) {
      case 'nothing':
        return done
      case 'tooLarge':
        continue
      case 'interrupted':
        interruptions += 1
        if (interruptions >= INTERRUPTIONS) throw interrupted(carrying)
        journal.latest = undefined
        await settleJournal(scene)
        continue
      case 'carried':
        interruptions = 0
        journal.latest = ended.id
        last = ended.last
        done += ended.rows
        tell(done)
        if (ended.isLast) return done
    }
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

function interrupted({ scene, step }: Carrying): RowkeeperError {
  const { schema, table } = scene.tables.source.table.name
  return new RowkeeperError({
    code: 'archive.interrupted',
    message: `While moving ${step.month} of ${schema}.${table}: its server ended the transaction ${INTERRUPTIONS} times in a row after the rows had been copied. No row is lost; the next run settles the last batch.`,
    hint: 'Other sessions hold the rows. Run it again when they have finished.',
    effect: 'partial',
    retryable: true,
    exitCode: exitCodes.tryLater,
  })
}
