import type { Transaction } from '../../../../src/db/session.ts'
import { exitCodes, RowkeeperError } from '../../../../src/lib/errors.ts'
import { handOver } from '../../carry/hand-over.ts'
import { toJournalRow } from '../../carry/journal.ts'
import { type BatchId, insertJournal } from '../../carry/journal-sql.ts'
import { archivePlace } from '../../place.ts'
import { type Family, liveCells } from './archived-rows.ts'
import { putBack } from './put-back.ts'
import { type BatchEnd, endOf, lockFamily, type RestoreScene } from './restored-batch.ts'
import { settleRestored } from './settle-restored.ts'
import type { Selection } from './sql.ts'
import { readTransfer, type Transfer } from './transfer.ts'

/** So often the live table's server may end a transaction before the restore gives up. */
const TRIES = 5

/**
 * Rows come back from another server as they went (see carry/hand-over.ts), in three transactions:
 *
 *     live     BEGIN  marker ───────────────────────────────── insert  prove  COMMIT
 *     archive                 BEGIN  lock  read  journal  COMMIT                      BEGIN  delete, journal too  COMMIT
 *
 * The journal row names the rows and the live transaction, whose marker is there exactly when it was committed. So
 * whatever dies in between, one look-up tells what is left to be done: without the marker nothing came back, and the
 * journal row goes; with it the rows are back, and their copies go. They go unseen: the application may have changed or
 * deleted the rows since, and would meet the old ones again.
 */
export async function restoreFrom(scene: RestoreScene, selection: Selection): Promise<BatchEnd> {
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const ended = await restoreOnce(scene, selection)
    if (ended !== 'interrupted') return ended
    await settleRestored(scene.context, scene.jobTables)
  }
  throw notRestored(scene)
}

async function restoreOnce(scene: RestoreScene, selection: Selection): Promise<BatchEnd | 'interrupted'> {
  const { context, month, jobTables, tally } = scene
  let present = 0
  const handed = await handOver(scene, {
    label: `restore ${month}`,
    // What keys the rows have is not known before the archive was read.
    lock: async () => 'nothing yet' as const,
    write: (there, _, id) => readOut(there, scene, { selection, id }),
    async remove(live, _, out) {
      if (out !== 'tooMany') present = await putBack(live, out.transfer, out.family)
    },
  }).catch((error) => forgetAfter(scene, error))
  if (handed.type !== 'done') return 'interrupted'
  if (handed.written === 'tooMany') return { type: 'tooMany' }
  const { family } = handed.written
  tally.add({ inBoth: family.reduce((sum, { rows }) => sum + rows.length, 0) })
  await settleRestored(context, jobTables)
  return endOf(scene, family, present)
}

/** In the archive's transaction: all that is to be put back, and its journal row. */
async function readOut(
  there: Transaction,
  scene: RestoreScene,
  { selection, id }: { readonly selection: Selection; readonly id: BatchId },
): Promise<{ readonly family: Family; readonly transfer: Transfer } | 'tooMany'> {
  const { context, month, jobTables } = scene
  const family = await lockFamily(there, scene, selection)
  if (family === 'tooMany') return family
  const transfer = await readTransfer(there, family, context.server)
  const [roots] = family
  if (roots !== undefined && roots.rows.length > 0) {
    const restored = { month, state: 'restoring', keys: liveCells(roots), digest: roots.digest } as const
    const row = toJournalRow({ context, tables: jobTables }, id, restored)
    await there.change(insertJournal(archivePlace(context).control.schema, row))
  }
  return { family, transfer }
}

/**
 * Nothing came back, so nothing need be remembered. A COMMIT that is still in doubt is left to the next command: by then
 * the server has made up its mind.
 */
async function forgetAfter({ context, jobTables }: RestoreScene, error: unknown): Promise<never> {
  const isInDoubt = error instanceof RowkeeperError && error.exitCode === exitCodes.unknown
  if (!isInDoubt) await settleRestored(context, jobTables).catch(() => {})
  throw error
}

function notRestored({ jobTables }: RestoreScene): RowkeeperError {
  const { schema, table } = jobTables.source.table.name
  return new RowkeeperError({
    code: 'archive.notRestored',
    message: `Rows could not be put back into ${schema}.${table}: its server ended the transaction ${TRIES} times. They are in the archive.`,
    hint: 'Other sessions hold rows they need. Run it again when they have finished.',
    effect: 'partial',
    retryable: true,
    exitCode: exitCodes.tryLater,
  })
}
