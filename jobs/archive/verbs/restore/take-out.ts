import type { Transaction } from '../../../../src/db/session.ts'
import type { ExecuteContext } from '../../../../src/run/context.ts'
import { takeFromMonth } from '../../ledger/sql.ts'
import { changeOne } from '../../ledger/write-month.ts'
import { slices } from '../../move/locked-rows.ts'
import type { Month } from '../../partitions/months.ts'
import { archivePlace } from '../../place.ts'
import { archivedKeys, type Family } from './archived-rows.ts'
import { countsDisagree } from './errors.ts'
import { deleteArchived } from './sql.ts'

/** In the archive's transaction: removes rows that are proven in the live table, and what the ledger says of them. */
export async function takeOut(
  there: Transaction,
  { context, month }: { readonly context: ExecuteContext; readonly month: Month },
  family: Family,
): Promise<void> {
  const { control } = archivePlace(context)
  await context.reach('archive.restore-put-back')
  for (const rows of family.toReversed()) {
    let removed = 0
    for (const keys of slices(archivedKeys(rows)))
      removed += (await there.change(deleteArchived(rows.of, keys))).affectedRows
    if (removed !== rows.rows.length) throw countsDisagree(rows, { removed })
  }
  for (const { of, rows, digest } of family) {
    if (rows.length === 0) continue
    const archive = { schema: control.schema, archive: of.month.archive, month }
    await changeOne(there, archive, takeFromMonth(archive, digest, context.runId))
  }
}
