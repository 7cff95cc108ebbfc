import type { Writer } from '../db/database.ts'
import { CommitUnknownError, DatabaseError, isRestartable } from '../db/errors.ts'
import type { Transaction } from '../db/session.ts'
import { never, StoppedError } from '../lib/abort.ts'
import type { Clock } from '../lib/clock.ts'
import { exitCodes, RowkeeperError } from '../lib/errors.ts'
import type { Random } from '../lib/random.ts'
import type { Writing } from './context.ts'
import type { Lease } from './lease.ts'
import { insertBatch, selectBatchLocked, selectLeaseShared } from './sql.ts'

export interface LedgerOptions {
  readonly lease: Lease
  readonly work: Writer
  /** Numbers the marker rows; one count for all databases of a run, which may keep their ledger in one place. */
  readonly nextSeq: () => number
  readonly clock: Clock
  readonly random: Random
  readonly kill: AbortSignal
  /** Points that tests interrupt. */
  reach(point: string): Promise<void>
}

export type Transact = Writing['transact']

const TRIES = 5
const LONGEST_PAUSE_MS = 400

/**
 * Transactions of a run. Each begins with its marker row and the check of the lease's token, so data and ledger commit
 * together, a run that lost its lease cannot write, and a lost reply to COMMIT can be looked up.
 */
export function createTransact(options: LedgerOptions): Transact {
  return async (label, work) => {
    for (let attempt = 1; ; attempt++) {
      const batch = { runId: options.lease.row.runId, seq: options.nextSeq(), label }
      const ended = await attemptTransaction(options, batch, work)
      if (ended.type === 'committed') return ended.value
      if (attempt >= TRIES) throw ended.error
      await options.clock.sleep(
        options.random.fraction() * LONGEST_PAUSE_MS * (attempt / TRIES),
        options.kill,
      )
    }
  }
}

interface Batch {
  readonly runId: string
  readonly seq: number
  readonly label: string
}

type Attempt<T> = { type: 'committed'; value: T } | { type: 'rolledBack'; error: unknown }

async function attemptTransaction<T>(
  options: LedgerOptions,
  batch: Batch,
  work: (transaction: Transaction) => Promise<T>,
): Promise<Attempt<T>> {
  let finished: { value: T } | undefined
  try {
    const value = await options.work.use((session) =>
      session.transaction(async (transaction) => {
        await transaction.change(insertBatch(options.lease.schema, batch))
        await checkToken(options.lease, transaction)
        finished = { value: await work(transaction) }
        await options.reach('ledger.before-commit')
        return finished.value
      }),
    )
    await options.reach('ledger.after-commit')
    return { type: 'committed', value }
  } catch (error) {
    if (error instanceof CommitUnknownError && finished !== undefined) {
      const happened = await resolveCommit(options, batch, error)
      return happened
        ? { type: 'committed', value: finished.value }
        : { type: 'rolledBack', error: error.cause }
    }
    if (isRolledBack(error)) return { type: 'rolledBack', error }
    throw error
  }
}

function isRolledBack(error: unknown): boolean {
  return isRestartable(error) || (error instanceof DatabaseError && error.kind === 'connectionLost')
}

/** Throws StoppedError when somebody else has the lease now. */
export async function checkToken({ schema, row }: Lease, session: Pick<Transaction, 'rows'>): Promise<void> {
  const [found] = await session.rows(selectLeaseShared(schema, row))
  if (found?.token !== row.token) throw new StoppedError('leaseLost')
}

/** Long enough for a server to recover from a crash, short enough to end before the lease does. */
const RESOLVE_LIMIT_MS = 25_000
const RESOLVE_PAUSE_MS = 250

/**
 * Did the COMMIT whose reply was lost happen? The old connection is ended first, so that its transaction cannot stay
 * open for ever; then a locking read of the marker row waits for whatever the server is still doing with it. Reading
 * without the lock would be wrong: the server may be in the middle of the COMMIT.
 */
async function resolveCommit(
  { clock, lease: { ledger, schema } }: LedgerOptions,
  batch: Batch,
  unknown: CommitUnknownError,
): Promise<boolean> {
  const begun = clock.elapsed()
  for (;;) {
    await ledger.endConnection(unknown.connectionId)
    try {
      const marker = selectBatchLocked(schema, batch)
      return (await ledger.use((session) => session.rows(marker))).length === 1
    } catch (error) {
      if (clock.elapsed() - begun > RESOLVE_LIMIT_MS) throw unresolved(batch.runId, error)
      await clock.sleep(RESOLVE_PAUSE_MS, never)
    }
  }
}

function unresolved(runId: string, cause: unknown): RowkeeperError {
  return new RowkeeperError({
    code: 'run.commitUnknown',
    message:
      'The server did not answer a COMMIT and could not be asked afterwards; the last transaction may or may not have taken effect.',
    hint: `When the server is back, the next run finds out by itself. Look at it with: rowkeeper runs show ${runId}`,
    effect: 'unknown',
    exitCode: exitCodes.unknown,
    cause,
  })
}
