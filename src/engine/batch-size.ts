import { type ChunkSizing, nextChunkSize } from './chunk-size.ts'

/** One transaction holds this much at most, so that its locks, its undo and its part of the binary log stay small. */
const MAXIMUM_BYTES = 16 * 1024 * 1024

/** Begins small: nothing is known yet of how long rows of this table take. */
const FIRST_ROWS = 500

export interface BatchLimits {
  /** Of `batch` in the configuration. */
  readonly rows: number
  readonly targetMs: number
  readonly averageRowBytes: number
}

export interface BatchSize {
  /** Of the next batch. */
  readonly rows: number
  /** After a batch of so many rows took so long. One that could not be filled says nothing about its size. */
  grow(moved: number, elapsedMs: number): void
  /** Halves it: the rows were held by others, or had too many children. False when it is one row already. */
  shrink(): boolean
}

export function createBatchSize(limits: BatchLimits): BatchSize {
  const sizing = sizingFor(limits)
  let rows = Math.min(FIRST_ROWS, sizing.maximum)
  return {
    get rows() {
      return rows
    },
    grow(moved, elapsedMs) {
      if (moved < rows) return
      rows = nextChunkSize(rows, elapsedMs, sizing)
    },
    shrink() {
      const isOne = rows === 1
      rows = Math.max(1, Math.floor(rows / 2))
      return !isOne
    },
  }
}

function sizingFor({ rows, targetMs, averageRowBytes }: BatchLimits): ChunkSizing {
  const fitting = Math.floor(MAXIMUM_BYTES / Math.max(1, averageRowBytes))
  return { targetMs, minimum: 1, maximum: Math.max(1, Math.min(rows, fitting)) }
}
