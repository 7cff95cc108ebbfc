import type { Writer } from '../db/database.ts'
import { CommitUnknownError, DatabaseError, type DatabaseErrorKind } from '../db/errors.ts'
import { findLockHolders, type LockHolders } from '../db/lock-holders.ts'
import type { WriteSession } from '../db/session.ts'
import { sql, statement, type TableName } from '../db/statement.ts'
import { StoppedError, type Stopping } from '../lib/abort.ts'
import type { Clock } from '../lib/clock.ts'
import type { Random } from '../lib/random.ts'
import type { DefineOptions, Read, Writing } from './context.ts'
import { DefinitionUnknownError, definitionUnresolved, describeHolders, lockNotHad } from './ddl-errors.ts'
import { awaitEnd } from './end-connection.ts'
import type { Emit } from './events.ts'
import type { Lease } from './lease.ts'
import { checkToken } from './ledger.ts'
import { recordLeaseConnections } from './sql.ts'

export interface DdlOptions extends Stopping {
  readonly lease: Lease
  /** The pool for definitions. */
  readonly writer: Writer
  /** On the same server, to find out who holds a table. */
  readonly read: Read
  readonly clock: Clock
  readonly random: Random
  readonly emit: Emit
  /** Points that tests interrupt. */
  reach(point: string): Promise<void>
}

const PATIENCE_MS = 120_000

/**
 * Definitions of a run. They commit by themselves, so no row can fence them: the connection is the fence. It is written
 * into the lease before the first statement, and stays there until the server has certainly ended what it ran.
 */
export function createDefine(options: DdlOptions): Writing['define'] {
  return async (label, work, { patienceMs = PATIENCE_MS, tables = [] }: DefineOptions = {}) => {
    const { clock, emit, random, stop } = options
    const begun = clock.elapsed()
    for (let attempt = 1; ; attempt++) {
      const ended = await attemptDefinition(options, label, work)
      if (ended.type === 'done') return ended.value
      const why = await explain(options, tables, ended.error)
      const delayMs = pauseAfter(attempt, random)
      if (clock.elapsed() - begun + delayMs > patienceMs)
        throw isLockNotHad(ended.error) ? lockNotHad(label, why, ended.error) : ended.error
      emit({ type: 'retrying', what: label, attempt, delayMs, why })
      await clock.sleep(delayMs, stop)
    }
  }
}

/** Why it could not be done now, with the names of those in the way. */
async function explain(
  { read }: DdlOptions,
  tables: readonly TableName[],
  error: DatabaseError,
): Promise<string> {
  if (!isLockNotHad(error)) return error.message
  const nobodySeen: LockHolders = { certainty: 'oldest', holders: [] }
  return describeHolders(await read((session) => findLockHolders(session, tables)).catch(() => nobodySeen))
}

const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 10_000

/** As long as others waited behind us, and longer: they get through in between. */
function pauseAfter(attempt: number, random: Random): number {
  const longest = Math.min(FIRST_PAUSE_MS * 2 ** (attempt - 1), LONGEST_PAUSE_MS)
  return Math.round(longest * (0.5 + random.fraction() / 2))
}

type Attempt<T> =
  | { readonly type: 'done'; readonly value: T }
  /** Nothing of the statement that failed took effect; it may be run again. */
  | { readonly type: 'again'; readonly error: DatabaseError }

type Work<T> = (session: WriteSession) => Promise<T>

/** How far an attempt came: which connection it has, and whether anything of `work` may have been sent over it. */
interface Progress {
  connectionId?: string
  hasBegun: boolean
}

async function attemptDefinition<T>(options: DdlOptions, label: string, work: Work<T>): Promise<Attempt<T>> {
  const progress: Progress = { hasBegun: false }
  try {
    const value = await options.writer.use((session) => runRecorded(options, session, progress, work))
    return { type: 'done', value }
  } catch (error) {
    return await concludeFailure(options, label, progress, error)
  }
}

async function runRecorded<T>(
  options: DdlOptions,
  session: WriteSession,
  progress: Progress,
  work: Work<T>,
): Promise<T> {
  const { lease, reach } = options
  progress.connectionId = session.connectionId
  await record(lease, session.connectionId)
  await reach('ddl.recorded')
  // A process may have slept since it recorded its connection; then somebody else may be at work already.
  await checkToken(lease, session)
  progress.hasBegun = true
  const value = await work(session).finally(() => unlock(options, session))
  await reach('ddl.done')
  await forget(lease, session.connectionId)
  return value
}

/** Throws what ended the attempt, unless it may be made again. */
async function concludeFailure(
  options: DdlOptions,
  label: string,
  { connectionId, hasBegun }: Progress,
  error: unknown,
): Promise<Attempt<never>> {
  const { lease, kill } = options
  if (connectionId === undefined) return againOr(error)
  if (hasBegun && (kill.aborted || isUnanswered(error))) {
    const isEnded = await endForCertain(options, connectionId)
    if (isEnded) await forget(lease, connectionId)
    if (kill.aborted) throw error
    throw isEnded ? new DefinitionUnknownError(label, error) : definitionUnresolved(label, error)
  }
  await forget(lease, connectionId)
  if (!hasBegun) return againOr(error)
  if (error instanceof DatabaseError && isLockNotHad(error)) return { type: 'again', error }
  throw error
}

const passing: readonly DatabaseErrorKind[] = ['rolledBack', 'statementOnly', 'connectionLost', 'killed']

/** Before the first statement of `work` nothing is lost: the lease's row was in use, or a connection gone. */
function againOr(error: unknown): Attempt<never> {
  if (error instanceof DatabaseError && passing.includes(error.kind)) return { type: 'again', error }
  throw error
}

/** A table's lock (or a row's, in a copying ALTER) was waited for in vain, or two sessions waited for each other. */
function isLockNotHad({ number }: DatabaseError): boolean {
  return number === 1205 || number === 1213
}

const SERVER_SHUTDOWN = 1053

function isUnanswered(error: unknown): boolean {
  if (error instanceof CommitUnknownError) return true
  return (
    error instanceof DatabaseError && (error.kind === 'connectionLost' || error.number === SERVER_SHUTDOWN)
  )
}

/** Long enough for a server to recover from a crash, short enough to end before the lease does. */
const END_LIMIT_MS = 25_000
const END_LIMIT_KILLED_MS = 300

function endForCertain({ lease, writer, clock, kill }: DdlOptions, connectionId: string): Promise<boolean> {
  const { ledger } = lease
  return awaitEnd(
    {
      rows: (query) => ledger.use((session) => session.rows(query)),
      endConnection: writer.endConnection,
      clock,
    },
    connectionId,
    kill.aborted ? END_LIMIT_KILLED_MS : END_LIMIT_MS,
  )
}

const unlockTables = statement('ddl.unlock-tables', sql`UNLOCK TABLES`)

/** LOCK TABLES outlives the statements it was for: a session that cannot be unlocked is ended. */
async function unlock({ writer }: DdlOptions, session: WriteSession): Promise<void> {
  await session.change(unlockTables).catch(() => writer.endConnection(session.connectionId))
}

/** Throws StoppedError when the lease is not ours any more. Whoever takes it from now on ends the connection first. */
async function record(lease: Lease, connectionId: string): Promise<void> {
  lease.connections.add(connectionId)
  const { affectedRows } = await writeConnections(lease)
  if (affectedRows !== 1) throw new StoppedError('leaseLost')
}

/** What cannot be struck out ends up being ended by whoever takes the lease over; by then it runs nothing. */
async function forget(lease: Lease, connectionId: string): Promise<void> {
  lease.connections.delete(connectionId)
  await writeConnections(lease).catch(() => {})
}

function writeConnections({ ledger, schema, row, connections }: Lease) {
  return ledger.use((session) => {
    const text = connections.size === 0 ? null : JSON.stringify([...connections])
    return session.change(recordLeaseConnections(schema, row, text))
  })
}
