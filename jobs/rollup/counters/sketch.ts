import { hash } from 'node:crypto'

/**
 * HyperLogLog: from many values, each hashed, remember the longest run of leading zeros in each of 2,048 registers. How
 * many different values there were is read from that to 2.3 % (1.04 / √2048), and two sketches merge into the sketch of
 * all their values. A register is a byte. Read as in O. Ertl, "New cardinality estimation algorithms for HyperLogLog
 * sketches" (2017), section 4: unlike the first formula it has no bias where small numbers end, and needs no tables.
 *
 * Written here because no package held: bloom-filters 3.0.4 takes 235 µs for a value and finds 486 in 1,000,
 * hyperloglog32 1.0.0 (32 bits of hash) finds 3,000 in 100,000.
 */
export type Sketch = Uint8Array

const INDEX_BITS = 11
const REGISTERS = 2 ** INDEX_BITS
/** The longest that one is stored as. */
export const SKETCH_BYTES = REGISTERS
/** Bits of the hash behind the index, of 64. */
const RANK_BITS = 64 - INDEX_BITS

export function emptySketch(): Sketch {
  return new Uint8Array(REGISTERS)
}

/** Changes the sketch given; answers whether the value did, as one that was there before never does. */
export function addToSketch(sketch: Sketch, value: string): boolean {
  const digest = hash('sha256', value, 'buffer')
  const high = digest.readUInt32BE(0)
  const index = high >>> (32 - INDEX_BITS)
  const rank = rankOf((high << INDEX_BITS) >>> INDEX_BITS, digest.readUInt32BE(4))
  if (rank <= (sketch[index] ?? 0)) return false
  sketch[index] = rank
  return true
}

/** One more than the leading zeros of 53 bits, 21 in `high` and 32 in `low`. */
function rankOf(high: number, low: number): number {
  return high === 0 ? 32 - INDEX_BITS + Math.clz32(low) + 1 : Math.clz32(high) - INDEX_BITS + 1
}

/** The sketch of the values of all of them. */
export function mergeSketches(sketches: readonly Sketch[]): Sketch {
  const merged = emptySketch()
  for (const sketch of sketches)
    for (let index = 0; index < REGISTERS; index++)
      merged[index] = Math.max(merged[index] ?? 0, sketch[index] ?? 0)
  return merged
}

/** How many different values there were, near enough. */
export function estimateSketch(sketch: Sketch): number {
  const counts = countRanks(sketch)
  const countOf = (rank: number) => counts[rank] ?? 0
  let sum = REGISTERS * tau(1 - countOf(RANK_BITS + 1) / REGISTERS)
  for (let rank = RANK_BITS; rank >= 1; rank--) sum = (sum + countOf(rank)) / 2
  sum += REGISTERS * sigma(countOf(0) / REGISTERS)
  return Math.round(REGISTERS ** 2 / (2 * Math.LN2 * sum))
}

function countRanks(sketch: Sketch): Uint16Array {
  const counts = new Uint16Array(RANK_BITS + 2)
  for (let index = 0; index < REGISTERS; index++) {
    const rank = sketch[index] ?? 0
    counts[rank] = (counts[rank] ?? 0) + 1
  }
  return counts
}

/** What empty registers say: x + Σ x^(2^k) · 2^(k-1), until it no longer grows. */
function sigma(share: number): number {
  if (share === 1) return Number.POSITIVE_INFINITY
  let [power, weight, sum, before] = [share, 1, share, -1]
  while (sum !== before) {
    power *= power
    before = sum
    sum += power * weight
    weight += weight
  }
  return sum
}

/** What full registers say: ⅓ (1 − x − Σ (1 − x^(2^-k))² · 2^-k). */
function tau(share: number): number {
  if (share === 0 || share === 1) return 0
  let [root, weight, sum, before] = [share, 1, 1 - share, -1]
  while (sum !== before) {
    root = Math.sqrt(root)
    before = sum
    weight /= 2
    sum -= (1 - root) ** 2 * weight
  }
  return sum / 3
}

/** An entry of three bytes for each register in use: its index and its rank. */
const ENTRY_BYTES = 3

/** As it is stored: whole, or only the registers in use where that is shorter, as it is for up to about 800 values. */
export function encodeSketch(sketch: Sketch): Buffer {
  const encoded = Buffer.allocUnsafe(SKETCH_BYTES)
  let length = 0
  for (let index = 0; index < REGISTERS; index++) {
    const rank = sketch[index] ?? 0
    if (rank === 0) continue
    if (length + ENTRY_BYTES >= SKETCH_BYTES) return Buffer.from(sketch)
    encoded[length++] = index >>> 8
    encoded[length++] = index & 0xff
    encoded[length++] = rank
  }
  return encoded.subarray(0, length)
}

/** Undefined for bytes that no sketch was stored as. Nothing stored is the sketch of nothing. */
export function decodeSketch(bytes: Buffer | null): Sketch | undefined {
  if (bytes === null) return emptySketch()
  if (bytes.length === SKETCH_BYTES) return bytes.every(isRank) ? Uint8Array.from(bytes) : undefined
  if (bytes.length > SKETCH_BYTES || bytes.length % ENTRY_BYTES !== 0) return undefined
  const sketch = emptySketch()
  for (let at = 0; at < bytes.length; at += ENTRY_BYTES) {
    const index = bytes.readUInt16BE(at)
    const rank = bytes.readUInt8(at + 2)
    if (index >= REGISTERS || !isRank(rank)) return undefined
    sketch[index] = rank
  }
  return sketch
}

function isRank(rank: number): boolean {
  return rank <= RANK_BITS + 1
}
