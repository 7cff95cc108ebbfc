import { createHash } from 'node:crypto'
import type { Cell, Row } from './connection.ts'
import type { ReadSession } from './session.ts'
import { type Statement, sql, statement, type TableName } from './statement.ts'

export interface Column {
  /** The spelling of the catalogue, which may differ in case from the configuration's. */
  readonly name: string
  /** Lower case without length: `varchar`, `bigint`, `timestamp`. */
  readonly dataType: string
  /** In full: `enum('A','B')`, `bigint(20) unsigned`. */
  readonly columnType: string
  readonly isNullable: boolean
  readonly isGenerated: boolean
  readonly hasDefault: boolean
  /** Characters for text, undefined otherwise. */
  readonly maximumLength: number | undefined
  readonly collation: string | undefined
}

export interface Index {
  readonly name: string
  readonly isUnique: boolean
  /** In index order. */
  readonly columns: readonly string[]
}

export interface TableDefinition {
  readonly name: TableName
  readonly engine: string
  readonly columns: readonly Column[]
  readonly indexes: readonly Index[]
  /** Of InnoDB's statistics; may be off by half. */
  readonly estimatedRows: number
  /** Changes whenever a column or an index does: part of a plan's fingerprint. */
  readonly hash: string
}

/** Undefined when there is no such table, or the account may not see it. */
export async function readTable(session: ReadSession, name: TableName): Promise<TableDefinition | undefined> {
  const [table] = await session.rows(selectTable(name))
  if (table === undefined) return undefined
  const columns = (await session.rows(selectColumns(name))).map(toColumn)
  const indexes = toIndexes(await session.rows(selectIndexes(name)))
  return {
    name: { schema: String(table.table_schema), table: String(table.table_name) },
    engine: String(table.engine),
    columns,
    indexes,
    estimatedRows: Number(table.table_rows ?? 0),
    hash: createHash('sha256')
      .update(JSON.stringify([columns, indexes]))
      .digest('hex'),
  }
}

/** Looked up by the server's rules: column names do not depend on case. */
export function findColumn(table: TableDefinition, name: string): Column | undefined {
  return table.columns.find((column) => column.name.toLowerCase() === name.toLowerCase())
}

/** The index that identifies a row by exactly these columns: PRIMARY or another unique one. */
export function findUniqueIndex(table: TableDefinition, columns: readonly string[]): Index | undefined {
  const wanted = columns.map((name) => name.toLowerCase()).toSorted()
  return table.indexes.find((index) => {
    const has = index.columns.map((name) => name.toLowerCase()).toSorted()
    return (
      index.isUnique &&
      has.length === wanted.length &&
      has.every((name, position) => name === wanted[position])
    )
  })
}

/** Members of `enum('A','B')`; undefined for another type. */
export function enumMembers({ dataType, columnType }: Column): readonly string[] | undefined {
  if (dataType !== 'enum') return undefined
  return [...columnType.matchAll(/'((?:[^']|'')*)'/g)].map((match) => (match[1] ?? '').replaceAll("''", "'"))
}

function toColumn(row: Row): Column {
  return {
    name: String(row.column_name),
    dataType: String(row.data_type).toLowerCase(),
    columnType: String(row.column_type),
    isNullable: row.is_nullable === 'YES',
    isGenerated:
      /generated|virtual|persistent|stored/i.test(String(row.extra)) &&
      !/default_generated/i.test(String(row.extra)),
    hasDefault: row.column_default !== null || /auto_increment/i.test(String(row.extra)),
    maximumLength: row.character_maximum_length === null ? undefined : Number(row.character_maximum_length),
    collation: textOrUndefined(row.collation_name),
  }
}

function textOrUndefined(cell: Cell | undefined): string | undefined {
  return cell === null || cell === undefined ? undefined : String(cell)
}

function toIndexes(rows: readonly Row[]): Index[] {
  return [...groupByName(rows)].map(([name, parts]) => ({
    name,
    isUnique: String(parts[0]?.non_unique) === '0',
    columns: parts.map((part) => String(part.column_name)),
  }))
}

function groupByName(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const name = String(row.index_name)
    groups.set(name, [...(groups.get(name) ?? []), row])
  }
  return groups
}

// MySQL 8 answers information_schema columns in capitals unless they are named.
function selectTable({ schema, table }: TableName): Statement {
  return statement(
    'catalog.select-table',
    sql`SELECT TABLE_SCHEMA AS table_schema, TABLE_NAME AS table_name, ENGINE AS engine, TABLE_ROWS AS table_rows
      FROM information_schema.TABLES
      WHERE TABLE_SCHEMA = ${schema} AND TABLE_NAME = ${table} AND TABLE_TYPE = 'BASE TABLE'`,
  )
}

function selectColumns({ schema, table }: TableName): Statement {
  return statement(
    'catalog.select-columns',
    sql`SELECT COLUMN_NAME AS column_name, DATA_TYPE AS data_type, COLUMN_TYPE AS column_type, IS_NULLABLE AS is_nullable,
        EXTRA AS extra, COLUMN_DEFAULT AS column_default, CHARACTER_MAXIMUM_LENGTH AS character_maximum_length,
        COLLATION_NAME AS collation_name
      FROM information_schema.COLUMNS
      WHERE TABLE_SCHEMA = ${schema} AND TABLE_NAME = ${table} ORDER BY ORDINAL_POSITION`,
  )
}

function selectIndexes({ schema, table }: TableName): Statement {
  return statement(
    'catalog.select-indexes',
    sql`SELECT INDEX_NAME AS index_name, NON_UNIQUE AS non_unique, COLUMN_NAME AS column_name
      FROM information_schema.STATISTICS
      WHERE TABLE_SCHEMA = ${schema} AND TABLE_NAME = ${table} ORDER BY INDEX_NAME, SEQ_IN_INDEX`,
  )
}
