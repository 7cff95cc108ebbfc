import type { Column } from '../../../src/db/catalog.ts'
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
import { digestOf, rowChecksum } from '../../../src/engine/chunks/checksum.ts'
import {
  after,
  between,
  type KeyValue,
  keyIn,
  orderBy,
  selectKey,
} from '../../../src/engine/chunks/keyset.ts'
import type { AgeRange } from '../cutoff.ts'
import { andWhere, columnList, fromAlong, idOf, inRange } from '../sql.ts'
import { parentAgeColumn, type SourceTable } from '../tables.ts'
import type { Link, MovedTable } from './moved-table.ts'

/** Statements of a batch. Values never leave the server, but for the keys of the rows. */

/** A key as statements take it, in the order of the columns it belongs to. */
export type Key = readonly KeyValue[]

/** Which rows of the live table a batch may take. */
export interface Eligible {
  readonly range: AgeRange
  /** The configured predicate. */
  readonly where: string
}

/** The next rows in the order of the walk, locked until the transaction ends. */
export function lockNextRows(
  source: SourceTable,
  read: readonly Column[],
  { range, where, last, rows }: Eligible & { readonly last: Key | undefined; readonly rows: number },
): Statement {
  const { columns } = source.walk
  const behind = last === undefined ? nothing : sql` AND ${after(columns.map(idOf), last)}`
  return statement(
    'archive.lock-next-rows',
    sql`SELECT ${readColumns(read, source.copied)} FROM ${fromAlong(source)}
      WHERE ${inRange(ageOf(source), range)}${behind}${andWhere(where)}
      ${orderBy(namesOf(columns))} LIMIT ${rows} FOR UPDATE`,
  )
}

/** The index begins with the age. */
function ageOf({ walk }: SourceTable): Column {
  const [age] = walk.columns
  if (age === undefined) throw new TypeError('a walk along no columns')
  return age
}

/** The children of rows that are locked; `keys` are the values that they refer to. */
export function lockChildren(
  { name, key, copied }: MovedTable,
  { columns, index }: Link,
  { read, keys, rows }: { read: readonly Column[]; keys: readonly Key[]; rows: number },
): Statement {
  return statement(
    'archive.lock-children',
    sql`SELECT ${readColumns(read, copied)} FROM ${index === undefined ? tableId(name) : along(name, index)}
      WHERE ${keyIn(namesOf(columns), keys)} ${orderBy(namesOf(key))} LIMIT ${rows} FOR UPDATE`,
  )
}

/** The checksum of the whole row comes along: reading the table a second time for it would cost as much again. */
function readColumns(read: readonly Column[], copied: readonly Column[]): Fragment {
  const columns = join(read.map((column, position) => selectKey(column, aliasOf(position))))
  return sql`${columns}, ${rowChecksum(copied)} AS row_checksum`
}

/** Of a column in the answer, by its position among those that were asked for. */
export function aliasOf(position: number): string {
  return `column_${position}`
}

/** From the first row of a batch to its last, in the order of the walk. */
export interface Stretch {
  readonly first: Key
  readonly last: Key
}

/**
 * Rows of the live table along the walk: those that were locked, and any that came between them since. Without 2,000 keys
 * to read and to plan for it takes a tenth less time on MySQL 9.7.
 */
export function copyBetween(
  source: SourceTable,
  { copied, archive }: MovedTable,
  { first, last, range, where }: Eligible & Stretch,
): Statement {
  return statement(
    'archive.copy-between',
    sql`INSERT INTO ${tableId(archive.name)} (${columnList(copied)})
      SELECT ${columnList(copied)} FROM ${fromAlong(source)}
      WHERE ${inRange(ageOf(source), range)} AND ${between(source.walk.columns.map(idOf), first, last)}${andWhere(where)}`,
  )
}

export const beforeCopy = statement('archive.before-copy', raw('SAVEPOINT before_copy'))
export const undoCopy = statement('archive.undo-copy', raw('ROLLBACK TO SAVEPOINT before_copy'))

/** Rows of the live table, by their keys: what was locked, and nothing that came since. */
export function copyRows(
  { name, key, keyIndex, copied, archive }: MovedTable,
  keys: readonly Key[],
): Statement {
  return statement(
    'archive.copy-rows',
    sql`INSERT INTO ${tableId(archive.name)} (${columnList(copied)})
      SELECT ${columnList(copied)} FROM ${along(name, keyIndex)} WHERE ${keyIn(namesOf(key), keys)}`,
  )
}

/**
 * Rows of a child, with the age of the row of the live table that they belong to. The keys stand in a derived table,
 * which both servers merge into the join: there its column names are nobody else's.
 */
export function copyChildren(moved: MovedTable, age: Column, keys: readonly Key[]): Statement {
  const { name, key, keyIndex, copied, archive, link } = moved
  const needed = [...new Set([...copied, ...(link?.columns ?? [])])]
  return statement(
    'archive.copy-children',
    sql`INSERT INTO ${tableId(archive.name)} (${columnList(copied)}, ${id(parentAgeColumn)})
      SELECT ${qualified('level_0', copied)}, ${id(`level_${depthOf(moved)}`)}.${idOf(age)}
      FROM (SELECT ${columnList(needed)} FROM ${along(name, keyIndex)} WHERE ${keyIn(namesOf(key), keys)}) AS level_0
        ${joinUpwards(moved)}`,
  )
}

function depthOf({ link }: MovedTable): number {
  return link === undefined ? 0 : 1 + depthOf(link.above)
}

function joinUpwards({ link }: MovedTable, level = 0): Fragment {
  if (link === undefined) return nothing
  const [below, above] = [id(`level_${level}`), id(`level_${level + 1}`)]
  const pairs = link.columns.map((column, position) => {
    const parent = link.parentColumns[position]
    if (parent === undefined) throw new TypeError(`${column.name} refers to nothing`)
    return sql`${above}.${idOf(parent)} = ${below}.${idOf(column)}`
  })
  return sql`JOIN ${tableId(link.above.name)} AS ${above} ON ${join(pairs, ' AND ')} ${joinUpwards(link.above, level + 1)}`
}

function qualified(alias: string, columns: readonly Column[]): Fragment {
  return join(columns.map((column) => sql`${id(alias)}.${idOf(column)}`))
}

/** Everything there is in the archive table in a stretch of the walk, but no more than so many rows of it. */
export function digestBetween(
  { copied, archive }: MovedTable,
  ageIndex: string,
  { first, last, walk, rows }: Stretch & { readonly walk: readonly Column[]; readonly rows: number },
): Statement {
  return statement(
    'archive.digest-between',
    sql`SELECT COUNT(*) AS row_count, COALESCE(BIT_XOR(row_checksum), 0) AS checksum_xor,
        COALESCE(SUM(row_checksum), 0) AS checksum_sum
      FROM (SELECT ${rowChecksum(copied)} AS row_checksum FROM ${along(archive.name, ageIndex)}
        WHERE ${between(walk.map(idOf), first, last)} LIMIT ${rows}) AS moved`,
  )
}

/** Exactly these rows of the archive table. The month makes the server look into one partition only. */
export function digestOfKeys(
  { copied, archive }: MovedTable,
  { columns, keys, range }: { columns: readonly Column[]; keys: readonly Key[]; range: AgeRange },
): Statement {
  return statement(
    'archive.digest-of-keys',
    sql`SELECT ${digestOf(copied)} FROM ${tableId(archive.name)}
      WHERE ${inRange(archive.age, range)} AND ${keyIn(namesOf(columns), keys)}`,
  )
}

/** A child's rows, by their keys. */
export function deleteChildren({ name, key, keyIndex }: MovedTable, keys: readonly Key[]): Statement {
  return statement(
    'archive.delete-children',
    sql`DELETE ${tableId(name)} FROM ${along(name, keyIndex)} WHERE ${keyIn(namesOf(key), keys)}`,
  )
}

/** Rows of the live table, by their keys, while they are what they were locked as. */
export function deleteRows(
  { name, key, keyIndex }: MovedTable,
  age: Column,
  { keys, range, where }: Eligible & { readonly keys: readonly Key[] },
): Statement {
  return statement(
    'archive.delete-rows',
    sql`DELETE ${tableId(name)} FROM ${along(name, keyIndex)}
      WHERE ${keyIn(namesOf(key), keys)} AND ${inRange(age, range)}${andWhere(where)}`,
  )
}

/**
 * Left alone, both optimizers read a small table whole for a long list of keys, and a DELETE then waits for rows that
 * others hold and that it would leave alone. In this form DELETE takes an index hint on both servers.
 */
function along(name: TableName, index: string): Fragment {
  return sql`${tableId(name)} FORCE INDEX (${id(index)})`
}

/** What the archive table has under these keys already, in whatever month. */
export function selectClashes({ key, copied, archive }: MovedTable, keys: readonly Key[]): Statement {
  return statement(
    'archive.select-clashes',
    sql`SELECT ${readColumns(key, copied)} FROM ${tableId(archive.name)}
      WHERE ${keyIn(namesOf(key), keys)}`,
  )
}

function namesOf(columns: readonly Column[]): readonly string[] {
  return columns.map(({ name }) => name)
}
