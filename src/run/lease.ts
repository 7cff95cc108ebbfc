import type { Row } from '../db/connection.ts'
import type { Writer } from '../db/database.ts'
import { CommitUnknownError, DatabaseError } from '../db/errors.ts'
import type { Transaction } from '../db/session.ts'
import type { Clock } from '../lib/clock.ts'
import { exitCodes, RowkeeperError } from '../lib/errors.ts'
import { awaitEnd } from './end-connection.ts'
import {
  deleteLease,
  insertLease,
  type LeaseRow,
  markRunLost,
  selectLease,
  selectLeaseForUpdate,
  takeOverLease,
} from './sql.ts'

/** The machine and process a run lives in. */
export interface Host {
  /** `user@machine:pid`, as shown to operators. */
  readonly holder: string
  /** False only when that process certainly ended: same machine, no such process. */
  mayBeAlive(holder: string): boolean
}

/** The lease of one thing, where its row is, and the connection that speaks for it. */
export interface Lease {
  readonly ledger: Writer
  /** Of the control tables. */
  readonly schema: string
  readonly row: LeaseRow
  /** Connections that may be running a definition. While there is one, the lease is not given back. */
  readonly connections: Set<string>
}

/**
 * A lease lives this long without a renewal, by the database's clock. Long enough to outlast a stall of the server,
 * short enough that a job whose machine died goes on within a minute.
 */
export const LEASE_SECONDS = 60

export interface LeaseTaken {
  /** The run that held the lease and died. */
  readonly takenOverFrom: string | undefined
}

export interface Taking {
  readonly lease: Lease
  readonly host: Host
  readonly clock: Clock
}

/**
 * Takes the lease, or throws `lease.held` (exit 75) naming who has it. A lease is free when nobody has it, when it ran
 * out, or when its holder was a process of this machine that is gone. GET_LOCK was rejected: it belongs to a connection
 * and fences nothing.
 */
export async function takeLease(taking: Taking): Promise<LeaseTaken> {
  try {
    return await tryTakeLease(taking)
  } catch (error) {
    // The row tells: a second try waits for the first one's transaction, and finds our own token or takes it again.
    if (error instanceof CommitUnknownError) return tryTakeLease(taking)
    throw error
  }
}

async function tryTakeLease(taking: Taking): Promise<LeaseTaken> {
  const { ledger, schema, row: own } = taking.lease
  try {
    return await ledger.use(async (session) => {
      // Its holder's transactions share the row: waiting for the lock only to hear that it is held would take a while.
      const [seen] = await session.rows(selectLease(schema, own.name))
      if (seen !== undefined) refuseHeld(seen, own, taking.host)
      return await session.transaction(async (transaction) => {
        const [row] = await transaction.rows(selectLeaseForUpdate(schema, own.name))
        if (row === undefined) {
          await transaction.change(insertLease(schema, own, LEASE_SECONDS))
          return { takenOverFrom: undefined }
        }
        refuseHeld(row, own, taking.host)
        if (row.token === own.token) return { takenOverFrom: undefined }
        await endConnections(taking, transaction, row)
        await transaction.change(markRunLost(schema, String(row.run_id)))
        await transaction.change(takeOverLease(schema, own, LEASE_SECONDS))
        return { takenOverFrom: String(row.run_id) }
      })
    })
  } catch (error) {
    if (isInsertRace(error)) throw leaseHeld(own.name, 'another process that was a moment faster', undefined)
    if (isLocked(error))
      throw leaseHeld(own.name, 'a run whose last transaction is still open at the server', undefined)
    throw error
  }
}

/** With a definition that the server may still be at, it is left to run out: whoever takes it over ends that first. */
export async function giveBackLease({ ledger, schema, row, connections }: Lease): Promise<void> {
  if (connections.size === 0) await ledger.use((session) => session.change(deleteLease(schema, row)))
}

function refuseHeld(row: Row, { name, token }: LeaseRow, { mayBeAlive }: Host): void {
  const holder = String(row.holder)
  const isFree = row.token === token || String(row.expired) === '1' || !mayBeAlive(holder)
  if (!isFree) throw leaseHeld(name, holder, String(row.run_id))
}

const END_LIMIT_MS = 5000

/**
 * DDL is not fenced by a row, so sessions that ran it are ended before anybody else begins. The last part of an ALTER
 * cannot be interrupted: KILL answers at once, and the table changes a little later.
 */
async function endConnections(
  { lease: { ledger, row: own }, clock }: Taking,
  transaction: Transaction,
  row: Row,
): Promise<void> {
  const connections: readonly string[] = row.connections === null ? [] : JSON.parse(String(row.connections))
  for (const connectionId of connections) {
    const look = { rows: transaction.rows, endConnection: ledger.endConnection, clock }
    if (await awaitEnd(look, connectionId, END_LIMIT_MS)) continue
    throw leaseHeld(
      own.name,
      `connection ${connectionId}, whose last ALTER the server is still ending`,
      undefined,
    )
  }
}

/** Two first-time inserts: one gets the duplicate key, or waits and is chosen as the victim of a deadlock. */
function isInsertRace(error: unknown): boolean {
  return error instanceof DatabaseError && (error.number === 1062 || error.number === 1213)
}

/** A process that froze in the middle of a transaction holds the row until the server ends its session. */
function isLocked(error: unknown): boolean {
  return error instanceof DatabaseError && (error.kind === 'statementOnly' || error.kind === 'killed')
}

function leaseHeld(name: string, holder: string, runId: string | undefined): RowkeeperError {
  return new RowkeeperError({
    code: 'lease.held',
    message: `${name} is being worked on by ${holder}${runId === undefined ? '' : ` (run ${runId})`}.`,
    hint:
      runId === undefined ? 'rowkeeper runs list' : `Watch it, or stop it with: rowkeeper runs stop ${runId}`,
    retryable: true,
    exitCode: exitCodes.tryLater,
  })
}
