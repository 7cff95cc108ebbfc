import { describe, expect, it } from 'vitest'
import {
  addDigests,
  type Digest,
  describeDigest,
  emptyDigest,
  foldRowChecksum,
  sameDigest,
  subtractDigests,
  toDigest,
} from '../../../src/engine/chunks/digest.ts'

const highest = 0xffff_ffff
const some = foldRowChecksum([1, 2, highest])
const others = foldRowChecksum(['3', '3'])

describe('a digest', () => {
  it('counts rows, and sums their checksums up in two ways', () => {
    expect(some).toEqual({ rows: 3n, xor: 0xffff_fffcn, sum: 0x1_0000_0002n })
    expect(foldRowChecksum([])).toEqual(emptyDigest)
  })

  it('of two sets is that of both, in either order', () => {
    expect(addDigests(some, others)).toEqual(foldRowChecksum([3, 1, highest, 2, 3]))
    expect(addDigests(others, some)).toEqual(addDigests(some, others))
    expect(addDigests(some, emptyDigest)).toEqual(some)
  })

  it('loses what is taken away', () => {
    expect(subtractDigests(addDigests(some, others), others)).toEqual(some)
    expect(subtractDigests(some, some)).toEqual(emptyDigest)
  })

  it.each([
    ['rows', { ...some, rows: 4n }],
    ['xor', { ...some, xor: 0n }],
    ['sum', { ...some, sum: some.sum + 1n }],
  ] satisfies [string, Digest][])('is another when its %s differs', (_, other) => {
    expect(sameDigest(some, other)).toBe(false)
    expect(sameDigest(some, { ...some })).toBe(true)
  })

  it('is read from a row, beyond what a number can hold', () => {
    const row = { row_count: '3', checksum_xor: '4294967292', checksum_sum: '36893488147419103232' }
    expect(toDigest(row)).toEqual({ rows: 3n, xor: 4294967292n, sum: 2n ** 65n })
  })

  it('refuses a checksum that the server could not compute', () => {
    expect(() => foldRowChecksum([1, null])).toThrow()
  })

  it.each([
    [emptyDigest, '0 rows, checksum 00000000'],
    [{ rows: 1n, xor: 0x1a2bn, sum: 0n }, '1 row, checksum 00001a2b'],
    [{ rows: 2000n, xor: 0x1a2b3c4dn, sum: 1n }, '2,000 rows, checksum 1a2b3c4d'],
  ])('reads %o as %s', (digest, text) => {
    expect(describeDigest(digest)).toBe(text)
  })
})
