import { describe, expect, test } from 'vitest'
import {
  addToSketch,
  decodeSketch,
  emptySketch,
  encodeSketch,
  estimateSketch,
  mergeSketches,
  type Sketch,
} from '../../../../jobs/rollup/counters/sketch.ts'

/** Of 2,048 registers: 1.04 / √2048. */
const STANDARD_ERROR = 0.023

function sketchOf(from: number, to: number): Sketch {
  const sketch = emptySketch()
  for (let value = from; value < to; value++) addToSketch(sketch, `viewer ${value}`)
  return sketch
}

describe('a sketch', () => {
  test('of nothing is nothing', () => {
    expect(estimateSketch(emptySketch())).toBe(0)
  })

  test.each([1, 10, 50, 1_000, 5_000, 10_000, 100_000, 1_000_000])(
    'of %i values is right to three standard errors',
    (values) => {
      const estimate = estimateSketch(sketchOf(0, values))
      const allowed = Math.max(values * 3 * STANDARD_ERROR, 0.5)
      expect(Math.abs(estimate - values)).toBeLessThanOrEqual(allowed)
    },
  )

  test('errs to both sides: over forty sets of 3,000 values the mean is much nearer', () => {
    const estimates = Array.from({ length: 40 }, (_, set) =>
      estimateSketch(sketchOf(set * 3000, (set + 1) * 3000)),
    )
    const mean = estimates.reduce((sum, estimate) => sum + estimate, 0) / estimates.length
    expect(Math.abs(mean - 3000) / 3000).toBeLessThan((3 * STANDARD_ERROR) / Math.sqrt(40))
    expect(estimates.some((estimate) => estimate > 3000)).toBe(true)
    expect(estimates.some((estimate) => estimate < 3000)).toBe(true)
  })

  test('does not change by a value it has, and says so', () => {
    const sketch = emptySketch()
    expect(addToSketch(sketch, 'a')).toBe(true)
    expect(addToSketch(sketch, 'a')).toBe(false)
    expect(estimateSketch(sketch)).toBe(1)
  })

  test('merged is the sketch of all values, those of both counted once', () => {
    const merged = mergeSketches([sketchOf(0, 6000), sketchOf(4000, 9000)])
    expect(merged).toEqual(sketchOf(0, 9000))
  })

  test.each([0, 1, 300, 681, 682, 683, 1000, 50_000])(
    'of %i values reads back as it was stored',
    (values) => {
      const sketch = sketchOf(0, values)
      const stored = encodeSketch(sketch)
      expect(decodeSketch(stored)).toEqual(sketch)
      expect(stored.length).toBeLessThanOrEqual(Math.min(2048, values * 3))
    },
  )

  test.each([
    ['too long', Buffer.alloc(3000)],
    ['cut', Buffer.alloc(2047)],
    ['of an index that is none', Buffer.from([0xff, 0xff, 1])],
    ['of a rank that is none', Buffer.from([0, 1, 55])],
    ['whole, with a rank that is none', Buffer.alloc(2048, 200)],
  ])('%s is told from one', (_, bytes) => {
    expect(decodeSketch(bytes)).toBeUndefined()
  })

  test('that was never stored is empty', () => {
    expect(decodeSketch(null)).toEqual(emptySketch())
  })
})
