import type { Space } from '../../../src/db/space.ts'
import type { Forecast } from './forecast.ts'

/**
 * Of one lane on a small server: 2 cores, rows of 200 bytes with one index, measured on MariaDB 10.11 and MySQL 9.7. Narrow
 * rows cost by the row, wide ones by the byte.
 */
const COPY_US_PER_ROW = 3
const COPY_BYTES_PER_US = 60
const INDEX_US_PER_ROW = 1.2
const CHECK_US_PER_ROW = 1.5

export interface TableSize extends Pick<Space, 'estimatedRows' | 'dataBytes' | 'indexBytes'> {
  /** Indexes built after the copy. */
  readonly indexes: number
  /** Whether what is copied is written to a binary log as well. */
  readonly binaryLog: boolean
}

/** What a plan can say that may not copy anything. */
export function forecastTypical(size: TableSize): Forecast {
  const { estimatedRows, dataBytes, indexes } = size
  const perRow = Math.max(COPY_US_PER_ROW, dataBytes / Math.max(1, estimatedRows) / COPY_BYTES_PER_US)
  return {
    rows: estimatedRows,
    copyMs: (estimatedRows * perRow) / 1000,
    indexMs: (estimatedRows * INDEX_US_PER_ROW * indexes) / 1000,
    checkMs: (estimatedRows * Math.max(CHECK_US_PER_ROW, perRow / 3)) / 1000,
    diskBytes: forecastDisk(size),
    basis: 'typical',
  }
}

/** The copy with its indexes, what is sorted to build them, and the copy once more in the binary log. */
export function forecastDisk({ dataBytes, indexBytes, binaryLog }: Omit<TableSize, 'estimatedRows'>): number {
  return dataBytes + 2 * indexBytes + (binaryLog ? dataBytes : 0)
}
