import type { ReadSession } from './session.ts'
import { type Statement, sql, statement } from './statement.ts'

export type Family = 'mariadb' | 'mysql'

/** What one server is and can do, read once per run. */
export interface ServerInfo {
  readonly family: Family
  /** As the server prints it: `10.11.19-MariaDB-deb12`. */
  readonly version: string
  /** Names this server among others: part of a plan's fingerprint. */
  readonly id: string
  readonly readOnly: boolean
  readonly binaryLog: boolean
  readonly maxAllowedPacket: number
  /** 8.0 for MySQL, 10.6 for MariaDB, or newer. */
  readonly isSupported: boolean
}

const oldestSupported: Record<Family, readonly [number, number]> = { mariadb: [10, 6], mysql: [8, 0] }

export async function readServer(session: ReadSession): Promise<ServerInfo> {
  const [row = {}] = await session.rows(selectServer())
  const version = String(row.version)
  const family: Family = version.toLowerCase().includes('mariadb') ? 'mariadb' : 'mysql'
  const identity = family === 'mysql' ? await session.rows(selectServerUuid()) : []
  return {
    family,
    version,
    id: String(identity[0]?.uuid ?? `${row.hostname}:${row.port}/${row.server_id}`),
    readOnly: String(row.read_only) !== '0',
    binaryLog: String(row.log_bin) !== '0',
    maxAllowedPacket: Number(row.max_allowed_packet),
    isSupported: isAtLeast(version, oldestSupported[family]),
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
      @@global.read_only AS read_only, @@log_bin AS log_bin, @@max_allowed_packet AS max_allowed_packet`,
  )
}

function selectServerUuid(): Statement {
  return statement('server.identify', sql`SELECT @@server_uuid AS uuid`)
}

function selectTime(): Statement {
  return statement('server.time', sql`SELECT UTC_TIMESTAMP(3) AS now`)
}
