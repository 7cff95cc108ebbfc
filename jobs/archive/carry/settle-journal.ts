import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import type { Scene } from '../scene.ts'
import { forget, isOpen, type JournalEntry, readJournal } from './journal.ts'
import { settleEntry } from './settle-entry.ts'

/** So often the source may end a transaction that settles before the run gives up. */
const TRIES = 5

/**
 * Ends what batches left behind whose source did not commit, of this run or of any before: afterwards each of their
 * rows is on one server only. See hand-over.ts for why that is needed and enough.
 *
 * @throws RowkeeperError `archive.notSettled`, `archive.journalUnclear`
 */
export async function settleJournal(scene: Scene): Promise<void> {
  // Somebody dropped the archive table, and with it the copies: the rows are at the source alone.
  const hasCopies = scene.tables.target.table !== undefined
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const entries = await readCopied(scene)
    if (entries.length === 0) return
    const isSettled = (entry: JournalEntry) => !isOpen(entry) || !hasCopies
    await forget(
      scene.context,
      entries.filter(isSettled).map(({ id }) => id),
    )
    for (const entry of entries.filter((open) => !isSettled(open))) {
      scene.context.stop.throwIfAborted()
      await scene.pace.ready()
      await settleEntry(scene, entry)
    }
  }
  if ((await readCopied(scene)).length > 0) throw notSettled(scene)
}

async function readCopied(scene: Scene): Promise<readonly JournalEntry[]> {
  return (await readJournal(scene)).filter(({ state }) => state === 'copied')
}

function notSettled({ tables }: Scene): RowkeeperError {
  const { schema, table } = tables.source.table.name
  return new RowkeeperError({
    code: 'archive.notSettled',
    message: `Rows of ${schema}.${table} that an interrupted batch left on both servers could not be settled: the source ended the transaction ${TRIES} times. Nothing is lost.`,
    hint: 'Other sessions hold the rows. Run it again when they have finished.',
    effect: 'partial',
    retryable: true,
    exitCode: exitCodes.tryLater,
  })
}
