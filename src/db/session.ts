import type { Connection } from 'mysql2'
import { type Affected, changeRows, cutSocket, type QueryControl, type Row, readRows } from './connection.ts'
import { CommitUnknownError, DatabaseError } from './errors.ts'
import { type Statement, sql, statement } from './statement.ts'

/** A connection lent for reading. There is no member to write with. */
export interface ReadSession {
  /** The server's id of this connection, as in its process list. */
  readonly connectionId: string
  rows(statement: Statement): Promise<readonly Row[]>
  /** All reads of `work` see one instant: REPEATABLE READ, read only. Under READ COMMITTED the server would ignore the snapshot (warning 138). */
  snapshot<T>(work: (session: ReadSession) => Promise<T>): Promise<T>
}

/** An open transaction. It ends when the callback it was given to ends. */
export interface Transaction {
  readonly connectionId: string
  rows(statement: Statement): Promise<readonly Row[]>
  change(statement: Statement): Promise<Affected>
}

export interface WriteSession extends Transaction {
  /**
   * BEGIN, `work`, COMMIT. Any error rolls back before it is thrown. A reply to COMMIT that never came throws
   * CommitUnknownError: only a marker row can tell then.
   */
  transaction<T>(work: (transaction: Transaction) => Promise<T>): Promise<T>
}

const begin = statement('transaction.begin', sql`START TRANSACTION`)
const commit = statement('transaction.commit', sql`COMMIT`)
const rollback = statement('transaction.rollback', sql`ROLLBACK`)
const beginSnapshot = statement('snapshot.begin', sql`START TRANSACTION WITH CONSISTENT SNAPSHOT, READ ONLY`)
const repeatableRead = statement('snapshot.isolate', sql`SET TRANSACTION ISOLATION LEVEL REPEATABLE READ`)

export function createReadSession(connection: Connection, control: QueryControl): ReadSession {
  const session: ReadSession = {
    connectionId: String(connection.threadId),
    rows: (query) => readRows(connection, query, control),
    async snapshot(work) {
      await changeRows(connection, repeatableRead, control)
      await changeRows(connection, beginSnapshot, control)
      try {
        return await work(session)
      } finally {
        await endTransaction(connection, control)
      }
    },
  }
  return session
}

export function createWriteSession(connection: Connection, control: QueryControl): WriteSession {
  const open: Transaction = {
    connectionId: String(connection.threadId),
    rows: (query) => readRows(connection, query, control),
    change: (change) => changeRows(connection, change, control),
  }
  return { ...open, transaction: (work) => runTransaction(connection, control, open, work) }
}

async function runTransaction<T>(
  connection: Connection,
  control: QueryControl,
  open: Transaction,
  work: (transaction: Transaction) => Promise<T>,
): Promise<T> {
  await changeRows(connection, begin, control)
  const result = await work(open).catch(async (error) => {
    await endTransaction(connection, control)
    throw error
  })
  await changeRows(connection, commit, control).catch((error) => {
    throw commitFailure(error, open.connectionId)
  })
  return result
}

/** Shutting down, and an error in the middle of the commit itself: either may have been too late to matter. */
const brokenCommits: readonly number[] = [1053, 1180]

/**
 * The server may have committed whenever its reply did not arrive, also when we cut the wait ourselves, and when a
 * proxy that lost the server answers in its place (2013 and the like).
 */
function commitFailure(error: unknown, connectionId: string): unknown {
  const answered =
    error instanceof DatabaseError &&
    error.number !== undefined &&
    error.kind !== 'connectionLost' &&
    !brokenCommits.includes(error.number)
  return answered ? error : new CommitUnknownError(connectionId, error)
}

/**
 * Error 1205 leaves a transaction open with its locks, so ROLLBACK is always sent. When it cannot be, the socket is
 * cut: the server then rolls back by itself.
 */
async function endTransaction(connection: Connection, control: QueryControl): Promise<void> {
  try {
    await changeRows(connection, rollback, control)
  } catch (error) {
    cutSocket(connection, error)
  }
}
