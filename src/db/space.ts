import type { Row } from './connection.ts'
import { DatabaseError } from './errors.ts'
import { type Family, readFamily } from './server.ts'
import type { ReadSession } from './session.ts'
import { type Fragment, raw, type Statement, sql, statement, type TableName } from './statement.ts'

/** Bytes of a table and its indexes, all partitions together. What InnoDB's statistics know, not a scan. */
export interface Space {
  /** Pages of the rows, half-empty ones in full: deleting rows does not lower it before pages have emptied. */
  readonly dataBytes: number
  readonly indexBytes: number
  /** DATA_FREE: whole free extents, less a reserve. What the table can use again is at least this much. */
  readonly freeBytes: number
  /** Of the table's own files; undefined without the PROCESS privilege, or when it lies in a shared tablespace. */
  readonly fileBytes: number | undefined
  readonly estimatedRows: number
  /** 0 for an empty table, too high for one of a few pages. */
  readonly averageRowBytes: number
}

/**
 * Zeros for a table that is not there. The statistics are of the last ANALYZE, by hand or by the server itself after
 * every tenth row changed; MySQL does not cache these a second time as it does TABLES (checked with 9.7). The files of
 * full-text indexes are not counted.
 */
export async function readSpace(session: ReadSession, name: TableName): Promise<Space> {
  const [sums = {}] = await session.rows(sumPartitions(name))
  const dataBytes = Number(sums.data_bytes ?? 0)
  const rows = Number(sums.estimated_rows ?? 0)
  return {
    dataBytes,
    indexBytes: Number(sums.index_bytes ?? 0),
    freeBytes: Number(sums.free_bytes ?? 0),
    fileBytes: await readFileBytes(session, name),
    estimatedRows: rows,
    averageRowBytes: rows === 0 ? 0 : Math.round(dataBytes / rows),
  }
}

/** Number of the refusal for want of PROCESS. */
const ACCESS_DENIED = 1227

async function readFileBytes(session: ReadSession, name: TableName): Promise<number | undefined> {
  const family = await readFamily(session)
  const [row] = await session.rows(sumFiles(name, family)).catch((error): readonly Row[] => {
    if (error instanceof DatabaseError && error.number === ACCESS_DENIED) return []
    throw error
  })
  const bytes = row?.file_bytes ?? null
  return bytes === null ? undefined : Number(bytes)
}

function sumPartitions({ schema, table }: TableName): Statement {
  return statement(
    'catalog.sum-partitions',
    sql`SELECT SUM(TABLE_ROWS) AS estimated_rows, SUM(DATA_LENGTH) AS data_bytes, SUM(INDEX_LENGTH) AS index_bytes,
        SUM(DATA_FREE) AS free_bytes
      FROM information_schema.PARTITIONS WHERE TABLE_SCHEMA = ${schema} AND TABLE_NAME = ${table}`,
  )
}

interface Tablespaces {
  readonly view: string
  /** Between the name of the table and that of a partition. */
  readonly partitionMark: string
  /** MariaDB spells names as its files do (`odd@002ename`), MySQL as they are. */
  readonly spell: (name: string) => Fragment
}

const tablespaces: Record<Family, Tablespaces> = {
  mariadb: {
    view: 'INNODB_SYS_TABLESPACES',
    partitionMark: '#P#',
    spell: (name) => sql`CAST(CONVERT(${name} USING filename) AS BINARY)`,
  },
  mysql: { view: 'INNODB_TABLESPACES', partitionMark: '#p#', spell: (name) => sql`CAST(${name} AS BINARY)` },
}

// Compared as bytes: names that differ by case or accents are different tables.
function sumFiles({ schema, table }: TableName, family: Family): Statement {
  const { view, partitionMark, spell } = tablespaces[family]
  const whole = sql`CONCAT(${spell(schema)}, '/', ${spell(table)})`
  const partitions = sql`CONCAT(${whole}, ${partitionMark})`
  return statement(
    'catalog.sum-files',
    sql`SELECT SUM(FILE_SIZE) AS file_bytes FROM information_schema.${raw(view)}
      WHERE CAST(NAME AS BINARY) = ${whole} OR LEFT(CAST(NAME AS BINARY), LENGTH(${partitions})) = ${partitions}`,
  )
}
