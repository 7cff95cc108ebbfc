import { formatBytes } from '../../src/lib/units.ts'
import type { Size } from './plan-model.ts'

/** What deleting gave, in words: a file does not shrink by deleting, and nobody should have to find that out alone. */
export function sizeFacts({ before, after }: { readonly before: Size; readonly after: Size }) {
  return [
    { label: 'live rows and indexes', value: `${used(before)} before, ${used(after)} after` },
    {
      label: 'reusable in the table',
      value: `${formatBytes(before.freeBytes)} before, at least ${formatBytes(after.freeBytes)} after (reusable by this table, not returned to the system)`,
    },
    ...(before.fileBytes === undefined || after.fileBytes === undefined
      ? []
      : [
          {
            label: 'file',
            value: `${formatBytes(before.fileBytes)} before, ${formatBytes(after.fileBytes)} after`,
          },
        ]),
  ]
}

function used({ dataBytes, indexBytes }: Size): string {
  return formatBytes(dataBytes + indexBytes)
}

/** A rebuild copies the whole table; below these it gains less than it costs, and daily growth takes it back. */
const LEAST_SHARE = 0.2
const LEAST_BYTES = 1024 ** 3

/** Bytes that a rebuild would give back to the system; undefined when it does not pay. */
export function findRebuildGain({ dataBytes, indexBytes, freeBytes, fileBytes }: Size): number | undefined {
  const file = fileBytes ?? dataBytes + indexBytes + freeBytes
  const gain = Math.max(freeBytes, file - dataBytes - indexBytes)
  return gain >= LEAST_BYTES && gain >= file * LEAST_SHARE ? gain : undefined
}
