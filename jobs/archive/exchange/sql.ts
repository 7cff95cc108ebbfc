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
import { after, type KeyValue, keyIn, orderBy, selectKey } from '../../../src/engine/chunks/keyset.ts'
import type { AgeRange } from '../cutoff.ts'
import { columnList, idOf } from '../sql.ts'

/** Statements about whole months: partitions, the tables they are exchanged with, and their rows page by page. */

export function createHeld(held: TableName, like: TableName): Statement {
  return statement(
    'archive.create-held',
    sql`CREATE TABLE IF NOT EXISTS ${tableId(held)} LIKE ${tableId(like)}`,
  )
}

export function removePartitioning(held: TableName): Statement {
  return statement('archive.unpartition-held', sql`ALTER TABLE ${tableId(held)} REMOVE PARTITIONING`)
}

export function dropTable(table: TableName): Statement {
  return statement('archive.drop-held', sql`DROP TABLE ${tableId(table)}`)
}

/** Everybody else waits from here on, so what follows looks, changes and unlocks. */
export function lockTables(tables: readonly TableName[]): Statement {
  const locks = join(tables.map((table) => sql`${tableId(table)} WRITE`))
  return statement('archive.lock-tables', sql`LOCK TABLES ${locks}`)
}

/**
 * The two swap their rows by swapping names of files. The server reads every row that goes into the partition and refuses
 * one that does not belong there (1737); MariaDB before 11.4 knows no other way, and it costs less than a second for a
 * million rows, during which the table can still be read.
 */
export function exchangePartition({ table, partition }: PartitionOf, held: TableName): Statement {
  return statement(
    'archive.exchange-partition',
    sql`ALTER TABLE ${tableId(table)} EXCHANGE PARTITION ${id(partition)} WITH TABLE ${tableId(held)}`,
  )
}

export function dropPartition({ table, partition }: PartitionOf): Statement {
  return statement(
    'archive.drop-partition',
    sql`ALTER TABLE ${tableId(table)} DROP PARTITION ${id(partition)}`,
  )
}

/** `next` is digits, as SHOW CREATE TABLE prints it. */
export function setAutoIncrement(table: TableName, next: string): Statement {
  return statement(
    'archive.set-auto-increment',
    sql`ALTER TABLE ${tableId(table)} AUTO_INCREMENT = ${BigInt(next)}`,
  )
}

export interface PartitionOf {
  readonly table: TableName
  readonly partition: string
}

/** The rows of a table, or those of one of its partitions. */
export interface Extent {
  readonly table: TableName
  readonly partition: string | undefined
}

export function fromExtent({ table, partition }: Extent): Fragment {
  return partition === undefined ? tableId(table) : sql`${tableId(table)} PARTITION (${id(partition)})`
}

/** Whether it holds any row. */
export function probeRows(extent: Extent): Statement {
  return statement('archive.probe-rows', sql`SELECT 1 AS found FROM ${fromExtent(extent)} LIMIT 1`)
}

/** Rows of other months: the lowest partition takes everything that is older than its own month. */
export function probeStrays(of: PartitionOf, age: Column, { from, to }: AgeRange): Statement {
  return statement(
    'archive.probe-strays',
    sql`SELECT 1 AS found FROM ${fromExtent(of)} WHERE ${idOf(age)} < ${from} OR ${idOf(age)} >= ${to} LIMIT 1`,
  )
}

/** A page of rows in key order: all behind `last`, up to `until`; without the one to the beginning, the other to the end. */
export interface PageRange {
  readonly last: readonly KeyValue[] | undefined
  readonly until: readonly KeyValue[] | undefined
}

/** The key of the row that is `rows` behind `last`; none when there are fewer. */
export function selectPageEnd(
  extent: Extent,
  key: readonly Column[],
  { last, rows }: { readonly last: readonly KeyValue[] | undefined; readonly rows: number },
): Statement {
  return statement(
    'archive.select-page-end',
    sql`SELECT ${selectKeys(key)} FROM ${fromExtent(extent)} WHERE ${inPage(key, { last, until: undefined })}
      ${orderBy(namesOf(key))} LIMIT 1 OFFSET ${rows - 1}`,
  )
}

export function digestPage(
  extent: Extent,
  { key, columns }: { readonly key: readonly Column[]; readonly columns: readonly Column[] },
  page: PageRange,
): Statement {
  return statement(
    'archive.digest-page',
    sql`SELECT ${digestOf(columns)} FROM ${fromExtent(extent)} WHERE ${inPage(key, page)}`,
  )
}

export function inPage(key: readonly Column[], { last, until }: PageRange): Fragment {
  const columns = key.map(idOf)
  const begin = last === undefined ? nothing : after(columns, last)
  const end = until === undefined ? nothing : sql`NOT ${after(columns, until)}`
  const bounds = [begin, end].filter((bound) => bound !== nothing)
  return bounds.length === 0 ? raw('TRUE') : join(bounds, ' AND ')
}

/** The next rows in key order, locked: `k0`, `k1` … the key, `row_checksum`. */
export function lockRows(
  extent: Extent,
  { key, columns, rows }: { key: readonly Column[]; columns: readonly Column[]; rows: number },
): Statement {
  return statement(
    'archive.lock-held',
    sql`SELECT ${selectKeys(key)}, ${rowChecksum(columns)} AS row_checksum FROM ${fromExtent(extent)}
      ${orderBy(namesOf(key))} LIMIT ${rows} FOR UPDATE`,
  )
}

export interface RowsByKey {
  readonly key: readonly Column[]
  readonly keys: readonly (readonly KeyValue[])[]
}

export function copyRows(
  { from, to, columns }: { from: Extent; to: Extent; columns: readonly Column[] },
  rows: RowsByKey,
): Statement {
  const names = columnList(columns)
  return statement(
    'archive.copy-held',
    sql`INSERT INTO ${fromExtent(to)} (${names}) SELECT ${names} FROM ${fromExtent(from)} WHERE ${byKey(rows)}`,
  )
}

export function digestByKey(extent: Extent, columns: readonly Column[], rows: RowsByKey): Statement {
  return statement(
    'archive.digest-by-key',
    sql`SELECT ${digestOf(columns)} FROM ${fromExtent(extent)} WHERE ${byKey(rows)}`,
  )
}

export function deleteRows(extent: Extent, rows: RowsByKey): Statement {
  return statement('archive.delete-held', sql`DELETE FROM ${fromExtent(extent)} WHERE ${byKey(rows)}`)
}

function byKey({ key, keys }: RowsByKey): Fragment {
  return keyIn(namesOf(key), keys)
}

export function selectKeys(key: readonly Column[]): Fragment {
  return join(key.map((column, position) => selectKey(column, `k${position}`)))
}

function namesOf(columns: readonly Column[]): readonly string[] {
  return columns.map(({ name }) => name)
}
