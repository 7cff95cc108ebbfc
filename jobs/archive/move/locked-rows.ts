import type { Column } from '../../../src/db/catalog.ts'
import type { Cell, Row } from '../../../src/db/connection.ts'
import type { Transaction } from '../../../src/db/session.ts'
import { type Digest, foldRowChecksum } from '../../../src/engine/chunks/digest.ts'
import { keyValue } from '../../../src/engine/chunks/keyset.ts'
import type { Month } from '../partitions/months.ts'
import type { SourceTable } from '../tables.ts'
import type { MovedTable } from './moved-table.ts'
import { aliasOf, type Eligible, type Key, lockChildren, lockNextRows, type Stretch } from './sql.ts'

/** Some columns of some rows, and the checksum of each row. */
export interface RowsRead {
  /** The columns, in the order in which they were asked for. */
  readonly read: readonly Column[]
  readonly rows: readonly Row[]
}

/** Rows of one table that nobody else can change until the transaction ends, and what they were when that began. */
export interface LockedRows extends RowsRead {
  readonly of: MovedTable
  readonly digest: Digest
}

/** One statement names so many keys: beyond 16,000 MariaDB gives up looking them up one by one. */
const KEYS_PER_STATEMENT = 4000

/** So many rows of children, and no more, are locked and remembered at once. */
export const MAXIMUM_CHILDREN = 50_000

export interface NextRows extends Eligible {
  /** Where the batch before ended; undefined at the beginning of a month. */
  readonly last: Key | undefined
  readonly rows: number
}

/** One batch to be. */
export interface BatchPlan {
  readonly month: Month
  readonly tables: readonly MovedTable[]
  readonly next: NextRows
}

/** The next rows of the live table. Fewer than asked for means that there are no more. */
export async function lockRows(
  transaction: Transaction,
  source: SourceTable,
  tables: readonly MovedTable[],
  next: NextRows,
): Promise<LockedRows> {
  const [live, ...children] = tables
  if (live === undefined) throw new TypeError('nothing to move')
  const read = unite(source.walk.columns, live.key, referredTo(live, children))
  const rows = await transaction.rows(lockNextRows(source, read, next))
  return toLocked(live, read, rows)
}

/**
 * The children of locked rows, table by table, each behind the one above it. A foreign key keeps new ones out while the
 * row above is locked. `tooMany` when they are more than a transaction should hold; nothing is changed by then.
 */
export async function lockAllChildren(
  transaction: Transaction,
  parents: LockedRows,
  tables: readonly MovedTable[],
): Promise<readonly LockedRows[] | 'tooMany'> {
  const locked: LockedRows[] = [parents]
  let room = MAXIMUM_CHILDREN
  for (const child of tables.slice(1)) {
    const above = locked.find(({ of }) => of === child.link?.above)
    if (above === undefined) throw new TypeError(`${child.name.table} comes before the table above it`)
    const read = unite(child.key, referredTo(child, tables))
    const found = await lockChildrenOf(transaction, child, { above, read, room })
    if (found === 'tooMany') return found
    room -= found.rows.length
    locked.push(found)
  }
  return locked.slice(1)
}

async function lockChildrenOf(
  transaction: Transaction,
  child: MovedTable,
  { above, read, room }: { above: LockedRows; read: readonly Column[]; room: number },
): Promise<LockedRows | 'tooMany'> {
  const { link } = child
  const found: Row[] = []
  if (link === undefined) throw new TypeError(`${child.name.table} is no child`)
  for (const keys of slices(keysOf(withValues(above, link.parentColumns), link.parentColumns))) {
    const rows = room + 1 - found.length
    found.push(...(await transaction.rows(lockChildren(child, link, { read, keys, rows }))))
    if (found.length > room) return 'tooMany'
  }
  return toLocked(child, read, found)
}

/** A row without a value there has no children: nothing refers to NULL. */
function withValues(above: RowsRead, columns: readonly Column[]): RowsRead {
  const cells = cellsOf(above, columns)
  return { ...above, rows: above.rows.filter((_, index) => !cells[index]?.includes(null)) }
}

/** What the children of a table need to know of its rows. */
function referredTo(table: MovedTable, tables: readonly MovedTable[]): readonly Column[] {
  return tables.flatMap(({ link }) => (link?.above === table ? link.parentColumns : []))
}

function unite(...lists: readonly (readonly Column[])[]): readonly Column[] {
  return [...new Map(lists.flat().map((column) => [column.name, column])).values()]
}

function toLocked(of: MovedTable, read: readonly Column[], rows: readonly Row[]): LockedRows {
  return { of, read, rows, digest: foldRowChecksum(rows.map(({ row_checksum }) => row_checksum ?? null)) }
}

/** Values of these columns, row by row, as statements take them: exactly as they are in the table. */
export function keysOf(rows: RowsRead, columns: readonly Column[]): readonly Key[] {
  return cellsOf(rows, columns).map((cells) =>
    columns.map((column, position) => keyValue(cells[position] ?? null, column)),
  )
}

/** The same as the server sent them: alike for the same key of any two tables. */
export function cellsOf({ read, rows }: RowsRead, columns: readonly Column[]): readonly (readonly Cell[])[] {
  const aliases = columns.map(({ name }) => {
    const position = read.findIndex((column) => column.name === name)
    if (position < 0) throw new TypeError(`${name} was not read`)
    return aliasOf(position)
  })
  return rows.map((row) => aliases.map((alias) => row[alias] ?? null))
}

/** Where these rows, of which there is one at least, begin and end in the order of the walk. */
export function stretchOf({ read, rows }: RowsRead, walk: readonly Column[]): Stretch {
  const [first, last = first] = keysOf(
    { read, rows: [...rows.slice(0, 1), ...rows.slice(1).slice(-1)] },
    walk,
  )
  if (first === undefined || last === undefined) throw new TypeError('no rows have neither beginning nor end')
  return { first, last }
}

/** The keys of a table's rows, so many at a time as one statement takes. */
export function slices(keys: readonly Key[]): readonly (readonly Key[])[] {
  return Array.from({ length: Math.ceil(keys.length / KEYS_PER_STATEMENT) }, (_, index) =>
    keys.slice(index * KEYS_PER_STATEMENT, (index + 1) * KEYS_PER_STATEMENT),
  )
}

/** Rows by the live table they were in. */
export type ChildCounts = Readonly<Record<string, number>>

export function countByTable(children: readonly LockedRows[]): ChildCounts {
  const filled = children.filter(({ rows }) => rows.length > 0)
  return Object.fromEntries(filled.map(({ of, rows }) => [of.name.table, rows.length]))
}

export interface SlicedRows {
  readonly locked: LockedRows
  readonly slices: readonly (readonly Key[])[]
}

/** With the keys of the rows, made once for all statements that name them. */
export function sliceRows(locked: LockedRows): SlicedRows {
  return { locked, slices: slices(keysOf(locked, locked.of.key)) }
}
