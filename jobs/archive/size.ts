import { formatBytes } from '../../src/lib/units.ts'
import type { Size } from './plan-model.ts'

export interface SizeChange {
  readonly before: Size
  readonly after: Size
}

/** What deleting gave, in words: a file does not shrink by deleting, and nobody should have to find that out alone. */
export function sizeFacts(table: string, { before, after }: SizeChange) {
  const value = (of: (size: Size) => number) =>
    `${formatBytes(of(before))} before, ${formatBytes(of(after))} after`
  const files = [before.fileBytes, after.fileBytes]
  return [
    { label: `size of ${table}`, value: `${value(used)}, as the server's statistics have it` },
    {
      label: 'free inside',
      value: `${value(({ freeBytes }) => freeBytes)}, or more: reusable by ${table}, not returned to the system`,
    },
    ...(files.includes(undefined)
      ? []
      : [{ label: 'its file', value: value(({ fileBytes = 0 }) => fileBytes) }]),
  ]
}

/** Rows and indexes; half-empty pages count in full. */
export function used({ dataBytes, indexBytes }: Size): number {
  return dataBytes + indexBytes
}

/** A rebuild copies the whole table; below these it gains less than it costs, and daily growth takes it back. */
const LEAST_SHARE = 0.2
const LEAST_BYTES = 1024 ** 3

/** Bytes that a rebuild would give back to the system; undefined when it does not pay. */
export function findRebuildGain(size: Size): number | undefined {
  const gain = reclaimable(size)
  return gain >= LEAST_BYTES && gain >= fileOf(size) * LEAST_SHARE ? gain : undefined
}

/** At least so many bytes of the file hold nothing. Half-empty pages are not among them: nobody can see those. */
export function reclaimable(size: Size): number {
  return Math.max(size.freeBytes, fileOf(size) - used(size), 0)
}

function fileOf(size: Size): number {
  return size.fileBytes ?? used(size) + size.freeBytes
}
