import { describe, expect, it } from 'vitest'
import { nextChunkSize } from '../../src/engine/chunk-size.ts'

const sizing = { targetMs: 500, minimum: 10, maximum: 5000 }

describe('the next chunk', () => {
  it.each([
    [100, 500, 100],
    [100, 1000, 50],
    [100, 250, 200],
    [100, 400, 125],
  ])('after %i rows in %i ms has %i', (current, elapsed, expected) => {
    expect(nextChunkSize(current, elapsed, sizing)).toBe(expected)
  })

  it('is at most four times as large, however lucky the last was', () => {
    expect(nextChunkSize(100, 1, sizing)).toBe(400)
    expect(nextChunkSize(100, 0, sizing)).toBe(400)
    expect(nextChunkSize(100, -5, sizing)).toBe(400)
  })

  it('stays within its bounds', () => {
    expect(nextChunkSize(4000, 10, sizing)).toBe(5000)
    expect(nextChunkSize(100, 600_000, sizing)).toBe(10)
  })

  it('settles on the size that takes as long as it should', () => {
    const rowsPerMs = 3
    let size = 10
    for (let chunk = 0; chunk < 6; chunk++) size = nextChunkSize(size, size / rowsPerMs, sizing)
    expect(size).toBe(1500)
  })
})
