import type { Cell, Row } from '../../../src/db/connection.ts'
import type { Transaction } from '../../../src/db/session.ts'
import { type Digest, foldRowChecksum } from '../../../src/engine/chunks/digest.ts'
import { cellsOf, type LockedRows, MAXIMUM_CHILDREN, type RowsRead, slices } from '../move/locked-rows.ts'
import type { MovedTable } from '../move/moved-table.ts'
import { aliasOf } from '../move/sql.ts'
import { lockFamily, type Roots } from './sql.ts'

/** A row of the live table and the rows of its children go together: they are a family, named by its key. */
export type FamilyName = string

/** Alike for the same key on both servers. */
export function familyName(key: readonly Cell[]): FamilyName {
  return JSON.stringify(key)
}

/** Locked rows of one table, each with the family it belongs to. */
export interface FamilyRows extends LockedRows {
  readonly families: readonly FamilyName[]
}

/** Rows of the live table; what was read of them holds its key. */
export function toRoots(of: MovedTable, { read, rows }: RowsRead): FamilyRows {
  return { of, read, rows, digest: digestOf(rows), families: cellsOf({ read, rows }, of.key).map(familyName) }
}

/**
 * The children of rows that are locked, table by table; a foreign key keeps new ones out while the row above is locked.
 * `tooMany` when they are more than a transaction should hold.
 */
export async function lockChildren(
  transaction: Transaction,
  tables: readonly MovedTable[],
  roots: Roots,
): Promise<readonly FamilyRows[] | 'tooMany'> {
  const found: FamilyRows[] = []
  let room = MAXIMUM_CHILDREN
  for (const table of tables.slice(1)) {
    const rows = await lockChild(transaction, table, { roots, room })
    if (rows.length > room) return 'tooMany'
    room -= rows.length
    found.push(toFamilyRows(table, rows, tables[0]?.key.length ?? 0))
  }
  return found
}

async function lockChild(
  transaction: Transaction,
  table: MovedTable,
  { roots, room }: { roots: Roots; room: number },
): Promise<readonly Row[]> {
  const { link } = table
  if (link === undefined) throw new TypeError(`${table.name.table} is no child`)
  const rows: Row[] = []
  for (const keys of slices(roots.keys)) {
    const part = { roots: { ...roots, keys }, rows: room + 1 - rows.length }
    rows.push(...(await transaction.rows(lockFamily(table, link, part))))
    if (rows.length > room) break
  }
  return rows
}

function toFamilyRows(of: MovedTable, rows: readonly Row[], rootColumns: number): FamilyRows {
  const aliases = Array.from({ length: rootColumns }, (_, index) => aliasOf(of.key.length + index))
  return {
    of,
    read: of.key,
    rows,
    digest: digestOf(rows),
    families: rows.map((row) => familyName(aliases.map((alias) => row[alias] ?? null))),
  }
}

/** Those of the named families only. */
export function keepFamilies(all: FamilyRows, names: ReadonlySet<FamilyName>): FamilyRows {
  const kept = all.rows.flatMap((row, index) => {
    const family = all.families[index] ?? ''
    return names.has(family) ? [{ row, family }] : []
  })
  const rows = kept.map(({ row }) => row)
  return {
    ...all,
    rows,
    digest: digestOf(rows),
    families: kept.map(({ family }) => family),
  }
}

function digestOf(rows: readonly Row[]): Digest {
  return foldRowChecksum(rows.map(({ row_checksum }) => row_checksum ?? null))
}
