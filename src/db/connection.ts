import type { Connection, ConnectionOptions, QueryError, ResultSetHeader, RowDataPacket } from 'mysql2'
import type { Stopping } from '../lib/abort.ts'
import type { Clock } from '../lib/clock.ts'
import { DatabaseError, translateDriverError } from './errors.ts'
import type { Statement } from './statement.ts'

/** BIGINT and DECIMAL arrive as text, INT and FLOAT as numbers, dates as text, binary as Buffer: nothing is rounded. */
export type Cell = string | number | Buffer | null
export type Row = Readonly<Record<string, Cell>>

export interface Affected {
  /** Rows matched by an UPDATE (the driver sets FOUND_ROWS), rows inserted or deleted otherwise. */
  readonly affectedRows: number
  /** Rows that an INSERT of several was given, whether they were inserted or changed what was there. */
  readonly records: number
  readonly insertId: string
  readonly warnings: number
}

/** Where and as whom to connect. `schema` is the default database; absent means none. */
export interface ConnectionTarget {
  readonly host: string
  readonly port: number
  readonly socketPath?: string | undefined
  readonly user: string
  readonly password: string
  readonly schema?: string | undefined
  readonly tls?: TlsSettings | undefined
  readonly connectTimeoutMs: number
  /** Shown to a DBA in performance_schema.session_connect_attrs. */
  readonly runId?: string | undefined
}

export interface TlsSettings {
  /** `verify` checks chain and host name, `verify-ca` the chain only. */
  readonly mode: 'verify' | 'verify-ca'
  readonly ca?: string | undefined
  readonly cert?: string | undefined
  readonly key?: string | undefined
}

/** Driver settings, each chosen against a measured default; see the comments. */
export function driverOptions(target: ConnectionTarget): ConnectionOptions {
  return {
    ...(target.socketPath === undefined
      ? { host: target.host, port: target.port }
      : { socketPath: target.socketPath }),
    user: target.user,
    password: target.password,
    ...(target.schema === undefined ? {} : { database: target.schema }),
    ...(target.tls === undefined ? {} : { ssl: sslOptions(target.tls) }),
    // A character set, not a collation: knex also writes it into CREATE TABLE.
    charset: 'utf8mb4',
    supportBigNumbers: true,
    bigNumberStrings: true,
    dateStrings: true,
    jsonStrings: true,
    multipleStatements: false,
    stringifyObjects: true,
    connectTimeout: target.connectTimeoutMs,
    enableKeepAlive: true,
    // The driver's 0 means the kernel's own first probe after two hours.
    keepAliveInitialDelay: 10_000,
    // LOCAL_FILES lets a rogue server ask for a file; IGNORE_SPACE makes `count` and friends reserved words.
    flags: ['-LOCAL_FILES', '-IGNORE_SPACE'],
    connectAttributes: {
      program_name: 'rowkeeper',
      ...(target.runId === undefined ? {} : { rowkeeper_run: target.runId }),
    },
  }
}

function sslOptions(tls: TlsSettings) {
  return {
    rejectUnauthorized: true,
    verifyIdentity: tls.mode === 'verify',
    ...(tls.ca === undefined ? {} : { ca: tls.ca }),
    ...(tls.cert === undefined ? {} : { cert: tls.cert }),
    ...(tls.key === undefined ? {} : { key: tls.key }),
  }
}

export interface QueryControl {
  readonly clock: Clock
  readonly kill: Stopping['kill']
  /** Undefined: a statement may take as long as it takes. */
  readonly statementTimeoutMs: number | undefined
  /** Sends KILL QUERY for a connection over a fresh one; bounded in time, never throws. */
  readonly killQuery: (connectionId: number) => Promise<void>
}

/** After KILL QUERY the server has this long to give up the statement before the socket is cut. */
const KILL_PATIENCE_MS = 1000

/**
 * Sends one statement and settles for certain: with its result, with the server's error, or, when the kill signal or
 * the statement timeout fires, by KILL QUERY and then by cutting the socket. The driver has neither timeout nor abort
 * that frees the server, and `connection.destroy()` alone leaves the promise pending for ever (measured, mysql2 3.24).
 */
export function sendStatement<T>(
  connection: Connection,
  statement: Statement,
  control: QueryControl,
): Promise<T> {
  return new Promise((resolve, reject) => {
    if (control.kill.aborted) return reject(control.kill.reason)
    let interruption: unknown
    let killing = Promise.resolve()
    const interrupt = (reason: unknown) => {
      if (interruption !== undefined) return
      interruption = reason
      killing = control.killQuery(connection.threadId)
      cancelCut = control.clock.schedule(KILL_PATIENCE_MS, () => cutSocket(connection, reason))
    }
    const onKill = () => interrupt(control.kill.reason)
    let cancelCut = () => {}
    const cancelTimeout = scheduleTimeout(statement, control, interrupt)
    control.kill.addEventListener('abort', onKill, { once: true })
    connection.query(renderStatement(connection, statement), (error: QueryError | null, result: unknown) => {
      cancelTimeout()
      cancelCut()
      control.kill.removeEventListener('abort', onKill)
      if (error === null) return resolve(result as T)
      const failure = interruption ?? translateDriverError(error, `running ${statement.name}`)
      // A KILL still on its way would hit the next statement of this connection.
      void killing.then(() => reject(failure))
    })
  })
}

function scheduleTimeout(
  statement: Statement,
  { clock, statementTimeoutMs }: QueryControl,
  interrupt: (reason: DatabaseError) => void,
): () => void {
  if (statementTimeoutMs === undefined) return () => {}
  return clock.schedule(statementTimeoutMs, () =>
    interrupt(
      new DatabaseError({
        kind: 'killed',
        message: `${statement.name} ran longer than the statement timeout of ${statementTimeoutMs} ms and was interrupted.`,
        hint: 'Find out what it waited for, or raise databases.*.timeouts.statement.',
      }),
    ),
  )
}

/** Rendered here, value by value: the driver would search the text for `?` and find those inside predicates too. */
function renderStatement(connection: Connection, { chunks, values }: Statement): string {
  return chunks
    .map((chunk, index) => (index === 0 ? chunk : connection.escape(values[index - 1]) + chunk))
    .join('')
}

/** Makes the driver fail every pending command of this connection. */
export function cutSocket(connection: Connection, reason: unknown): void {
  const cause = reason instanceof Error ? reason : new Error(String(reason))
  // The driver's types leave the socket out; it is the only handle that settles a pending query.
  const { stream } = connection as unknown as { stream: { destroy(error: Error): void } }
  stream.destroy(cause)
}

export async function readRows(
  connection: Connection,
  statement: Statement,
  control: QueryControl,
): Promise<readonly Row[]> {
  return sendStatement<(RowDataPacket & Row)[]>(connection, statement, control)
}

export async function changeRows(
  connection: Connection,
  statement: Statement,
  control: QueryControl,
): Promise<Affected> {
  const header = await sendStatement<ResultSetHeader>(connection, statement, control)
  return {
    affectedRows: header.affectedRows,
    records: Number(/Records: (\d+)/.exec(header.info)?.[1] ?? header.affectedRows),
    insertId: String(header.insertId),
    warnings: header.warningStatus,
  }
}
