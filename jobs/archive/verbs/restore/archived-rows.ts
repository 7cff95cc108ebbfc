import type { Column } from '../../../../src/db/catalog.ts'
import type { Cell, Row } from '../../../../src/db/connection.ts'
import type { Transaction } from '../../../../src/db/session.ts'
import { type Digest, foldRowChecksum } from '../../../../src/engine/chunks/digest.ts'
import { cellsOf, keysOf, MAXIMUM_CHILDREN, type RowsRead, slices } from '../../move/locked-rows.ts'
import type { Key } from '../../move/sql.ts'
import type { RestoredTable } from './restored-table.ts'
import { type Hold, type Selection, selectArchived, selectArchivedChildren } from './sql.ts'

/** Rows of one archive table. */
export interface ArchivedRows extends RowsRead {
  readonly of: RestoredTable
  readonly digest: Digest
}

/** Rows of the archive table first, those of each child behind the table they belong to. */
export type Family = readonly ArchivedRows[]

type Session = Pick<Transaction, 'rows'>

/** Reads rows of the month with all that belongs to them. `tooMany`: more than a transaction should hold. */
export async function readFamily(
  session: Session,
  tables: readonly RestoredTable[],
  selection: Selection,
  hold: Hold,
): Promise<Family | 'tooMany'> {
  const [root] = tables
  if (root === undefined) throw new TypeError('nothing to restore')
  const read = neededOf(root, tables)
  const rows = await session.rows(selectArchived(root, selection, { read, hold }))
  const family: ArchivedRows[] = [toArchived(root, read, rows)]
  let room = MAXIMUM_CHILDREN
  for (const child of tables.slice(1)) {
    const above = family.find(({ of }) => of.name === child.link?.above.name)
    if (above === undefined) throw new TypeError(`${child.name.table} comes before the table above it`)
    const asked = { read: neededOf(child, tables), room, hold }
    const found = await readChildren(session, child, above, asked)
    if (found.length > room) return 'tooMany'
    room -= found.length
    family.push(toArchived(child, asked.read, found))
  }
  return family
}

async function readChildren(
  session: Session,
  child: RestoredTable,
  above: ArchivedRows,
  { read, room, hold }: { readonly read: readonly Column[]; readonly room: number; readonly hold: Hold },
): Promise<readonly Row[]> {
  const columns = child.link?.parentColumns ?? []
  // What refers to nothing has no children.
  const referring = { ...above, rows: above.rows.filter((row) => !hasNull(above.read, row, columns)) }
  const found: Row[] = []
  for (const keys of slices(keysOf(referring, columns))) {
    const rows = room + 1 - found.length
    found.push(...(await session.rows(selectArchivedChildren(child, keys, { read, rows, hold }))))
    if (found.length > room) break
  }
  return found
}

function hasNull(read: readonly Column[], row: Row, columns: readonly Column[]): boolean {
  return (cellsOf({ read, rows: [row] }, columns)[0] ?? []).includes(null)
}

/** The columns that tell a row apart, here and there, and those that its children refer to. */
function neededOf(table: RestoredTable, tables: readonly RestoredTable[]): readonly Column[] {
  const referred = tables.flatMap(({ link }) => (link?.above.name === table.name ? link.parentColumns : []))
  const needed = [...table.month.walk, ...table.key, ...referred]
  return [...new Map(needed.map((column) => [column.name, column])).values()]
}

function toArchived(of: RestoredTable, read: readonly Column[], rows: readonly Row[]): ArchivedRows {
  return { of, read, rows, digest: foldRowChecksum(rows.map(({ row_checksum }) => row_checksum ?? null)) }
}

/** The rows as the archive's side names them. */
export function archivedKeys(rows: ArchivedRows): readonly Key[] {
  return keysOf(rows, rows.of.month.walk)
}

/** The rows as the live table's side names them. */
export function liveKeys(rows: ArchivedRows): readonly Key[] {
  return keysOf(rows, rows.of.key)
}

export function liveCells(rows: ArchivedRows): readonly (readonly Cell[])[] {
  return cellsOf(rows, rows.of.key)
}

/** Only some of them. */
export function pickRows(
  { of, read, rows }: ArchivedRows,
  isWanted: (index: number) => boolean,
): ArchivedRows {
  return toArchived(
    of,
    read,
    rows.filter((_, index) => isWanted(index)),
  )
}
