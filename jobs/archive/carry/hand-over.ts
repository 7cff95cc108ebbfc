import type { Transaction } from '../../../src/db/session.ts'
import type { ExecuteContext } from '../../../src/run/context.ts'
import { archivePlace } from '../place.ts'
import type { Scene } from '../scene.ts'
import { type BatchId, selectOwnSeq } from './journal-sql.ts'

export interface HandOver<Held, Written> {
  /** Names both transactions to operators. */
  readonly label: string
  /** In the source's transaction: locks the rows. Undefined when there is nothing to hand over. */
  lock(source: Transaction): Promise<Held | undefined>
  /** In the destination's, which commits before `remove`: what is to be there of them, and their journal row `id`. */
  write(there: Transaction, held: Held, id: BatchId): Promise<Written>
  /** In the source's again: deletes them. */
  remove(source: Transaction, held: Held, written: Written): Promise<void>
}

/** `interrupted`: the destination has the rows, the source's transaction is gone. Only `settleJournal` may go on. */
export type HandedOver<Held, Written> =
  | { readonly type: 'done'; readonly held: Held; readonly written: Written; readonly id: BatchId }
  | { readonly type: 'nothing' }
  | { readonly type: 'interrupted' }

/**
 * Rows leave one server for another in two transactions, the second inside the first:
 *
 *     source       BEGIN  marker  lock the rows ─────────────────────────────────────────  delete them  COMMIT
 *     destination                                BEGIN  insert  prove  journal  COMMIT
 *
 * The journal row carries the run and the number of the source's transaction, whose marker row in the source's ledger
 * is there exactly when it was committed. So for every journal row one look-up tells whether its rows were deleted.
 * Whatever comes between:
 *
 * 1. It ends before the destination's COMMIT: both roll back, nothing has happened.
 * 2. The answer to the destination's COMMIT is lost: its own marker tells. It happened: on with it. It did not: `write`
 *    runs again in a new transaction, with what `lock` holds in memory and still holds locked. Nobody can tell: the
 *    error ends the source's transaction too, and the next run finds a journal row or none.
 * 3. The destination committed and the source did not (a crash, a deadlock, a lost connection, a COMMIT that never
 *    arrived): each row is in both places, and its lock is gone, so it may have changed or may not be due any more.
 *    Copying again would meet the copies, deleting unseen would lose the change. So the source's transaction never runs
 *    a second time after `write` began: a restart ends it at once, without a marker, as `interrupted`.
 * 4. The answer to the source's COMMIT is lost: its marker tells. It happened: done. It did not: 3.
 * 5. Both committed and the run dies before the journal row is deleted: the marker is there, so there is nothing to do
 *    but to forget the row. Without the marker a row that the application made anew under an old key would look like a
 *    changed one (3), and the archive would lose its predecessor.
 *
 * At no instant is a row in neither place: the source deletes only after the destination committed. A row is in both
 * only while a journal row names it. An earlier run cannot come late: its transactions hold a lock on their row of the
 * lease, so whoever has the lease finds all of them ended.
 *
 * Settling 3 is a hand-over again: `lock` takes what the journal row names, `write` takes copies back out of the archive
 * whose rows changed and puts the rest under the number of its own transaction, `remove` deletes that rest. A crash in
 * there leaves 1, 3 or 5 once more.
 */
export async function handOver<Held, Written>(
  { context }: Pick<Scene, 'context'>,
  step: HandOver<Held, Written>,
): Promise<HandedOver<Held, Written>> {
  const restarted = new Error('the transaction of the source was restarted')
  let isWriting = false
  let refusal: unknown
  try {
    return await context.transact(step.label, async (source): Promise<HandedOver<Held, Written>> => {
      if (isWriting) throw restarted
      const id = await readId(source, context)
      const held = await step.lock(source)
      if (held === undefined) return { type: 'nothing' }
      await context.reach('archive.carry-locked')
      isWriting = true
      const writing = archivePlace(context).transact(step.label, (there) => step.write(there, held, id))
      const written = await writing.catch((error) => {
        refusal = error
        throw error
      })
      await context.reach('archive.carry-copied')
      await step.remove(source, held, written)
      await context.reach('archive.carry-deleted')
      return { type: 'done', held, written, id }
    })
  } catch (error) {
    if (error !== restarted) throw error
    // The destination gave up after tries of its own, and what ended it made the source's transaction restart.
    if (refusal !== undefined) throw refusal
    return { type: 'interrupted' }
  }
}

async function readId(source: Transaction, { control, runId }: ExecuteContext): Promise<BatchId> {
  const [row] = await source.rows(selectOwnSeq(control.schema, runId))
  return { runId, seq: Number(row?.seq) }
}
