import type { Column } from '../../../src/db/catalog.ts'
import type { Transaction } from '../../../src/db/session.ts'
import {
  type Digest,
  describeDigest,
  foldRowChecksum,
  sameDigest,
  toDigest,
} from '../../../src/engine/chunks/digest.ts'
import type { Pace } from '../../../src/engine/pace.ts'
import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import { formatCount } from '../../../src/lib/units.ts'
import type { Place } from '../place.ts'
import { keyOfRow } from './digest-rows.ts'
import { copyRows, deleteRows, digestByKey, type Extent, lockRows, type RowsByKey } from './sql.ts'

export interface Drain {
  readonly from: Extent
  readonly to: Extent
  /** Of both; they tell rows apart. */
  readonly key: readonly Column[]
  /** All that can be written to. */
  readonly columns: readonly Column[]
  /** Of one transaction. */
  readonly batchRows: number
  /** What else belongs into the transaction of a batch. */
  readonly account: (transaction: Transaction, moved: Digest) => Promise<void>
}

/** What a run has in hand between two batches. */
interface Surroundings {
  readonly stop: AbortSignal
  readonly pace: Pace
  readonly place: Place
}

/** Moves every row of one place to another on the same server, in proven batches. Answers how many. */
export async function drainRows({ stop, pace, place }: Surroundings, drain: Drain): Promise<number> {
  let rows = 0
  for (;;) {
    stop.throwIfAborted()
    await pace.ready()
    const moved = await place.transact(`empty ${drain.from.table.table}`, (transaction) =>
      drainBatch(transaction, drain),
    )
    if (moved === 0) return rows
    rows += moved
  }
}

async function drainBatch(transaction: Transaction, drain: Drain): Promise<number> {
  const { from, to, key, columns, batchRows } = drain
  const locked = await transaction.rows(lockRows(from, { key, columns, rows: batchRows }))
  if (locked.length === 0) return 0
  const rows: RowsByKey = { key, keys: locked.map((row) => keyOfRow(row, key)) }
  const digest = foldRowChecksum(locked.map(({ row_checksum }) => row_checksum ?? null))
  const copied = await transaction.change(copyRows({ from, to, columns }, rows))
  const [copy = {}] = await transaction.rows(digestByKey(to, columns, rows))
  const deleted = await transaction.change(deleteRows(from, rows))
  if (!sameDigest(digest, toDigest(copy))) throw drainedDiffers(drain, digest, toDigest(copy))
  if (copied.affectedRows !== locked.length || deleted.affectedRows !== locked.length) {
    throw countsDiffer(drain, locked.length, { copied: copied.affectedRows, deleted: deleted.affectedRows })
  }
  await drain.account(transaction, digest)
  return locked.length
}

const rolledBack = 'The batch was rolled back: no row of it was changed.'

function drainedDiffers({ from, to }: Drain, digest: Digest, copy: Digest): RowkeeperError {
  return new RowkeeperError({
    code: 'archive.copyDiffers',
    message: `While emptying ${from.table.table}: its rows hold ${describeDigest(digest)}, their copy in ${to.table.table} holds ${describeDigest(copy)}. ${rolledBack}`,
    hint: `Look for rows with the same keys in ${to.table.table}, then run it again.`,
    effect: 'partial',
    exitCode: exitCodes.failed,
  })
}

function countsDiffer(
  { from, to }: Drain,
  locked: number,
  { copied, deleted }: { readonly copied: number; readonly deleted: number },
): RowkeeperError {
  return new RowkeeperError({
    code: 'archive.countsDisagree',
    message: `While emptying ${from.table.table} into ${to.table.table}: ${formatCount(locked)} rows locked, ${formatCount(copied)} copied, ${formatCount(deleted)} deleted. ${rolledBack}`,
    hint: `Look for triggers with: SHOW TRIGGERS LIKE '${to.table.table}'`,
    effect: 'partial',
    exitCode: exitCodes.failed,
  })
}
