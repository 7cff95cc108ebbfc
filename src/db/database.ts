import type { Connection } from 'mysql2'
import { never, type Stopping } from '../lib/abort.ts'
import type { Clock } from '../lib/clock.ts'
import { exitCodes, RowkeeperError } from '../lib/errors.ts'
import type { ConnectionTarget, QueryControl } from './connection.ts'
import type { WriteGrant } from './grant.ts'
import { killConnection, killQuery } from './kill.ts'
import { describeTarget, openPool, type Pool, type PoolSettings } from './pool.ts'
import { readServer, type ServerInfo } from './server.ts'
import { createReadSession, createWriteSession, type ReadSession, type WriteSession } from './session.ts'

export interface DatabaseSettings {
  /** The name in the configuration: `shop`. */
  readonly name: string
  readonly target: ConnectionTarget
  /** Connections of each pool, reader and writer. */
  readonly poolSize: number
  readonly statementTimeoutMs: number
  readonly lockWaitMs: number
}

export interface Database {
  readonly name: string
  readonly server: ServerInfo
  /** Lends a session that cannot write. A session is held for the time of `work` only: never call a service inside. */
  read<T>(work: (session: ReadSession) => Promise<T>): Promise<T>
  /** Opens a write pool. Only the runner has a grant. */
  openWriter(grant: WriteGrant, purpose: WriterPurpose): Promise<Writer>
  close(): Promise<void>
}

/**
 * `work` is interrupted by kill like everything else, and so is `definition`, which may take as long as it takes but
 * waits shortly for a table's lock. `ledger` is one connection that kill does not reach, with a short limit of its own
 * per statement: heartbeats go on while the work pool is busy, and a run can write down how it ended.
 */
export type WriterPurpose = 'work' | 'definition' | 'ledger'

const LEDGER_STATEMENT_LIMIT_MS = 1500
/** While a definition waits for a table's lock, every new statement on that table queues behind it. */
const DEFINITION_LOCK_WAIT_MS = 5000

export interface Writer {
  use<T>(work: (session: WriteSession) => Promise<T>): Promise<T>
  /** Ends another connection of this account and rolls its transaction back; bounded, never throws. */
  endConnection(connectionId: string): Promise<void>
  /** The pool's knex, for the migrations of the control tables. */
  readonly knex: Pool['knex']
  close(): Promise<void>
}

export interface OpenOptions {
  readonly settings: DatabaseSettings
  readonly clock: Clock
  /** In-flight statements are interrupted when this aborts. */
  readonly kill: Stopping['kill']
}

/** Connects, checks the server's family and version, and returns the reading half. */
export async function openDatabase({ settings, clock, kill }: OpenOptions): Promise<Database> {
  const control: QueryControl = {
    clock,
    kill,
    statementTimeoutMs: settings.statementTimeoutMs,
    killQuery: (connectionId) => killQuery(settings.target, connectionId, clock),
  }
  const work: PoolSettings = {
    target: settings.target,
    size: settings.poolSize,
    lockWaitMs: settings.lockWaitMs,
    control,
  }
  const ledger: PoolSettings = {
    ...work,
    size: 1,
    lockWaitMs: LEDGER_STATEMENT_LIMIT_MS,
    control: { ...control, kill: never, statementTimeoutMs: LEDGER_STATEMENT_LIMIT_MS },
  }
  const definition: PoolSettings = {
    ...work,
    lockWaitMs: Math.min(settings.lockWaitMs, DEFINITION_LOCK_WAIT_MS),
    control: { ...control, statementTimeoutMs: undefined },
  }
  const pools: Record<WriterPurpose, PoolSettings> = { work, definition, ledger }
  const reader = await openPool(work, 'reader')
  const read = <T>(work: (session: ReadSession) => Promise<T>) =>
    reader.use((connection: Connection) => work(createReadSession(connection, control)))
  try {
    const server = await read(readServer)
    refuseOldServer(server, settings)
    return {
      name: settings.name,
      server,
      read,
      openWriter: (grant, purpose) => openWriter(grant, server, pools[purpose]),
      close: reader.close,
    }
  } catch (error) {
    await reader.close()
    throw error
  }
}

function refuseOldServer(server: ServerInfo, settings: DatabaseSettings): void {
  if (server.isSupported) return
  throw new RowkeeperError({
    code: 'database.oldServer',
    message: `${describeTarget(settings.target)} runs ${server.version}; rowkeeper needs MySQL 8.0 or MariaDB 10.6, or newer.`,
    exitCode: exitCodes.refused,
  })
}

async function openWriter(grant: WriteGrant, server: ServerInfo, settings: PoolSettings): Promise<Writer> {
  if (!grant.isMinted) throw new TypeError('a write pool needs a minted grant')
  if (server.readOnly) throw readOnlyServer(server)
  const pool = await openPool(settings, 'writer')
  return {
    use: (work) => pool.use((connection) => work(createWriteSession(connection, settings.control))),
    endConnection: (connectionId) =>
      killConnection(settings.target, Number(connectionId), settings.control.clock),
    knex: pool.knex,
    close: pool.close,
  }
}

function readOnlyServer(server: ServerInfo): RowkeeperError {
  return new RowkeeperError({
    code: 'database.readOnly',
    message: `The server ${server.id} is read-only (read_only=1). It is a replica, or a primary that was demoted.`,
    hint: 'Point the URL at the primary, then run: rowkeeper doctor',
    exitCode: exitCodes.refused,
  })
}
