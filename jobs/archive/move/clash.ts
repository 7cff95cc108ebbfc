import type { Row } from '../../../src/db/connection.ts'
import { DatabaseError } from '../../../src/db/errors.ts'
import type { Transaction } from '../../../src/db/session.ts'
import type { Month } from '../partitions/months.ts'
import { copyThere, keyTaken } from './errors.ts'
import { describeKey } from './key-text.ts'
import { cellsOf, keysOf, type LockedRows, type RowsRead, slices } from './locked-rows.ts'
import { selectClashes } from './sql.ts'

const DUPLICATE_KEY = 1062

/** The archive table has the key of a row already. */
export function isClash(error: unknown): boolean {
  return error instanceof DatabaseError && error.number === DUPLICATE_KEY
}

/**
 * The archive table refused rows because it has their keys already. Looks at what it has there and says so: the same
 * rows, or other ones. Throws in any case; for another error, that one.
 */
export async function explainClash(
  transaction: Transaction,
  locked: LockedRows,
  { month, error }: { month: Month; error: unknown },
): Promise<never> {
  if (!isClash(error)) throw error
  const { equal, other } = await readClashes(transaction, locked)
  const [key] = other.length > 0 ? other : equal
  // Another unique key than that of the rows: the server's own sentence names it.
  if (key === undefined) throw error
  const found = { month, key, cause: error }
  throw other.length > 0
    ? keyTaken(locked.of, { ...found, rows: other.length })
    : copyThere(locked.of, { ...found, rows: equal.length })
}

interface Clashes {
  /** Keys in words, of rows that are there with the same content. */
  readonly equal: readonly string[]
  readonly other: readonly string[]
}

async function readClashes(transaction: Transaction, locked: LockedRows): Promise<Clashes> {
  const { key } = locked.of
  const rows: Row[] = []
  for (const keys of slices(keysOf(locked, key)))
    rows.push(...(await transaction.rows(selectClashes(locked.of, keys))))
  const ours = new Map(listChecksums(locked, locked))
  const there = listChecksums(locked, { read: key, rows })
  const isEqual = ([text, checksum]: readonly [string, string]) => ours.get(text) === checksum
  return {
    equal: there.filter(isEqual).map(([text]) => text),
    other: there.filter((entry) => !isEqual(entry)).map(([text]) => text),
  }
}

function listChecksums({ of: { key } }: LockedRows, read: RowsRead): readonly (readonly [string, string])[] {
  const keys = cellsOf(read, key)
  return read.rows.map((row, index) => [describeKey(key, keys[index] ?? []), String(row.row_checksum)])
}
