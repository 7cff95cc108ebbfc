/** How busy a server is, one number each. Counted on the server that the session is on, our own session included. */
import { exitCodes, RowkeeperError } from '../lib/errors.ts'
import type { Row } from './connection.ts'
import { DatabaseError } from './errors.ts'
import { type Family, readFamily } from './server.ts'
import type { ReadSession } from './session.ts'
import { raw, type Statement, sql, statement } from './statement.ts'

/** Sessions that are executing something at this moment. Needs no privilege. */
export async function readThreadsRunning(session: ReadSession): Promise<number> {
  const [row] = await session.rows(showStatus('Threads_running'))
  return Number(row?.Value)
}

const HISTORY: Sensor = { name: 'history list length', privilege: 'PROCESS' }

/**
 * Undo records that purge has not removed yet. MySQL wants PROCESS for it, MariaDB nothing.
 *
 * @throws RowkeeperError `load.unreadable`
 */
export async function readHistoryLength(session: ReadSession): Promise<number> {
  const [status] = await session.rows(showStatus('Innodb_history_list_length'))
  if (status !== undefined) return Number(status.Value)
  const [metric] = await readSensor(session, HISTORY, selectHistoryLength())
  if (metric === undefined) throw unreadable(HISTORY, 'the server does not count it', counterHint)
  return Number(metric.length)
}

const counterHint = "Turn the counter on: SET GLOBAL innodb_monitor_enable = 'trx_rseg_history_len'"

/** The oldest open transaction of InnoDB. */
export interface OpenTransaction {
  /** `0` when no session has it any more: a prepared XA transaction after a restart. */
  readonly connectionId: string
  /** In steps of a second. */
  readonly ageMs: number
}

/**
 * Purge stops at the oldest. The session's own is left out. InnoDB lists anew only when nobody has asked for 0.1 s.
 *
 * @throws RowkeeperError `load.unreadable` without PROCESS
 */
export async function readLongestTransaction(session: ReadSession): Promise<OpenTransaction | undefined> {
  const sensor: Sensor = { name: 'oldest open transaction', privilege: 'PROCESS' }
  const [row] = await readSensor(session, sensor, selectOldestTransaction())
  if (row === undefined) return undefined
  return {
    connectionId: String(row.connection_id),
    ageMs: Math.max(0, Math.round(Number(row.age_microseconds) / 1000)),
  }
}

/**
 * Replicas and other readers of the binary log that are connected now. Undefined without PROCESS: the server then lists
 * the account's own sessions alone, and none of them would mean nothing.
 */
export async function countReplicas(session: ReadSession): Promise<number | undefined> {
  if (!(await seesAllSessions(session))) return undefined
  const sessions = await session.rows(showProcesses())
  return sessions.filter(({ Command }) => String(Command).startsWith('Binlog Dump')).length
}

async function seesAllSessions(session: ReadSession): Promise<boolean> {
  try {
    await session.rows(probeProcess())
    return true
  } catch (error) {
    if (isRefusal(error)) return false
    throw error
  }
}

const lagPrivileges: Record<Family, string> = { mariadb: 'SLAVE MONITOR', mysql: 'REPLICATION CLIENT' }

/**
 * How far the replica that the session is on is behind, in milliseconds and steps of a second; of several channels, the
 * worst. A channel that does not run has no lag that could be believed.
 *
 * @throws RowkeeperError `load.unreadable`
 */
export async function readReplicaLagMs(session: ReadSession): Promise<number> {
  const family = await readFamily(session)
  const sensor: Sensor = { name: 'replica lag', privilege: lagPrivileges[family] }
  const channels = (await readSensor(session, sensor, showReplica(family))).map(toChannel)
  if (channels.length === 0) {
    throw unreadable(
      sensor,
      'this server is not a replica',
      'Name a replica under databases.*.replica, or none.',
    )
  }
  return Math.max(...channels.map((channel) => lagOf(sensor, channel)))
}

interface Channel {
  readonly name: string
  /** `Yes`, `No`, `Connecting`, `Preparing`. */
  readonly receiver: string
  readonly applier: string
  readonly lastError: string
  readonly secondsBehind: number | undefined
}

/** MariaDB 10.11 has kept the old names of the columns, MySQL has not. */
function toChannel(row: Row): Channel {
  const seconds = row.Seconds_Behind_Source ?? row.Seconds_Behind_Master ?? null
  return {
    name: String(row.Channel_Name ?? row.Connection_name ?? ''),
    receiver: String(row.Replica_IO_Running ?? row.Slave_IO_Running),
    applier: String(row.Replica_SQL_Running ?? row.Slave_SQL_Running),
    lastError: String(row.Last_IO_Error || row.Last_SQL_Error || ''),
    secondsBehind: seconds === null ? undefined : Number(seconds),
  }
}

function lagOf(sensor: Sensor, { name, receiver, applier, lastError, secondsBehind }: Channel): number {
  const channel = name === '' ? 'replication' : `channel ${name}`
  const because = lastError === '' ? '' : `: ${lastError}`
  if (receiver === 'Yes' && applier === 'Yes' && secondsBehind !== undefined) return secondsBehind * 1000
  throw unreadable(
    sensor,
    `${channel} does not run (receiver ${receiver}, applier ${applier})${because}`,
    'Start it on the replica: START REPLICA',
  )
}

interface Sensor {
  readonly name: string
  readonly privilege: string
}

async function readSensor(session: ReadSession, sensor: Sensor, query: Statement): Promise<readonly Row[]> {
  try {
    return await session.rows(query)
  } catch (error) {
    if (!isRefusal(error)) throw error
    const hint = `An administrator can allow it: GRANT ${sensor.privilege} ON *.* TO ${await readAccount(session)}`
    throw unreadable(sensor, `the account lacks the privilege ${sensor.privilege}`, hint, error)
  }
}

async function readAccount(session: ReadSession): Promise<string> {
  const [row] = await session.rows(selectAccount())
  const [user = '', host = ''] = String(row?.account).split(/@(?=[^@]*$)/)
  return `'${user}'@'${host}'`
}

function isRefusal(error: unknown): boolean {
  return error instanceof DatabaseError && error.kind === 'permission'
}

function unreadable(sensor: Sensor, observed: string, hint: string, cause?: unknown): RowkeeperError {
  return new RowkeeperError({
    code: 'load.unreadable',
    message: `The ${sensor.name} could not be read: ${observed}.`,
    hint,
    retryable: true,
    exitCode: exitCodes.tryLater,
    cause,
  })
}

function showStatus(name: string): Statement {
  return statement('load.show-status', sql`SHOW GLOBAL STATUS LIKE ${name}`)
}

function selectHistoryLength(): Statement {
  return statement(
    'load.select-history-length',
    sql`SELECT \`COUNT\` AS length FROM information_schema.INNODB_METRICS
      WHERE NAME = 'trx_rseg_history_len' AND STATUS = 'enabled'`,
  )
}

// The server tells the start in the zone of its own machine, whatever the session's; SYSTEM needs no zone tables.
function selectOldestTransaction(): Statement {
  return statement(
    'load.select-oldest-transaction',
    sql`SELECT trx_mysql_thread_id AS connection_id,
        TIMESTAMPDIFF(MICROSECOND, CONVERT_TZ(trx_started, 'SYSTEM', '+00:00'), UTC_TIMESTAMP(6)) AS age_microseconds
      FROM information_schema.INNODB_TRX WHERE trx_mysql_thread_id <> CONNECTION_ID() ORDER BY trx_started LIMIT 1`,
  )
}

function probeProcess(): Statement {
  return statement('load.probe-process', sql`SELECT 1 FROM information_schema.INNODB_METRICS LIMIT 1`)
}

function showProcesses(): Statement {
  return statement('load.show-processes', sql`SHOW PROCESSLIST`)
}

const replicaStatus: Record<Family, string> = {
  mariadb: 'SHOW ALL REPLICAS STATUS',
  mysql: 'SHOW REPLICA STATUS',
}

function showReplica(family: Family): Statement {
  return statement('load.show-replica', raw(replicaStatus[family]))
}

function selectAccount(): Statement {
  return statement('load.select-account', sql`SELECT CURRENT_USER() AS account`)
}
