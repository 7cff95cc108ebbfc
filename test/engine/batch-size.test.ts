import { describe, expect, test } from 'vitest'
import { createBatchSize } from '../../src/engine/batch-size.ts'

const limits = { rows: 2000, targetMs: 500, averageRowBytes: 200 }

describe('the size of a batch', () => {
  test('begins small and grows towards its time, up to the configured rows', () => {
    const size = createBatchSize(limits)
    const seen = [size.rows]
    for (const milliseconds of [10, 10, 40]) {
      size.grow(size.rows, milliseconds)
      seen.push(size.rows)
    }
    expect(seen).toEqual([500, 2000, 2000, 2000])
  })

  test('shrinks when batches take longer than they should', () => {
    const size = createBatchSize({ ...limits, rows: 400 })
    size.grow(400, 1000)
    expect(size.rows).toBe(200)
  })

  test('learns nothing from a batch that was not full', () => {
    const size = createBatchSize(limits)
    size.grow(3, 5000)
    expect(size.rows).toBe(500)
  })

  test('holds 16 MiB at most, whatever is configured', () => {
    const size = createBatchSize({ rows: 100_000, targetMs: 60_000, averageRowBytes: 1024 * 1024 })
    size.grow(size.rows, 1)
    expect(size.rows).toBe(16)
  })

  test('is one row of any length at least', () => {
    expect(createBatchSize({ ...limits, averageRowBytes: 1e9 }).rows).toBe(1)
  })

  test('is halved when rows are held by others, and says when it cannot be', () => {
    const size = createBatchSize({ ...limits, rows: 3 })
    expect([size.shrink(), size.rows, size.shrink(), size.rows]).toEqual([true, 1, false, 1])
  })
})
