import type { Column } from '../../../src/db/catalog.ts'
import type { Cell } from '../../../src/db/connection.ts'
import type { Transaction } from '../../../src/db/session.ts'
import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import { monthRange } from '../cutoff.ts'
import { describeKey } from '../move/key-text.ts'
import { cellsOf, keysOf, type LockedRows, slices } from '../move/locked-rows.ts'
import type { MovedTable } from '../move/moved-table.ts'
import { proveCopy } from '../move/proof.ts'
import type { Month } from '../partitions/months.ts'
import type { Scene } from '../scene.ts'
import { familyName } from './families.ts'
import { lockArchived, selectColumnChecksums, toKey } from './sql.ts'

/**
 * Throws unless the archive table holds exactly what was locked. Here values have gone through a second server, so the
 * error names the first row that differs, and its columns.
 */
export async function proveCarried(
  there: Transaction,
  scene: Scene,
  part: LockedRows,
  month: Month,
): Promise<void> {
  try {
    await proveCopy(there, part, month, scene.tables)
  } catch (error) {
    throw (await findDifference(there, scene, part, month)) ?? error
  }
}

async function findDifference(
  there: Transaction,
  scene: Scene,
  part: LockedRows,
  month: Month,
): Promise<RowkeeperError | undefined> {
  const key = await findRow(there, scene, part, month)
  if (key === undefined) return undefined
  const { of } = part
  const range = monthRange(month, scene.tables)
  const row = { table: of, key: toKey(of.key, key) }
  const live = await scene.context.read((session) =>
    session.rows(selectColumnChecksums({ ...row, side: 'source' })),
  )
  const copy = await there.rows(selectColumnChecksums({ ...row, side: 'archive', range }))
  const columns = of.copied.filter((_, index) => live[0]?.[`c${index}`] !== copy[0]?.[`c${index}`])
  return columns.length === 0 ? undefined : rowDiffers(of, { month, key, columns })
}

/** The key of the first row whose copy is missing or another one. */
async function findRow(
  there: Transaction,
  { tables }: Scene,
  part: LockedRows,
  month: Month,
): Promise<readonly Cell[] | undefined> {
  const { of } = part
  const range = monthRange(month, tables)
  const copies = new Map<string, string>()
  for (const keys of slices(keysOf(part, of.key))) {
    const rows = await there.rows(lockArchived(of, { keys, range }))
    const names = cellsOf({ read: of.key, rows }, of.key).map(familyName)
    for (const [index, row] of rows.entries()) copies.set(names[index] ?? '', String(row.row_checksum))
  }
  return cellsOf(part, of.key).find(
    (key, index) => copies.get(familyName(key)) !== String(part.rows[index]?.row_checksum),
  )
}

function rowDiffers(
  { key: keyColumns, name, archive }: MovedTable,
  { month, key, columns }: { month: Month; key: readonly Cell[]; columns: readonly Column[] },
): RowkeeperError {
  const names = columns.map(({ name: column, columnType }) => `${column} (${columnType})`).join(', ')
  return new RowkeeperError({
    code: 'archive.copyDiffers',
    message: `While moving ${month} of ${name.schema}.${name.table}: the row with ${describeKey(keyColumns, key)} reads back from ${archive.name.schema}.${archive.name.table} with another ${names}. The batch was rolled back: no row of it was changed.`,
    hint: columns.some(({ dataType }) => dataType === 'json')
      ? 'JSON travels as its text, and that of a DECIMAL or a date inside it is read as another type. Keep such rows back with a condition in where.'
      : `Compare the two definitions with: SHOW CREATE TABLE ${archive.name.table}`,
    exitCode: exitCodes.failed,
  })
}
