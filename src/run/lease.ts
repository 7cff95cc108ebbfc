import type { Writer } from '../db/database.ts'
import { CommitUnknownError, DatabaseError } from '../db/errors.ts'
import { exitCodes, RowkeeperError } from '../lib/errors.ts'
import { insertLease, type LeaseRow, markRunLost, selectLeaseForUpdate, takeOverLease } from './sql.ts'

/** The machine and process a run lives in. */
export interface Host {
  /** `user@machine:pid`, as shown to operators. */
  readonly holder: string
  /** False only when that process certainly ended: same machine, no such process. */
  mayBeAlive(holder: string): boolean
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

/**
 * Takes the lease, or throws `lease.held` (exit 75) naming who has it. A lease is free when nobody has it, when it ran
 * out, or when its holder was a process of this machine that is gone. GET_LOCK was rejected: it belongs to a connection
 * and fences nothing.
 */
export async function takeLease(
  writer: Writer,
  schema: string,
  lease: LeaseRow,
  host: Host,
): Promise<LeaseTaken> {
  try {
    return await tryTakeLease(writer, schema, lease, host)
  } catch (error) {
    // The row tells: a second try waits for the first one's transaction, and finds our own token or takes it again.
    if (error instanceof CommitUnknownError) return tryTakeLease(writer, schema, lease, host)
    throw error
  }
}

async function tryTakeLease(
  writer: Writer,
  schema: string,
  lease: LeaseRow,
  host: Host,
): Promise<LeaseTaken> {
  try {
    return await writer.use((session) =>
      session.transaction(async (transaction) => {
        const [row] = await transaction.rows(selectLeaseForUpdate(schema, lease.name))
        if (row === undefined) {
          await transaction.change(insertLease(schema, lease, LEASE_SECONDS))
          return { takenOverFrom: undefined }
        }
        if (row.token === lease.token) return { takenOverFrom: undefined }
        const holder = String(row.holder)
        if (String(row.expired) !== '1' && host.mayBeAlive(holder))
          throw leaseHeld(lease.name, holder, String(row.run_id))
        await endConnections(writer, row.connections === null ? [] : JSON.parse(String(row.connections)))
        await transaction.change(markRunLost(schema, String(row.run_id)))
        await transaction.change(takeOverLease(schema, lease, LEASE_SECONDS))
        return { takenOverFrom: String(row.run_id) }
      }),
    )
  } catch (error) {
    if (isInsertRace(error))
      throw leaseHeld(lease.name, 'another process that was a moment faster', undefined)
    throw error
  }
}

/** DDL is not fenced by a row, so sessions that ran it are ended before anybody else begins. */
async function endConnections(writer: Writer, connectionIds: readonly string[]): Promise<void> {
  for (const connectionId of connectionIds) await writer.endConnection(connectionId)
}

/** Two first-time inserts: one gets the duplicate key, or waits and is chosen as the victim of a deadlock. */
function isInsertRace(error: unknown): boolean {
  return error instanceof DatabaseError && (error.number === 1062 || error.number === 1213)
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
