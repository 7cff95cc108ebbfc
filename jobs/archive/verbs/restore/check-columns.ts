import { type Column, findColumn, type TableDefinition } from '../../../../src/db/catalog.ts'
import { exitCodes, RowkeeperError } from '../../../../src/lib/errors.ts'
import { listPairs } from '../../partitions/pairs.ts'
import { copiedColumns, type Tables } from '../../tables.ts'

/**
 * The two tables must have the same columns: one that only the archive has would lose its values, and for one that only
 * the live table has nothing was archived. What the columns hold is proven row by row.
 */
export function refuseOtherColumns(tables: Tables): void {
  for (const { live, target, age } of listPairs(tables)) {
    if (target.table === undefined) throw noArchive(target.name.table)
    const added = copiedColumns(live).filter((column) => isMissing(target.table, column))
    const dropped = copiedColumns(target.table).filter(
      (column) => column.name !== age.column.name && isMissing(live, column),
    )
    if (added.length > 0) throw notArchived(live, target.table, added)
    if (dropped.length > 0) throw wouldLose(live, target.table, dropped)
  }
}

function isMissing(table: TableDefinition | undefined, { name }: Column): boolean {
  return table !== undefined && findColumn(table, name) === undefined
}

function listed(columns: readonly Column[]): string {
  return columns.map(({ name, columnType }) => `${name} (${columnType})`).join(', ')
}

function noArchive(table: string): RowkeeperError {
  return new RowkeeperError({
    code: 'archive.noArchive',
    message: `There is no table ${table}, so nothing can be restored from it.`,
    hint: 'The first run of the job makes it. If it was renamed, correct the job in the configuration.',
    exitCode: exitCodes.inputMissing,
  })
}

function notArchived(
  live: TableDefinition,
  archive: TableDefinition,
  columns: readonly Column[],
): RowkeeperError {
  return new RowkeeperError({
    code: 'archive.otherColumns',
    message: `${live.name.table} has columns that ${archive.name.table} has not: ${listed(columns)}. What they shall be in restored rows is not known.`,
    hint: `Add them to ${archive.name.table} with the values that old rows shall have, then restore.`,
    exitCode: exitCodes.refused,
  })
}

function wouldLose(
  live: TableDefinition,
  archive: TableDefinition,
  columns: readonly Column[],
): RowkeeperError {
  return new RowkeeperError({
    code: 'archive.otherColumns',
    message: `${archive.name.table} has columns that ${live.name.table} has not any more: ${listed(columns)}. Restored rows would lose them.`,
    hint: `Add them to ${live.name.table}, or drop them from ${archive.name.table}, then restore.`,
    exitCode: exitCodes.refused,
  })
}
