import type { ReadSession } from './session.ts'
import { type Statement, sql, statement } from './statement.ts'

export type Family = 'mariadb' | 'mysql'

export type BinaryLogFormat = 'ROW' | 'MIXED' | 'STATEMENT'

/** What one server is and can do, read once per run. */
export interface ServerInfo {
  readonly family: Family
  /** As the server prints it: `10.11.19-MariaDB-deb12`. */
  readonly version: string
  /** Names this server among others: part of a plan's fingerprint. */
  readonly id: string
  readonly readOnly: boolean
  readonly binaryLog: boolean
  /** Of our own sessions. Undefined without a binary log. */
  readonly binaryLogFormat: BinaryLogFormat | undefined
  /** `FULL` writes every column of a changed row, `MINIMAL` the key and what changed, `NOBLOB` all but untouched blobs. */
  readonly binaryLogRowImage: string
  /** 0: names of tables differ by case. 1: kept in lower case. 2: kept as written, compared in lower case. */
  readonly lowerCaseTableNames: number
  readonly maxAllowedPacket: number
  /** 8.0 for MySQL, 10.6 for MariaDB, or newer. */
  readonly isSupported: boolean
}

const oldestSupported: Record<Family, readonly [number, number]> = { mariadb: [10, 6], mysql: [8, 0] }

export async function readServer(session: ReadSession): Promise<ServerInfo> {
  const [row = {}] = await session.rows(selectServer())
  const version = String(row.version)
  const family = familyOf(version)
  const binaryLog = String(row.log_bin) !== '0'
  const logging = await readLogging(session)
  const identity = family === 'mysql' ? await session.rows(selectServerUuid()) : []
  return {
    family,
    version,
    id: String(identity[0]?.uuid ?? `${row.hostname}:${row.port}/${row.server_id}`),
    readOnly: String(row.read_only) !== '0',
    binaryLog,
    binaryLogFormat: binaryLog ? logging.format : undefined,
    binaryLogRowImage: logging.rowImage,
    lowerCaseTableNames: Number(row.lower_case_table_names),
    maxAllowedPacket: Number(row.max_allowed_packet),
    isSupported: isAtLeast(version, oldestSupported[family]),
  }
}

/** For readers of one thing that each family tells in its own way, and that have no ServerInfo at hand. */
export async function readFamily(session: ReadSession): Promise<Family> {
  const [row] = await session.rows(selectVersion())
  return familyOf(String(row?.version))
}

function familyOf(version: string): Family {
  return version.toLowerCase().includes('mariadb') ? 'mariadb' : 'mysql'
}

/** MySQL has announced that `binlog_format` goes; a server without the variable knows rows only. */
async function readLogging(
  session: ReadSession,
): Promise<{ readonly format: BinaryLogFormat; readonly rowImage: string }> {
  const rows = await session.rows(showLogging())
  const values = new Map(rows.map((row) => [String(row.Variable_name).toLowerCase(), String(row.Value)]))
  const format = values.get('binlog_format')
  return {
    format: format === 'MIXED' || format === 'STATEMENT' ? format : 'ROW',
    rowImage: values.get('binlog_row_image') ?? 'FULL',
  }
}

function isAtLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [haveMajor = 0, haveMinor = 0] = version.split(/[.-]/).map(Number)
  return haveMajor > major || (haveMajor === major && haveMinor >= minor)
}

/** The server's clock in UTC, as ISO text with milliseconds. */
export async function readServerTime(session: Pick<ReadSession, 'rows'>): Promise<string> {
  const [row] = await session.rows(selectTime())
  return `${String(row?.now).replace(' ', 'T')}Z`
}

function selectServer(): Statement {
  return statement(
    'server.describe',
    sql`SELECT @@version AS version, @@hostname AS hostname, @@port AS port, @@server_id AS server_id,
      @@global.read_only AS read_only, @@log_bin AS log_bin, @@max_allowed_packet AS max_allowed_packet,
      @@lower_case_table_names AS lower_case_table_names`,
  )
}

function selectVersion(): Statement {
  return statement('server.version', sql`SELECT @@version AS version`)
}

function showLogging(): Statement {
  return statement(
    'server.show-logging',
    sql`SHOW VARIABLES WHERE Variable_name IN ('binlog_format', 'binlog_row_image')`,
  )
}

function selectServerUuid(): Statement {
  return statement('server.identify', sql`SELECT @@server_uuid AS uuid`)
}

function selectTime(): Statement {
  return statement('server.time', sql`SELECT UTC_TIMESTAMP(3) AS now`)
}
