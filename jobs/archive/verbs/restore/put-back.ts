import type { Transaction } from '../../../../src/db/session.ts'
import {
  addDigests,
  type Digest,
  emptyDigest,
  sameDigest,
  toDigest,
} from '../../../../src/engine/chunks/digest.ts'
import { slices } from '../../move/locked-rows.ts'
import { type ArchivedRows, type Family, liveKeys, pickRows } from './archived-rows.ts'
import { compareLive } from './compare-live.ts'
import { keysInTheWay, notAsArchived, refusedByTable } from './errors.ts'
import { digestLive } from './sql.ts'
import type { Transfer } from './transfer.ts'

/** In the live table's transaction: puts every row of a family there, proven. Answers how many were there already. */
export async function putBack(live: Transaction, transfer: Transfer, family: Family): Promise<number> {
  let present = 0
  for (const rows of family) {
    if (rows.rows.length > 0) present += await putRowsBack(live, transfer, rows)
  }
  return present
}

/**
 * Rows that are there already with the same content are settled: a restore that was cut short brought them, and only
 * their copy in the archive is left to be removed. What a trigger wrote differently is written once more from the
 * archive; where another trigger does it again, all is rolled back.
 */
async function putRowsBack(live: Transaction, transfer: Transfer, rows: ArchivedRows): Promise<number> {
  const there = await compareLive(live, rows, 'locked')
  if (there.other.length + there.twice.length > 0) throw keysInTheWay(rows.of, there)
  const missing = pickRows(rows, (index) => !there.equal.has(index))
  if (missing.rows.length > 0) {
    await transfer.insert(live, missing).catch((error) => {
      throw refusedByTable(rows, error)
    })
  }
  if (sameDigest(await digestKeys(live, rows), rows.digest)) return there.equal.size
  if (missing.rows.length > 0) {
    await transfer.rewrite(live, missing).catch((error) => {
      throw refusedByTable(rows, error)
    })
  }
  const found = await digestKeys(live, rows)
  if (!sameDigest(found, rows.digest)) throw notAsArchived(rows, found)
  return there.equal.size
}

async function digestKeys(live: Transaction, rows: ArchivedRows): Promise<Digest> {
  let digest = emptyDigest
  for (const keys of slices(liveKeys(rows))) {
    const [row = {}] = await live.rows(digestLive(rows.of, keys))
    digest = addDigests(digest, toDigest(row))
  }
  return digest
}
