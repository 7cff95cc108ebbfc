import { randomBytes, randomInt } from 'node:crypto'
import { v7 } from 'uuid'

/** The only door to randomness, so that a seeded run can be repeated exactly. */
export interface Random {
  /** 0 ≤ x < 1. */
  fraction(): number
  /** A time-ordered id (UUID version 7). */
  id(): string
  /** 128 unguessable bits as hexadecimal text. */
  token(): string
}

const RESOLUTION = 2 ** 32

export const systemRandom: Random = {
  fraction: () => randomInt(RESOLUTION) / RESOLUTION,
  id: () => v7(),
  token: () => randomBytes(16).toString('hex'),
}

/** The same sequence for the same seed (mulberry32). For tests and the demo, never for tokens that must not be guessed. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const fraction = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / RESOLUTION
  }
  const bytes = () => Uint8Array.from({ length: 16 }, () => Math.floor(fraction() * 256))
  return {
    fraction,
    id: () => v7({ random: bytes() }),
    token: () => Buffer.from(bytes()).toString('hex'),
  }
}
