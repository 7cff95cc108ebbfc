import type { Row } from '../../../src/db/connection.ts'
import type { Transaction } from '../../../src/db/session.ts'
import {
  addDigests,
  type Digest,
  emptyDigest,
  sameDigest,
  toDigest,
} from '../../../src/engine/chunks/digest.ts'
import { monthRange } from '../cutoff.ts'
import type { Month } from '../partitions/months.ts'
import type { Tables } from '../tables.ts'
import { digestsDisagree } from './errors.ts'
import { keysOf, type LockedRows, slices, stretchOf } from './locked-rows.ts'
import { digestBetween, digestOfKeys } from './sql.ts'

/** Throws unless the archive table holds, in this month and under these keys, exactly what was locked. */
export async function proveCopy(
  transaction: Transaction,
  locked: LockedRows,
  month: Month,
  tables: Tables,
): Promise<void> {
  const copy =
    (await readBetween(transaction, locked, tables)) ?? (await readByKeys(transaction, locked, month, tables))
  if (!sameDigest(copy, locked.digest)) throw digestsDisagree(locked, month, copy)
}

/**
 * Read along the walk. Rows of the live table are copied in its order, so the archive table mostly holds nothing else
 * from the first to the last of them: as many rows as were just put there are those rows. Undefined when it holds more
 * (rows that came late, between others), and for children, which have no such order.
 *
 * For 2,000 rows 4 ms on MariaDB 10.11 and 8 ms on MySQL 9.7, where looking every key up took 13 and 20 ms.
 */
async function readBetween(
  transaction: Transaction,
  locked: LockedRows,
  { source: { walk } }: Tables,
): Promise<Digest | undefined> {
  const { of, rows } = locked
  const { ageIndex } = of.archive
  if (of.link !== undefined || ageIndex === undefined) return undefined
  const stretch = { ...stretchOf(locked, walk.columns), walk: walk.columns, rows: rows.length + 1 }
  const digest = toDigest(firstOf(await transaction.rows(digestBetween(of, ageIndex, stretch))))
  return digest.rows > rows.length ? undefined : digest
}

async function readByKeys(
  transaction: Transaction,
  locked: LockedRows,
  month: Month,
  tables: Tables,
): Promise<Digest> {
  const { of } = locked
  // With the age the key of the archive table is complete, and each row one look-up.
  const columns =
    of.link === undefined
      ? [...new Set([...of.key, tables.source.walk.columns[0] ?? of.archive.age])]
      : of.key
  const range = monthRange(month, tables)
  let sum = emptyDigest
  for (const keys of slices(keysOf(locked, columns))) {
    const rows = await transaction.rows(digestOfKeys(of, { columns, keys, range }))
    sum = addDigests(sum, toDigest(firstOf(rows)))
  }
  return sum
}

/** An aggregate answers one row, whatever it counted. */
function firstOf([row]: readonly Row[]): Row {
  if (row === undefined) throw new TypeError('an aggregate without an answer')
  return row
}
