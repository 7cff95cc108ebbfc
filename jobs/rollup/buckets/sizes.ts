import { unreachable } from '../../../src/lib/errors.ts'

/** The smallest first; each is made of whole ones before it. */
export const bucketSizes = ['15min', 'hour', 'day', 'month'] as const

export type BucketSize = (typeof bucketSizes)[number]

/**
 * Where the bucket begins that a moment lies in, both as the clocks of one zone show them. `minute` is
 * `2026-03-29 01:59` or longer. Reckoned on the clock's face, every bucket nests in the next larger one, whatever a zone
 * does: an hour that a zone lives twice is one bucket of two hours, one that it skips is none.
 */
export function bucketStart(minute: string, size: BucketSize): string {
  switch (size) {
    case '15min':
      return `${minute.slice(0, 14)}${quarter(minute)}:00`
    case 'hour':
      return `${minute.slice(0, 13)}:00:00`
    case 'day':
      return `${minute.slice(0, 10)} 00:00:00`
    case 'month':
      return `${minute.slice(0, 7)}-01 00:00:00`
    default:
      return unreachable(size)
  }
}

function quarter(minute: string): string {
  const minutes = Number(minute.slice(14, 16))
  return String(minutes - (minutes % 15)).padStart(2, '0')
}

/** In the order of `bucketSizes`, each once. */
export function orderSizes(sizes: readonly BucketSize[]): readonly [BucketSize, ...BucketSize[]] {
  const [first, ...rest] = bucketSizes.filter((size) => sizes.includes(size))
  if (first === undefined) throw new TypeError('no bucket sizes')
  return [first, ...rest]
}
