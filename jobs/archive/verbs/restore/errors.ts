import { DatabaseError } from '../../../../src/db/errors.ts'
import { type Digest, describeDigest } from '../../../../src/engine/chunks/digest.ts'
import { exitCodes, RowkeeperError } from '../../../../src/lib/errors.ts'
import { formatCount, plural } from '../../../../src/lib/units.ts'
import { addKeys, noKeys } from '../found-keys.ts'
import type { ArchivedRows } from './archived-rows.ts'
import type { LiveRows } from './compare-live.ts'
import { keyTaken, keyTwice } from './key-errors.ts'
import type { RestoredTable } from './restored-table.ts'

/** What ends a restore. The transaction in hand was rolled back each time: its rows are where they were. */

const rolledBack = 'Nothing of this batch was changed.'
/** Met in the middle, after it was looked for: somebody wrote the row meanwhile. */
export function keysInTheWay({ name, month }: RestoredTable, { other, twice }: LiveRows): RowkeeperError {
  const tables = { table: name.table, archive: month.archive.table }
  if (other.length > 0) return keyTaken(tables, addKeys(noKeys, other))
  return keyTwice(tables, addKeys(noKeys, twice))
}

const DUPLICATE_KEY = 1062
const NO_PARENT = 1452

/**
 * The live table does not take the rows. The server\'s own sentence names the key, the constraint or the column; errors
 * that say nothing about the rows are passed on as they are.
 */
export function refusedByTable({ of: { name, month } }: ArchivedRows, error: unknown): unknown {
  if (!(error instanceof DatabaseError) || error.kind !== 'definition') return error
  const reasons: Readonly<Record<number, readonly [string, string]>> = {
    [DUPLICATE_KEY]: [
      'another row has what must be unique',
      'Delete or change that row, then restore again.',
    ],
    [NO_PARENT]: [
      'a row that one of them refers to is not there any more',
      'Put that row back first, then restore again.',
    ],
  }
  const [what, hint] = reasons[error.number ?? 0] ?? [
    'it does not fit its definition',
    `Compare the definitions: SHOW CREATE TABLE ${name.table}; SHOW CREATE TABLE ${month.archive.table}`,
  ]
  return new RowkeeperError({
    code: 'archive.refusedByTable',
    message: `${name.table} does not take a row of ${month.archive.table}: ${what}. ${error.message} ${rolledBack}`,
    hint,
    exitCode: exitCodes.refused,
    cause: error,
  })
}

/** Written as in the archive, read back differently, twice. */
export function notAsArchived({ of, digest }: ArchivedRows, found: Digest): RowkeeperError {
  const { name, month, triggers } = of
  const writing = triggers
    .filter(({ timing, event }) => timing === 'BEFORE' && event !== 'DELETE')
    .map((trigger) => `${trigger.name} (${trigger.timing} ${trigger.event})`)
  const why =
    writing.length === 0
      ? 'Its columns are not those of the archive table any more.'
      : `Its triggers change rows that are written: ${writing.join(', ')}.`
  return new RowkeeperError({
    code: 'archive.notAsArchived',
    message: `Rows put back into ${name.table} do not read as they do in ${month.archive.table}: ${describeDigest(found)}, and must be ${describeDigest(digest)}. ${why} ${rolledBack}`,
    hint:
      writing.length === 0
        ? `Compare the definitions: SHOW CREATE TABLE ${name.table}; SHOW CREATE TABLE ${month.archive.table}`
        : 'Drop the triggers for the time of the restore, or make them leave old rows alone.',
    exitCode: exitCodes.refused,
  })
}

export function countsDisagree(
  { of: { name, month }, rows }: ArchivedRows,
  did: { readonly inserted: number } | { readonly removed: number },
): RowkeeperError {
  const said =
    'inserted' in did
      ? `${formatCount(did.inserted)} came into ${name.table}`
      : `${formatCount(did.removed)} went from ${month.archive.table}`
  return new RowkeeperError({
    code: 'archive.countsDisagree',
    message: `While restoring from ${month.archive.table}: ${plural(rows.length, 'row')} locked, but ${said}. ${rolledBack}`,
    hint: `Look for triggers with: SHOW TRIGGERS LIKE '${name.table}'`,
    exitCode: exitCodes.failed,
  })
}

/** A single row whose children would fill a transaction. */
export function tooManyChildren(table: RestoredTable | undefined, limit: number): RowkeeperError {
  return new RowkeeperError({
    code: 'archive.tooManyChildren',
    message: `One row of ${table?.name.table} has more than ${formatCount(limit)} rows of children, too many for one transaction. ${rolledBack}`,
    hint: 'Put this row and its children back by hand.',
    exitCode: exitCodes.refused,
  })
}
