import createKnex, { type Knex } from 'knex'
import type { Connection } from 'mysql2'
import { raceAbort } from '../lib/abort.ts'
import {
  type ConnectionTarget,
  changeRows,
  cutSocket,
  driverOptions,
  type QueryControl,
  readRows,
} from './connection.ts'
import { CommitUnknownError, DatabaseError, translateDriverError } from './errors.ts'
import { raw, type Statement, sql, statement } from './statement.ts'

export interface PoolSettings {
  readonly target: ConnectionTarget
  readonly size: number
  readonly lockWaitMs: number
  readonly control: QueryControl
}

/** Sessions of a reader cannot write, whatever is sent through them: the server refuses with error 1792. */
export type PoolMode = 'reader' | 'writer'

export interface Pool {
  /** Lends a connection for the time of `work`; a connection on which anything went wrong is closed, not lent again. */
  use<T>(work: (connection: Connection) => Promise<T>): Promise<T>
  close(): Promise<void>
  /** knex over the same connections, for its migrations. */
  readonly knex: Knex
}

const ACQUIRE_TIMEOUT_MS = 10_000
const CLOSE_PATIENCE_MS = 1000

export async function openPool(settings: PoolSettings, mode: PoolMode): Promise<Pool> {
  const lent = new Set<Connection>()
  const knex = createKnex({
    client: 'mysql2',
    // Its own log goes to stdout, where the result document is. What it warns of, it also throws.
    log: { warn() {}, error() {}, debug() {}, deprecate() {} },
    // knex types the options of every dialect in one union that leaves the driver's flags out.
    connection: driverOptions(settings.target) as Knex.StaticConnectionConfig,
    acquireConnectionTimeout: ACQUIRE_TIMEOUT_MS,
    pool: {
      min: 0,
      max: settings.size,
      afterCreate: (connection: Connection, done: (error: unknown, connection: Connection) => void) => {
        prepareSession(connection, settings, mode).then(
          () => done(null, connection),
          (error) => done(error, connection),
        )
      },
    },
  })
  return {
    knex,
    use: (work) => lend(knex, lent, settings, work),
    close: () => closePool(knex, lent, settings),
  }
}

async function lend<T>(
  knex: Knex,
  lent: Set<Connection>,
  settings: PoolSettings,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = await acquire(knex, settings)
  lent.add(connection)
  try {
    return await work(connection)
  } catch (error) {
    if (!leavesSessionClean(error)) cutSocket(connection, error)
    throw error
  } finally {
    lent.delete(connection)
    await knex.client.releaseConnection(connection)
  }
}

async function acquire(knex: Knex, { control, target }: PoolSettings): Promise<Connection> {
  const attempt = `connecting to ${describeTarget(target)}`
  const acquiring: Promise<Connection> = knex.client.acquireConnection()
  try {
    return await raceAbort(acquiring, control.kill)
  } catch (error) {
    acquiring.then((late) => knex.client.releaseConnection(late)).catch(() => {})
    if (error instanceof Error && error.name === 'KnexTimeoutError') throw acquireTimeout(attempt, error)
    throw translateDriverError(error, attempt)
  }
}

function acquireTimeout(attempt: string, cause: Error): DatabaseError {
  return new DatabaseError({
    kind: 'notSent',
    message: `While ${attempt}: no connection within ${ACQUIRE_TIMEOUT_MS} ms.`,
    cause,
  })
}

export function describeTarget(target: ConnectionTarget): string {
  const place = target.socketPath ?? `${target.host}:${target.port}`
  return `${place} as ${target.user}`
}

/** Errors of one statement leave the session usable; transactions roll back before they let an error pass. */
function leavesSessionClean(error: unknown): boolean {
  if (error instanceof CommitUnknownError) return false
  return (
    !(error instanceof DatabaseError) || !['connectionLost', 'wrongServer', 'killed'].includes(error.kind)
  )
}

/** knex's own `destroy` waits for lent connections for ever; those are cut after a second. */
async function closePool(
  knex: Knex,
  lent: ReadonlySet<Connection>,
  { control }: PoolSettings,
): Promise<void> {
  const cancel = control.clock.schedule(CLOSE_PATIENCE_MS, () => {
    for (const connection of lent) cutSocket(connection, new Error('closing'))
  })
  // A timer left behind would keep the process alive for two seconds after its work is done.
  const closed = new AbortController()
  const patience = control.clock.sleep(2 * CLOSE_PATIENCE_MS, closed.signal).catch(() => {})
  await Promise.race([knex.destroy(), patience])
  closed.abort()
  cancel()
}

const SQL_MODE = 'ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION,STRICT_ALL_TABLES'

/**
 * One dialect for every session, whatever the server's defaults or `init_connect` say. Escaping of values is only safe
 * without NO_BACKSLASH_ESCAPES, so the mode is read back.
 */
async function prepareSession(connection: Connection, settings: PoolSettings, mode: PoolMode): Promise<void> {
  for (const setting of sessionSettings(settings, mode))
    await changeRows(connection, setting, settings.control)
  const [row] = await readRows(connection, verifySession(), settings.control)
  const modes = String(row?.sql_mode).split(',').toSorted().join()
  if (modes === SQL_MODE && row?.time_zone === '+00:00' && String(row.autocommit) === '1') return
  throw new DatabaseError({
    kind: 'definition',
    message: `The server did not keep the session settings: sql_mode is ${row?.sql_mode}, time_zone ${row?.time_zone}, autocommit ${row?.autocommit}.`,
    hint: 'Connect to the server itself, or to a proxy that keeps session settings.',
  })
}

/**
 * A process that froze, or whose machine is gone, would keep its open transaction and its locks for the server's eight
 * hours. A writer's ends before the lease of a run (60 s) does. Idle connections leave the pool after 30 s by themselves.
 */
const idleSeconds: Record<PoolMode, number> = { reader: 600, writer: 40 }

/**
 * A batch names its rows by key. MariaDB makes a subquery of an IN list from 1,000 values on, which locks and reads in
 * another order; MySQL gives the ranges up beyond 8 MiB of them (between 5,000 and 10,000 keys of three columns) and
 * scans the table. Each comment is read by the one server that it is for.
 */
const longLists = raw(
  '/*M! , in_predicate_conversion_threshold = 0 */ /*!80000 , range_optimizer_max_mem_size = 0 */',
)

function sessionSettings({ lockWaitMs }: PoolSettings, mode: PoolMode): Statement[] {
  const lockWait = Math.max(1, Math.round(lockWaitMs / 1000))
  const access = mode === 'reader' ? 'READ ONLY' : 'READ WRITE'
  return [
    statement(
      'session.set',
      sql`SET NAMES utf8mb4, SESSION sql_mode = ${SQL_MODE}, time_zone = '+00:00', autocommit = 1, sql_safe_updates = 0,
        foreign_key_checks = 1, unique_checks = 1, sql_quote_show_create = 1,
        innodb_lock_wait_timeout = ${lockWait}, lock_wait_timeout = ${lockWait}
        ${longLists}`,
    ),
    statement('session.set-isolation', sql`SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED`),
    // Session scope on purpose: START TRANSACTION READ ONLY alone lets CREATE TABLE through on both servers (checked).
    statement('session.set-access', sql`SET SESSION TRANSACTION ${raw(access)}`),
    statement('session.set-idle', sql`SET SESSION wait_timeout = ${idleSeconds[mode]}`),
  ]
}

function verifySession(): Statement {
  return statement(
    'session.verify',
    sql`SELECT @@SESSION.sql_mode AS sql_mode, @@SESSION.time_zone AS time_zone, @@SESSION.autocommit AS autocommit`,
  )
}
