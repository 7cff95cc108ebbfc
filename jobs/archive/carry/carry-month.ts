import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import { type MonthInHand, rowsAllowed, takeMonth } from '../month-in-hand.ts'
import type { Key } from '../move/sql.ts'
import type { MoveStep } from '../plan-model.ts'
import type { Scene } from '../scene.ts'
import { carryNext } from './carry-next.ts'
import { forget } from './journal.ts'
import type { BatchId } from './journal-sql.ts'
import { settleJournal } from './settle-journal.ts'

/**
 * Carries the rows of a month that are older than the cutoff to another server, batch by batch. Where it is in the month
 * is kept in memory only: what was carried is gone from the live table, so another run begins at the month's first row
 * and finds the next one at once.
 */
export async function carryMonth(scene: Scene, step: MoveStep): Promise<void> {
  const { stop, kill } = scene.context
  // Also without a step of its own: a saved plan may be older than the batch that was interrupted.
  await settleJournal(scene)
  const month = await takeMonth(scene, step)
  if (month === undefined) return
  const journal: Journal = { latest: undefined, interruptions: 0 }
  await carryBatches(month, journal).catch(async (error) => {
    // Stopped between two batches: nothing is left for the next run to settle.
    if (stop.aborted && !kill.aborted) await forgetLatest(scene, journal)
    throw error
  })
  await forgetLatest(scene, journal)
}

interface Journal {
  /** The batch whose rows are deleted and whose journal row is still there; it goes with the next one. */
  latest: BatchId | undefined
  /** In a row, until now. */
  interruptions: number
}

async function forgetLatest(scene: Scene, { latest }: Journal): Promise<void> {
  if (latest !== undefined) await forget(scene.context, [latest])
}

async function carryBatches(month: MonthInHand, journal: Journal): Promise<void> {
  const { scene } = month
  let done = 0
  let last: Key | undefined
  for (;;) {
    scene.context.stop.throwIfAborted()
    const allowed = rowsAllowed(month, done)
    if (allowed === 0) return
    await scene.pace.ready()
    const ended = await carryNext(month, { allowed, last, before: journal.latest })
    if (ended.type === 'nothing') return
    if (ended.type === 'interrupted') await settleInterrupted(month, journal)
    if (ended.type !== 'carried') continue
    journal.latest = ended.id
    journal.interruptions = 0
    last = ended.last
    done += ended.rows
    if (ended.isLast) return
  }
}

/** In a row, before the run gives up: somebody else keeps the rows busy. */
const INTERRUPTIONS = 5

async function settleInterrupted(month: MonthInHand, journal: Journal): Promise<void> {
  journal.interruptions += 1
  if (journal.interruptions >= INTERRUPTIONS) throw interrupted(month)
  journal.latest = undefined
  await settleJournal(month.scene)
}

function interrupted({ scene, step }: MonthInHand): RowkeeperError {
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
