import type { Transaction } from '../../../src/db/session.ts'
import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import { plural } from '../../../src/lib/units.ts'
import { keysOf, type LockedRows, slices } from '../move/locked-rows.ts'
import { deleteChildren, deleteRows, type Eligible } from '../move/sql.ts'
import type { Scene } from '../scene.ts'

/** Deletes exactly these rows, children before the rows they belong to; throws when it were others, or fewer. */
export async function removeRows(
  source: Transaction,
  { tables }: Scene,
  parts: readonly LockedRows[],
  eligible: Eligible,
): Promise<void> {
  for (const part of parts.toReversed()) {
    const { of, rows } = part
    let deleted = 0
    for (const keys of slices(keysOf(part, of.key))) {
      const statement =
        of.link === undefined
          ? deleteRows(of, tables.age.column, { ...eligible, keys })
          : deleteChildren(of, keys)
      deleted += (await source.change(statement)).affectedRows
    }
    if (deleted !== rows.length) throw deletedOthers(part, deleted)
  }
}

/** A trigger that deletes, or a condition that answers differently each time. */
function deletedOthers({ of: { name, archive }, rows }: LockedRows, deleted: number): RowkeeperError {
  const archiveName = `${archive.name.schema}.${archive.name.table}`
  return new RowkeeperError({
    code: 'archive.countsDisagree',
    message: `Of ${plural(rows.length, 'locked row')} of ${name.schema}.${name.table}, ${deleted} were deleted, so that was rolled back. Their copies in ${archiveName} are noted in its journal; they are in both tables until the next run.`,
    hint: `Look for triggers with: SHOW TRIGGERS LIKE '${name.table}', and for functions in where that answer differently each time. Then run it again.`,
    effect: 'partial',
    exitCode: exitCodes.failed,
  })
}
