import type { TableName } from '../../../src/db/statement.ts'
import { type Digest, describeDigest } from '../../../src/engine/chunks/digest.ts'
import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import { formatCount, plural } from '../../../src/lib/units.ts'
import type { Month } from '../partitions/months.ts'
import { type LockedRows, MAXIMUM_CHILDREN } from './locked-rows.ts'
import type { MovedTable } from './moved-table.ts'

/** What ends a batch, and with it the run. The transaction was rolled back each time: every row is where it was. */

const rolledBack = 'The batch was rolled back: no row of it was changed.'

/** Fewer or more rows than were locked: a trigger that deletes, or a condition that answers differently each time. */
export function countsDisagree(
  { of, rows }: LockedRows,
  month: Month,
  did: { readonly copied: number } | { readonly deleted: number },
): RowkeeperError {
  const observed =
    'copied' in did
      ? `${formatCount(did.copied)} copied to ${tableText(of.archive.name)}`
      : `${formatCount(did.deleted)} deleted`
  return new RowkeeperError({
    code: 'archive.countsDisagree',
    message: `While moving ${month} of ${tableText(of.name)}: ${plural(rows.length, 'row')} locked, but ${observed}. ${rolledBack}`,
    hint: `Look for triggers with: SHOW TRIGGERS LIKE '${of.name.table}', and for functions in where that answer differently each time.`,
    exitCode: exitCodes.failed,
  })
}

export function digestsDisagree({ of, digest }: LockedRows, month: Month, copy: Digest): RowkeeperError {
  return new RowkeeperError({
    code: 'archive.copyDiffers',
    message: `While moving ${month} of ${tableText(of.name)}: the rows hold ${describeDigest(digest)}, their copy in ${tableText(of.archive.name)} holds ${describeDigest(copy)}. ${rolledBack}`,
    hint: `Compare the two definitions with: SHOW CREATE TABLE ${of.archive.name.table}`,
    exitCode: exitCodes.failed,
  })
}

interface Clash {
  readonly month: Month
  /** The first of the keys, in words. */
  readonly key: string
  readonly rows: number
  readonly cause: unknown
}

export function copyThere({ name, archive }: MovedTable, { month, key, rows, cause }: Clash): RowkeeperError {
  return new RowkeeperError({
    code: 'archive.copyThere',
    message: `While moving ${month} of ${tableText(name)}: ${tableText(archive.name)} has an equal copy of ${plural(rows, 'row')} already, the first with ${key}. ${rolledBack}`,
    hint: `Somebody else put them there. See what the month holds with: rowkeeper archive verify; then delete one of the two copies.`,
    exitCode: exitCodes.failed,
    cause,
  })
}

export function keyTaken({ name, archive }: MovedTable, { month, key, rows, cause }: Clash): RowkeeperError {
  const others = rows > 1 ? ` So have ${plural(rows - 1, 'other key')}.` : ''
  return new RowkeeperError({
    code: 'archive.keyTaken',
    message: `While moving ${month} of ${tableText(name)}: ${tableText(archive.name)} has another row with ${key}.${others} ${rolledBack}`,
    hint: 'Compare the two rows and decide which one is right; then delete or change the other one.',
    exitCode: exitCodes.failed,
    cause,
  })
}

/** A single row that would fill a transaction. */
export function tooManyChildren(name: TableName, month: Month): RowkeeperError {
  return new RowkeeperError({
    code: 'archive.tooManyChildren',
    message: `While moving ${month} of ${tableText(name)}: one row has more than ${formatCount(MAXIMUM_CHILDREN)} rows of children, too many for one transaction. Nothing of it was changed.`,
    hint: 'Keep the row back with a condition in where, or move its children by hand.',
    exitCode: exitCodes.failed,
  })
}

function tableText({ schema, table }: TableName): string {
  return `${schema}.${table}`
}
