import { hash } from 'node:crypto'
import type { BucketSize } from '../buckets/sizes.ts'

/** That something was met once: a viewer with an object in a window, or a value in a bucket. */
export interface Mark {
  readonly kind: 'repeat' | BucketSize
  /** Where the window or bucket begins, on the clock of the buckets. */
  readonly starts: string
  /** 128 bits of SHA-256 over all that it is about, as hexadecimal digits: unlike for a billion marks, but for 1 in 10^20. */
  readonly digest: string
}

const DIGITS = 32

/** `about` is made of texts that hold no NUL: see `selectKey`. */
export function createMark(kind: Mark['kind'], starts: string, about: readonly string[]): Mark {
  const digest = hash('sha256', [kind, starts, ...about].join('\0'))
    .slice(0, DIGITS)
    .toUpperCase()
  return { kind, starts, digest }
}
