import type { Cell, Row } from './connection.ts'
import type { ReadSession } from './session.ts'
import { type Statement, sql, statement, type TableName } from './statement.ts'

export interface Partition {
  readonly name: string
  /** From 1. */
  readonly position: number
  /**
   * The first value above the partition: `2005-07-01 00:00:00` or `1119916800`, undefined for MAXVALUE. What is neither
   * one number nor one plain text stays as the catalogue prints it: the bounds of several columns (`5,'x'`), binary
   * and accented text (`_utf8mb4 0xc3a9`), the values of a LIST (`NULL,1,2`).
   */
  readonly upperBound: string | undefined
  /** Of InnoDB's statistics, like the bytes. Subpartitions are summed. */
  readonly estimatedRows: number
  readonly dataBytes: number
  readonly indexBytes: number
}

export interface PartitionMap {
  /** `RANGE`, `RANGE COLUMNS`, `LIST`, `LIST COLUMNS`, `HASH`, `KEY`, with or without `LINEAR`, `SYSTEM_TIME`. */
  readonly method: string
  /** Without backquotes: `created_at`, `unix_timestamp(created_at)`, `country,created_at`. Functions in lower case. */
  readonly expression: string
  readonly hasSubpartitions: boolean
  /** In the order of their bounds. */
  readonly partitions: readonly Partition[]
}

/** Undefined when the table is not partitioned, is not there, or may not be seen. MySQL does not cache these numbers (checked with 9.7). */
export async function readPartitions(
  session: ReadSession,
  name: TableName,
): Promise<PartitionMap | undefined> {
  const rows = await session.rows(selectPartitions(name))
  const [first] = rows
  if (first === undefined) return undefined
  const method = String(first.method)
  const partitions = rows.map(toPartition)
  return {
    method,
    expression: unquoteNames(String(first.expression ?? '')),
    hasSubpartitions: String(first.subpartitions) !== '0',
    partitions: method === 'RANGE' ? restoreUnsigned(partitions) : partitions,
  }
}

function toPartition(row: Row): Partition {
  return {
    name: String(row.name),
    position: Number(row.position),
    upperBound: toBound(row.bound ?? null),
    estimatedRows: Number(row.estimated_rows),
    dataBytes: Number(row.data_bytes),
    indexBytes: Number(row.index_bytes),
  }
}

function toBound(cell: Cell): string | undefined {
  if (cell === null || cell === 'MAXVALUE') return undefined
  const text = String(cell)
  return /^'([^'\\]*)'$/.exec(text)?.[1] ?? text
}

function unquoteNames(expression: string): string {
  return expression.replace(/`((?:[^`]|``)*)`/g, (_, name: string) => name.replaceAll('``', '`'))
}

/**
 * Both servers print a bound of RANGE from 2^63 on as a negative number (checked: 18446744073709551000 comes as -616), and
 * a partition of the far end would look like the oldest. Bounds rise, so none is below zero after one that is not.
 */
function restoreUnsigned(partitions: readonly Partition[]): readonly Partition[] {
  if (!isInteger(partitions[0]?.upperBound, /^\d+$/)) return partitions
  return partitions.map((partition) => {
    const { upperBound } = partition
    if (!isInteger(upperBound, /^-\d+$/)) return partition
    return { ...partition, upperBound: String(BigInt.asUintN(64, BigInt(upperBound))) }
  })
}

function isInteger(bound: string | undefined, form: RegExp): bound is string {
  return bound !== undefined && form.test(bound)
}

// The table itself is listed as one row without a name when it has no partitions.
function selectPartitions({ schema, table }: TableName): Statement {
  return statement(
    'catalog.select-partitions',
    sql`SELECT PARTITION_NAME AS name, PARTITION_ORDINAL_POSITION AS position,
        MAX(PARTITION_METHOD) AS method, MAX(PARTITION_EXPRESSION) AS expression,
        MAX(PARTITION_DESCRIPTION) AS bound, COUNT(SUBPARTITION_NAME) AS subpartitions,
        SUM(TABLE_ROWS) AS estimated_rows, SUM(DATA_LENGTH) AS data_bytes, SUM(INDEX_LENGTH) AS index_bytes
      FROM information_schema.PARTITIONS
      WHERE TABLE_SCHEMA = ${schema} AND TABLE_NAME = ${table} AND PARTITION_NAME IS NOT NULL
      GROUP BY PARTITION_NAME, PARTITION_ORDINAL_POSITION ORDER BY PARTITION_ORDINAL_POSITION`,
  )
}
