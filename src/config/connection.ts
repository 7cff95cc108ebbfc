import { exitCodes, RowkeeperError } from '../lib/errors.ts'

/** Where a database is and who asks, taken apart from `mysql://user:password@host:3306/shop`. */
export interface DatabaseAddress {
  readonly host: string
  readonly port: number
  /** Path of a Unix socket (`?socket=/run/mysqld/mysqld.sock`); wins over host and port. */
  readonly socket?: string
  readonly user: string
  readonly password: string
  readonly database: string
}

export type TlsMode = 'off' | 'verify' | 'verify-ca'

const DEFAULT_PORT = 3306

/** Throws `config.databaseUrl`; the message never repeats the URL, which holds a password. */
export function parseDatabaseUrl(text: string): DatabaseAddress {
  const url = readUrl(text)
  const database = decode(url.pathname.slice(1))
  if (url.username === '') throw urlError('names no user')
  if (database === '') throw urlError('names no database after the host')
  if (database.includes('/')) throw urlError('names more than one database')
  const socket = readSocket(url)
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1') || 'localhost',
    port: url.port === '' ? DEFAULT_PORT : Number(url.port),
    ...(socket === undefined ? {} : { socket }),
    user: decode(url.username),
    password: decode(url.password),
    database,
  }
}

/**
 * TLS as configured; otherwise `verify`, except where nobody can listen in: loopback and sockets.
 * Never "preferred": a client that falls back to plain text gives its password to whoever asks.
 */
export function tlsModeFor(address: DatabaseAddress, configured: TlsMode | undefined): TlsMode {
  if (configured !== undefined) return configured
  return address.socket !== undefined || isLoopback(address.host) ? 'off' : 'verify'
}

/** `localhost`, 127.0.0.0/8 and ::1. */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || /^127(\.\d{1,3}){3}$/.test(host) || host === '::1' || host === '[::1]'
}

function readUrl(text: string): URL {
  if (!/^(mysql|mariadb):\/\//.test(text)) throw urlError('does not begin with mysql://')
  if (!URL.canParse(text)) throw urlError('cannot be read')
  const url = new URL(text)
  if (url.hash !== '') throw urlError('contains a bare #')
  if (url.port === '0') throw urlError('names port 0')
  return url
}

/** Only `socket`: drivers take any option from a query, and some of those switch safety off. */
function readSocket(url: URL): string | undefined {
  const unknown = [...url.searchParams.keys()].find((name) => name !== 'socket')
  if (unknown !== undefined) throw urlError(`has the unknown parameter ${JSON.stringify(unknown)}`)
  const socket = url.searchParams.get('socket') ?? undefined
  if (socket !== undefined && !socket.startsWith('/')) throw urlError('has a socket that is no absolute path')
  return socket
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    throw urlError('contains a % that is no percent-encoding')
  }
}

function urlError(observed: string): RowkeeperError {
  return new RowkeeperError({
    code: 'config.databaseUrl',
    message: `The database URL ${observed}.`,
    hint: 'Write mysql://user:password@host:3306/database. Percent-encode / ? # @ and % in the password.',
    exitCode: exitCodes.badConfiguration,
  })
}
