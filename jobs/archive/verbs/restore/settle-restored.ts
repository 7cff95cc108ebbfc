import type { Transaction } from '../../../../src/db/session.ts'
import { sameDigest } from '../../../../src/engine/chunks/digest.ts'
import { exitCodes, RowkeeperError } from '../../../../src/lib/errors.ts'
import type { ExecuteContext } from '../../../../src/run/context.ts'
import { forget, type JournalEntry, readJournal } from '../../carry/journal.ts'
import { deleteJournal } from '../../carry/journal-sql.ts'
import { toKey } from '../../carry/sql.ts'
import { MAXIMUM_CHILDREN } from '../../move/locked-rows.ts'
import { archivePlace } from '../../place.ts'
import type { Tables } from '../../tables.ts'
import { tooManyChildren } from './errors.ts'
import { lockFamily } from './restored-batch.ts'
import { type RestoredTable, readRestoredTables } from './restored-table.ts'
import { takeOut } from './take-out.ts'

/**
 * Ends every batch that was to come back from another server, of this command or of any before: afterwards each of its
 * rows is on one server only. See restore-from.ts.
 *
 * @throws RowkeeperError `archive.restoreUnclear`
 */
export async function settleRestored(context: ExecuteContext, tables: Tables): Promise<void> {
  const entries = (await readJournal({ context, tables })).filter(({ state }) => state === 'restoring')
  for (const entry of entries) {
    // Somebody dropped the archive table, and with it the copies.
    const isOver = entry.source === 'rolledBack' || tables.target.table === undefined
    await (isOver ? forget(context, [entry.id]) : removeCopies(context, tables, entry))
  }
}

/** The rows are back. Copies that are not what was brought back are somebody's change, and stay. */
async function removeCopies(context: ExecuteContext, tables: Tables, entry: JournalEntry): Promise<void> {
  const { control, transact } = archivePlace(context)
  const { month, source } = entry
  if (source === 'unknown') throw unclear(tables, entry, 'the record of that command is gone')
  const restored = await readRestoredTables(context, tables, month)
  await transact(`restore ${month}`, async (there) => {
    const family = await lockCopies(there, { context, tables: restored }, entry)
    const [roots] = family
    if (roots === undefined || !sameDigest(roots.digest, entry.digest))
      throw unclear(tables, entry, 'the archive holds something else under their keys now')
    await takeOut(there, { context, month }, family)
    await there.change(deleteJournal(control.schema, entry.id))
  })
}

async function lockCopies(
  there: Transaction,
  scene: { readonly context: ExecuteContext; readonly tables: readonly RestoredTable[] },
  { keys }: JournalEntry,
) {
  const [root] = scene.tables
  if (root === undefined) throw new TypeError('nothing to restore')
  const live = keys.map((cells) => toKey(root.key, cells))
  const family = await lockFamily(there, scene, { type: 'liveKeys', keys: live })
  if (family === 'tooMany') throw tooManyChildren(root, MAXIMUM_CHILDREN)
  return family
}

function unclear({ source, target }: Tables, { month, keys, id }: JournalEntry, why: string): RowkeeperError {
  const { schema, table } = source.table.name
  return new RowkeeperError({
    code: 'archive.restoreUnclear',
    message: `A restore that was cut short put ${keys.length} rows of ${month} back into ${schema}.${table}, and their copies in ${target.name.table} were to be removed, but ${why}. Nothing was changed.`,
    hint: `Compare the rows of both tables and delete the copies that are not wanted; then delete the row of ${id.runId} from rowkeeper_journal beside ${target.name.table}.`,
    exitCode: exitCodes.failed,
  })
}
