import type { Column } from '../../../src/db/catalog.ts'
import type { Cell } from '../../../src/db/connection.ts'
import {
  type Fragment,
  id,
  join,
  nothing,
  raw,
  type Statement,
  sql,
  statement,
  type TableName,
  tableId,
} from '../../../src/db/statement.ts'
import { rowChecksum } from '../../../src/engine/chunks/checksum.ts'
import { after, keyIn, keyValue, orderBy, selectKey } from '../../../src/engine/chunks/keyset.ts'
import type { AgeRange } from '../cutoff.ts'
import type { Link, MovedTable } from '../move/moved-table.ts'
import { aliasOf, type Eligible, type Key } from '../move/sql.ts'
import { andWhere, columnList, fromAlong, idOf, inRange } from '../sql.ts'
import type { SourceTable } from '../tables.ts'
import { rowBytes, selectValues, valueTuples } from './values.ts'

/**
 * Statements about rows that are carried to another server, beside those of move/sql.ts. Those about their journal are
 * in journal-sql.ts.
 */

/** The next rows in the order of the walk, locked, with what they weigh as `row_bytes`. */
export function lockNextRows(
  source: SourceTable,
  read: readonly Column[],
  { range, where, last, rows }: Eligible & { readonly last: Key | undefined; readonly rows: number },
): Statement {
  const { columns } = source.walk
  const behind = last === undefined ? nothing : sql` AND ${after(columns.map(idOf), last)}`
  return statement(
    'archive.lock-to-carry',
    sql`SELECT ${selectKeys(read)}, ${rowChecksum(source.copied)} AS row_checksum,
        ${rowBytes(source.copied)} AS row_bytes
      FROM ${fromAlong(source)} WHERE ${inRange(ageOf(source), range)}${behind}${andWhere(where)}
      ${orderBy(namesOf(columns))} LIMIT ${rows} FOR UPDATE`,
  )
}

/** The index that is walked begins with the age. */
function ageOf({ walk }: SourceTable): Column {
  const [age] = walk.columns
  if (age === undefined) throw new TypeError('a walk along no columns')
  return age
}

/** Rows of the live table by their keys, locked, with `is_eligible` for those that are still to go. */
export function lockByKey(
  { name, key, keyIndex, copied }: MovedTable,
  age: Column,
  { keys, range, where }: Eligible & { readonly keys: readonly Key[] },
): Statement {
  return statement(
    'archive.lock-by-key',
    sql`SELECT ${selectKeys(key)}, ${rowChecksum(copied)} AS row_checksum,
        (${inRange(age, range)}${andWhere(where)}) IS TRUE AS is_eligible
      FROM ${tableId(name)} FORCE INDEX (${id(keyIndex)}) WHERE ${keyIn(namesOf(key), keys)}
      ${orderBy(namesOf(key))} FOR UPDATE`,
  )
}

/** Rows of the live table by their keys, on one of the two servers. */
export type Roots =
  | { readonly side: 'source'; readonly keys: readonly Key[] }
  /** The month makes the server look into one partition only. */
  | { readonly side: 'archive'; readonly keys: readonly Key[]; readonly range: AgeRange }

/** Rows of a child that belong to the roots, locked: its own key, then that of its root, and the root's `family_age`. */
export function lockFamily(
  table: MovedTable,
  link: Link,
  { roots, rows }: { readonly roots: Roots; readonly rows: number },
): Statement {
  const ofRoot = rootOf(table).key.map(
    (_, index) => sql`family.${raw(`family_key${index}`)} AS ${raw(aliasOf(table.key.length + index))}`,
  )
  return statement(
    'archive.lock-family',
    sql`SELECT ${selectKeys(table.key)}, ${join(ofRoot)}, family.family_age AS family_age,
        ${rowChecksum(table.copied, raw('own'))} AS row_checksum, ${rowBytes(table.copied)} AS row_bytes
      FROM ${familyJoin(table, link, roots)} LIMIT ${rows} FOR UPDATE`,
  )
}

/** A key may occur in two months of an archive table; the age tells whose child a row is. */
function familyJoin(table: MovedTable, link: Link, roots: Roots): Fragment {
  const sameKey = link.columns.map(
    (column, index) => sql`own.${idOf(column)} = family.${raw(`family_link${index}`)}`,
  )
  const sameAge = roots.side === 'archive' ? [sql`own.${idOf(table.archive.age)} = family.family_age`] : []
  return sql`(${familyRows(link.above, roots, link.parentColumns)}) AS family
    JOIN ${tableId(nameOn(roots, table))} AS own ON ${join([...sameKey, ...sameAge], ' AND ')}`
}

/** The rows above, with what the rows below refer to as `family_link…`. */
function familyRows(table: MovedTable, roots: Roots, linked: readonly Column[]): Fragment {
  if (table.link === undefined) return rootRows(table, roots, linked)
  const keys = rootOf(table).key.map((_, index) => sql`family.${raw(`family_key${index}`)}`)
  const links = linked.map((column, index) => sql`own.${idOf(column)} AS ${raw(`family_link${index}`)}`)
  return sql`SELECT ${join([...keys, raw('family.family_age'), ...links])}
    FROM ${familyJoin(table, table.link, roots)}`
}

function rootRows(root: MovedTable, roots: Roots, linked: readonly Column[]): Fragment {
  const { age } = root.archive
  const keys = root.key.map((column, index) => selectKey(column, `family_key${index}`))
  const links = linked.map((column, index) => sql`${idOf(column)} AS ${raw(`family_link${index}`)}`)
  const inMonth = roots.side === 'source' ? nothing : sql` AND ${inRange(age, roots.range)}`
  return sql`SELECT ${join([...keys, sql`${idOf(age)} AS family_age`, ...links])}
    FROM ${tableId(nameOn(roots, root))} WHERE ${keyIn(namesOf(root.key), roots.keys)}${inMonth}`
}

function rootOf(table: MovedTable): MovedTable {
  return table.link === undefined ? table : rootOf(table.link.above)
}

function nameOn({ side }: Roots, table: MovedTable): TableName {
  return side === 'source' ? table.name : table.archive.name
}

/** The values of rows that are locked, with their keys. */
export function selectRowValues(
  { name, key, keyIndex, copied }: MovedTable,
  keys: readonly Key[],
): Statement {
  return statement(
    'archive.select-values',
    sql`SELECT ${selectKeys(key)}, ${selectValues(copied)}
      FROM ${tableId(name)} FORCE INDEX (${id(keyIndex)}) WHERE ${keyIn(namesOf(key), keys)}`,
  )
}

/** `rows` have a cell for each copied column; those of a child have the age of its row of the live table behind them. */
export function insertRows(
  { copied, link, archive }: MovedTable,
  rows: readonly (readonly Cell[])[],
): Statement {
  const columns = link === undefined ? copied : [...copied, archive.age]
  return statement(
    'archive.insert-carried',
    sql`INSERT INTO ${tableId(archive.name)} (${columnList(columns)}) VALUES ${valueTuples(columns, rows)}`,
  )
}

/** Rows of an archive table in one month. */
export interface Archived {
  readonly keys: readonly Key[]
  readonly range: AgeRange
}

export function lockArchived(table: MovedTable, rows: Archived): Statement {
  return statement(
    'archive.lock-archived',
    sql`SELECT ${selectKeys(table.key)}, ${rowChecksum(table.copied)} AS row_checksum
      FROM ${archivedRows(table, rows)} FOR UPDATE`,
  )
}

export function deleteArchived(table: MovedTable, rows: Archived): Statement {
  return statement('archive.delete-archived', sql`DELETE FROM ${archivedRows(table, rows)}`)
}

function archivedRows({ archive, key }: MovedTable, { keys, range }: Archived): Fragment {
  return sql`${tableId(archive.name)} WHERE ${keyIn(namesOf(key), keys)} AND ${inRange(archive.age, range)}`
}

/** The checksum of each copied column alone, `c…`, of one row. */
export function selectColumnChecksums(
  row: { readonly table: MovedTable; readonly key: Key } & (
    | { readonly side: 'source' }
    | { readonly side: 'archive'; readonly range: AgeRange }
  ),
): Statement {
  const { table, key } = row
  const checksums = table.copied.map((column, index) => sql`${rowChecksum([column])} AS ${raw(`c${index}`)}`)
  const from =
    row.side === 'archive'
      ? archivedRows(table, { keys: [key], range: row.range })
      : sql`${tableId(table.name)} WHERE ${keyIn(namesOf(table.key), [key])}`
  return statement('archive.select-column-checksums', sql`SELECT ${join(checksums)} FROM ${from}`)
}

function selectKeys(columns: readonly Column[]): Fragment {
  return join(columns.map((column, index) => selectKey(column, aliasOf(index))))
}

/** Keys as statements take them. */
export function toKey(columns: readonly Column[], cells: readonly Cell[]): Key {
  return columns.map((column, index) => keyValue(cells[index] ?? null, column))
}

function namesOf(columns: readonly Column[]): readonly string[] {
  return columns.map(({ name }) => name)
}
