import type { Cell, Row } from '../../db/connection.ts'
import { plural } from '../../lib/units.ts'

/**
 * What a set of rows comes to, in no order: how many, and two sums of their checksums. Digests of disjoint sets add up
 * to the digest of both.
 */
export interface Digest {
  readonly rows: bigint
  /** All checksums, exclusive or. */
  readonly xor: bigint
  /** All checksums, added. */
  readonly sum: bigint
}

export const emptyDigest: Digest = { rows: 0n, xor: 0n, sum: 0n }

/** The columns of `digestOf`, or of the month ledger. */
export function toDigest(row: Row): Digest {
  return {
    rows: BigInt(String(row.row_count)),
    xor: BigInt(String(row.checksum_xor)),
    sum: BigInt(String(row.checksum_sum)),
  }
}

export function addDigests(first: Digest, second: Digest): Digest {
  return { rows: first.rows + second.rows, xor: first.xor ^ second.xor, sum: first.sum + second.sum }
}

/** Of the rows that are left when those of `taken` went. */
export function subtractDigests(all: Digest, taken: Digest): Digest {
  return { rows: all.rows - taken.rows, xor: all.xor ^ taken.xor, sum: all.sum - taken.sum }
}

export function sameDigest(first: Digest, second: Digest): boolean {
  return first.rows === second.rows && first.xor === second.xor && first.sum === second.sum
}

/** `2,000 rows, checksum 1a2b3c4d`. */
export function describeDigest({ rows, xor }: Digest): string {
  return `${plural(Number(rows), 'row')}, checksum ${xor.toString(16).padStart(8, '0')}`
}

/** The same from each row's `rowChecksum`, as `digestOf` computes it in the server. */
export function foldRowChecksum(checksums: readonly Cell[]): Digest {
  return checksums.map((checksum) => BigInt(String(checksum))).reduce(addChecksum, emptyDigest)
}

function addChecksum({ rows, xor, sum }: Digest, checksum: bigint): Digest {
  return { rows: rows + 1n, xor: xor ^ checksum, sum: sum + checksum }
}
