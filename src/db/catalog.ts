import { createHash } from 'node:crypto'
import type { Cell, Row } from './connection.ts'
import { type Index, readIndexes } from './indexes.ts'
import type { ReadSession } from './session.ts'
import { raw, type Statement, sql, statement, type TableName } from './statement.ts'

export type { Index, IndexKind, IndexPart } from './indexes.ts'

export interface Column {
  /** The spelling of the catalogue, which may differ in case from the configuration's. */
  readonly name: string
  /** Lower case without length: `varchar`, `bigint`, `timestamp`. JSON is `longtext` on MariaDB. */
  readonly dataType: string
  /** In full: `enum('A','B')`, `bigint(20) unsigned`. */
  readonly columnType: string
  readonly isNullable: boolean
  /** Left out of `SELECT *` and of an INSERT without a column list. */
  readonly isInvisible: boolean
  /** Computed by the server, which refuses values for it. */
  readonly isGenerated: boolean
  readonly generation: Generation
  readonly isAutoIncrement: boolean
  /** False also where NULL stands in for a missing value. */
  readonly hasDefault: boolean
  /**
   * As the catalogue prints it, for comparing columns of one server: MariaDB prints SQL (`'NEW'`, `uuid()`), MySQL the
   * bare text of both (`NEW`, `uuid()`). MySQL 9.7 cuts a binary default at its first NUL byte.
   */
  readonly defaultText: string | undefined
  /** `ON UPDATE CURRENT_TIMESTAMP`: an UPDATE that does not set the column changes it. */
  readonly onUpdateNow: boolean
  /** Characters for text, undefined otherwise. */
  readonly maximumLength: number | undefined
  readonly characterSet: string | undefined
  readonly collation: string | undefined
}

export type Generation = 'none' | 'virtual' | 'stored'

export interface TableDefinition {
  readonly name: TableName
  readonly engine: string
  readonly options: TableOptions
  readonly columns: readonly Column[]
  readonly indexes: readonly Index[]
  /** Of InnoDB's statistics; may be off by half. */
  readonly estimatedRows: number
  /** The next number to be given; undefined without such a column, and on MySQL before the first row. */
  readonly autoIncrement: string | undefined
  /** Changes whenever a column or an index does: part of a plan's fingerprint. */
  readonly hash: string
}

export interface TableOptions {
  /** `Dynamic`, `Compact`, `Compressed`. */
  readonly rowFormat: string
  readonly collation: string
  /** As printed: `row_format=DYNAMIC stats_persistent=1`, `partitioned`. */
  readonly createOptions: string
}

/** Undefined when there is no such table, or the account may not see it. */
export async function readTable(
  session: Pick<ReadSession, 'rows'>,
  name: TableName,
): Promise<TableDefinition | undefined> {
  await session.rows(askForPresentStatistics())
  const [table] = await session.rows(selectTable(name))
  if (table === undefined) return undefined
  const columns = (await session.rows(selectColumns(name))).map(toColumn)
  const indexes = await readIndexes(session, name)
  return {
    name: { schema: String(table.table_schema), table: String(table.table_name) },
    engine: String(table.engine),
    options: toOptions(table),
    columns,
    indexes,
    estimatedRows: Number(table.table_rows ?? 0),
    autoIncrement: textOrUndefined(table.auto_increment),
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

/**
 * What tells rows apart: PRIMARY, else the first unique index by name that lets no NULL in and holds whole columns in
 * order. PRIMARY may hold prefixes; it tells rows apart all the same.
 */
export function findPrimaryKey(table: TableDefinition): Index | undefined {
  const primary = table.indexes.find(({ name }) => name === 'PRIMARY')
  return primary ?? table.indexes.find((index) => isKey(table, index))
}

function isKey(table: TableDefinition, { isUnique, kind, parts }: Index): boolean {
  if (!isUnique || kind !== 'btree') return false
  return parts.every(
    ({ column, prefixLength }) =>
      column !== undefined && prefixLength === undefined && findColumn(table, column)?.isNullable === false,
  )
}

/** Members of `enum('A','B')`; undefined for another type. */
export function enumMembers({ dataType, columnType }: Column): readonly string[] | undefined {
  if (dataType !== 'enum') return undefined
  return [...columnType.matchAll(/'((?:[^']|'')*)'/g)].map((match) => (match[1] ?? '').replaceAll("''", "'"))
}

function toOptions(row: Row): TableOptions {
  return {
    rowFormat: String(row.row_format),
    collation: String(row.table_collation),
    createOptions: String(row.create_options),
  }
}

function toColumn(row: Row): Column {
  const extra = String(row.extra).toLowerCase()
  const generation = toGeneration(extra)
  const isAutoIncrement = extra.includes('auto_increment')
  const defaultText = textOrUndefined(row.column_default)
  return {
    name: String(row.column_name),
    dataType: String(row.data_type).toLowerCase(),
    columnType: String(row.column_type),
    isNullable: row.is_nullable === 'YES',
    isInvisible: extra.includes('invisible'),
    isGenerated: generation !== 'none',
    generation,
    isAutoIncrement,
    hasDefault: isAutoIncrement || defaultText !== undefined,
    defaultText,
    onUpdateNow: extra.includes('on update'),
    maximumLength: row.character_maximum_length === null ? undefined : Number(row.character_maximum_length),
    characterSet: textOrUndefined(row.character_set_name),
    collation: textOrUndefined(row.collation_name),
  }
}

/** `VIRTUAL GENERATED`, `STORED GENERATED`; `DEFAULT_GENERATED` is MySQL's word for a default that is an expression. */
function toGeneration(extra: string): Generation {
  if (extra.includes('virtual generated')) return 'virtual'
  return extra.includes('stored generated') ? 'stored' : 'none'
}

function textOrUndefined(cell: Cell | undefined): string | undefined {
  return cell === null || cell === undefined ? undefined : String(cell)
}

/** MySQL answers with numbers up to a day old unless it is told not to; MariaDB skips the comment. */
function askForPresentStatistics(): Statement {
  return statement(
    'catalog.present-statistics',
    raw('SET @rowkeeper_statistics = 0 /*!80000 , SESSION information_schema_stats_expiry = 0 */'),
  )
}

// MySQL 8 answers information_schema columns in capitals unless they are named.
function selectTable({ schema, table }: TableName): Statement {
  return statement(
    'catalog.select-table',
    sql`SELECT TABLE_SCHEMA AS table_schema, TABLE_NAME AS table_name, ENGINE AS engine, TABLE_ROWS AS table_rows,
        ROW_FORMAT AS row_format, TABLE_COLLATION AS table_collation, CREATE_OPTIONS AS create_options,
        AUTO_INCREMENT AS auto_increment
      FROM information_schema.TABLES
      WHERE TABLE_SCHEMA = ${schema} AND TABLE_NAME = ${table} AND TABLE_TYPE = 'BASE TABLE'`,
  )
}

// MariaDB prints NULL for "no default" and quotes a text of that name; MySQL quotes nothing.
function selectColumns({ schema, table }: TableName): Statement {
  return statement(
    'catalog.select-columns',
    sql`SELECT COLUMN_NAME AS column_name, DATA_TYPE AS data_type, COLUMN_TYPE AS column_type, IS_NULLABLE AS is_nullable,
        EXTRA AS extra, NULLIF(COLUMN_DEFAULT, IF(VERSION() LIKE '%mariadb%', 'NULL', NULL)) AS column_default,
        CHARACTER_MAXIMUM_LENGTH AS character_maximum_length, CHARACTER_SET_NAME AS character_set_name,
        COLLATION_NAME AS collation_name
      FROM information_schema.COLUMNS
      WHERE TABLE_SCHEMA = ${schema} AND TABLE_NAME = ${table} ORDER BY ORDINAL_POSITION`,
  )
}
