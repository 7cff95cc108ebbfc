import type { Column } from '../../../../src/db/catalog.ts'
import type { Cell } from '../../../../src/db/connection.ts'
import type { ForeignKey } from '../../../../src/db/foreign-keys.ts'
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
} from '../../../../src/db/statement.ts'
import { digestOf, rowChecksum } from '../../../../src/engine/chunks/checksum.ts'
import { after, type KeyValue, keyIn, orderBy, selectKey } from '../../../../src/engine/chunks/keyset.ts'
import { unreachable } from '../../../../src/lib/errors.ts'
import { selectValues, valueTuples } from '../../carry/values.ts'
import { selectKeys } from '../../exchange/sql.ts'
import { aliasOf, type Key } from '../../move/sql.ts'
import { columnList, idOf, inRange } from '../../sql.ts'
import type { ArchivedMonth, RestoredTable } from './restored-table.ts'

/** Statements of restoring: the live table is written, the archive table is read and then emptied. */

/** locked: until the transaction ends · seen: for looking ahead. */
export type Hold = 'locked' | 'seen'

/** Which rows of a month: the next ones in the order of `month.walk`, or those with these values of it or of the live key. */
export type Selection =
  | { readonly type: 'next'; readonly last: Key | undefined; readonly rows: number }
  | { readonly type: 'keys'; readonly keys: readonly Key[] }
  | { readonly type: 'liveKeys'; readonly keys: readonly Key[] }

/** The columns of `read`, and `row_checksum`. */
export function selectArchived(
  table: RestoredTable,
  selection: Selection,
  { read, hold }: { readonly read: readonly Column[]; readonly hold: Hold },
): Statement {
  const { month, copied } = table
  return statement(
    'archive.select-to-restore',
    sql`SELECT ${readColumns(read, copied)} FROM ${along(month)}
      WHERE ${inRange(month.age, month.range)} AND ${isSelected(table, selection)}
      ${orderBy(namesOf(month.walk))}${limitOf(selection)}${forHold(hold)}`,
  )
}

function isSelected({ key, month: { walk } }: RestoredTable, selection: Selection): Fragment {
  switch (selection.type) {
    case 'next':
      return selection.last === undefined ? raw('TRUE') : after(walk.map(idOf), selection.last)
    case 'keys':
      return keyIn(namesOf(walk), selection.keys)
    case 'liveKeys':
      return keyIn(namesOf(key), selection.keys)
    default:
      return unreachable(selection)
  }
}

function limitOf(selection: Selection): Fragment {
  return selection.type === 'next' ? sql` LIMIT ${selection.rows}` : nothing
}

/** Rows of a child's archive table that belong to rows of the table above. */
export function selectArchivedChildren(
  { month, copied, link }: RestoredTable,
  keys: readonly Key[],
  { read, rows, hold }: { readonly read: readonly Column[]; readonly rows: number; readonly hold: Hold },
): Statement {
  return statement(
    'archive.select-children-to-restore',
    sql`SELECT ${readColumns(read, copied)} FROM ${inPartitions(month)}
      WHERE ${inRange(month.age, month.range)} AND ${keyIn(namesOf(link?.columns ?? []), keys)}
      ${orderBy(namesOf(month.walk))} LIMIT ${rows}${forHold(hold)}`,
  )
}

function forHold(hold: Hold): Fragment {
  return hold === 'locked' ? raw(' FOR UPDATE') : nothing
}

function readColumns(read: readonly Column[], copied: readonly Column[]): Fragment {
  return sql`${join(read.map((column, position) => selectKey(column, aliasOf(position))))},
    ${rowChecksum(copied)} AS row_checksum`
}

/** What the live table has under these keys: the key, and `row_checksum`. */
export function selectLive(
  { name, key, keyIndex, copied }: RestoredTable,
  keys: readonly Key[],
  hold: Hold,
): Statement {
  return statement(
    'archive.select-live',
    sql`SELECT ${readColumns(key, copied)} FROM ${tableId(name)} FORCE INDEX (${id(keyIndex)})
      WHERE ${keyIn(namesOf(key), keys)}${forHold(hold)}`,
  )
}

export function digestLive({ name, key, keyIndex, copied }: RestoredTable, keys: readonly Key[]): Statement {
  return statement(
    'archive.digest-live',
    sql`SELECT ${digestOf(copied)} FROM ${tableId(name)} FORCE INDEX (${id(keyIndex)})
      WHERE ${keyIn(namesOf(key), keys)}`,
  )
}

/** On one server: values never leave it. `rows` are named by `month.walk`, as everywhere on the archive's side. */
export function copyBack({ name, copied, month }: RestoredTable, rows: readonly Key[]): Statement {
  return statement(
    'archive.copy-back',
    sql`INSERT INTO ${tableId(name)} (${columnList(copied)})
      SELECT ${columnList(copied)} FROM ${archivedRows(month, rows)}`,
  )
}

/** For a trigger that wrote something else than it was given. What identifies a row is as it was. */
export function rewriteFromArchive(
  { name, key, copied, month }: RestoredTable,
  rows: readonly Key[],
): Statement {
  const same = key.map((column) => sql`live.${idOf(column)} = archived.${idOf(column)}`)
  const others = copied.filter((column) => !key.includes(column))
  const assignments = others.map((column) => sql`live.${idOf(column)} = archived.${idOf(column)}`)
  return statement(
    'archive.rewrite-restored',
    sql`UPDATE ${tableId(name)} AS live
      JOIN (SELECT ${columnList(copied)} FROM ${archivedRows(month, rows)}) AS archived ON ${join(same, ' AND ')}
      SET ${join(assignments)}`,
  )
}

/** To be carried to another server: the columns of `month.walk`, and the values. */
export function selectArchivedValues({ copied, month }: RestoredTable, rows: readonly Key[]): Statement {
  const walk = month.walk.map((column, position) => selectKey(column, aliasOf(position)))
  return statement(
    'archive.select-archived-values',
    sql`SELECT ${join(walk)}, ${selectValues(copied)} FROM ${archivedRows(month, rows)}`,
  )
}

export function insertBack({ name, copied }: RestoredTable, rows: readonly (readonly Cell[])[]): Statement {
  return statement(
    'archive.insert-back',
    sql`INSERT INTO ${tableId(name)} (${columnList(copied)}) VALUES ${valueTuples(copied, rows)}`,
  )
}

export function rewriteRow(
  { name, key, copied }: RestoredTable,
  { keyOf, values }: { readonly keyOf: Key; readonly values: readonly Cell[] },
): Statement {
  const assignments = copied.flatMap((column, position) =>
    key.includes(column)
      ? []
      : [sql`${idOf(column)} = ${valueTuples([column], [[values[position] ?? null]])}`],
  )
  return statement(
    'archive.rewrite-row',
    sql`UPDATE ${tableId(name)} SET ${join(assignments)} WHERE ${keyIn(namesOf(key), [keyOf])}`,
  )
}

export function deleteArchived({ month }: RestoredTable, rows: readonly Key[]): Statement {
  return statement('archive.delete-restored', sql`DELETE FROM ${archivedRows(month, rows)}`)
}

function archivedRows(month: ArchivedMonth, rows: readonly Key[]): Fragment {
  return sql`${inPartitions(month)} WHERE ${inRange(month.age, month.range)} AND ${keyIn(namesOf(month.walk), rows)}`
}

/** Wherever it is in the archive table: the columns of `walk`, as `k0`, `k1` …. */
export function selectByKey(
  archive: TableName,
  key: readonly Column[],
  { values, walk }: { readonly values: readonly KeyValue[]; readonly walk: readonly Column[] },
): Statement {
  const same = key.map((column, index) => sql`${idOf(column)} = ${values[index] ?? null}`)
  return statement(
    'archive.select-by-key',
    sql`SELECT ${selectKeys(walk)} FROM ${tableId(archive)} WHERE ${join(same, ' AND ')} LIMIT 10`,
  )
}

/** What there is of the month. */
export function countArchived({ month }: RestoredTable): Statement {
  return statement(
    'archive.count-to-restore',
    sql`SELECT COUNT(*) AS row_count FROM ${inPartitions(month)} WHERE ${inRange(month.age, month.range)}`,
  )
}

/** What archived rows refer to and the table referred to does not have: `r0`, `r1` …. */
export function selectMissingParents(
  { month }: RestoredTable,
  { columns, referenced, referencedColumns }: ForeignKey,
): Statement {
  const names = columns.map(id)
  const isNamed = names.map((name) => sql`${name} IS NOT NULL`)
  const same = names.map((name, index) => sql`above.${id(referencedColumns[index] ?? '')} = below.${name}`)
  const shown = names.map((name, index) => sql`below.${name} AS ${raw(`r${index}`)}`)
  return statement(
    'archive.select-missing-parents',
    sql`SELECT ${join(shown)} FROM (SELECT DISTINCT ${join(names)} FROM ${inPartitions(month)}
        WHERE ${inRange(month.age, month.range)} AND ${join(isNamed, ' AND ')}) AS below
      WHERE NOT EXISTS (SELECT 1 FROM ${tableId(referenced)} AS above WHERE ${join(same, ' AND ')}) LIMIT 5`,
  )
}

function along(month: ArchivedMonth): Fragment {
  const hint = month.index === undefined ? nothing : sql` FORCE INDEX (${id(month.index)})`
  return sql`${inPartitions(month)}${hint}`
}

function inPartitions({ archive, partitions }: ArchivedMonth): Fragment {
  if (partitions.length === 0) return tableId(archive)
  return sql`${tableId(archive)} PARTITION (${join(partitions.map(id))})`
}

function namesOf(columns: readonly Column[]): readonly string[] {
  return columns.map(({ name }) => name)
}
