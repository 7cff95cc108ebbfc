import { describe, expect, it } from 'vitest'
import { seededRandom, systemRandom } from '../../src/lib/random.ts'

const version7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

describe.each([
  ['the system', systemRandom],
  ['a seed', seededRandom(1)],
])('chance from %s', (_, random) => {
  it('gives fractions from 0 to below 1', () => {
    const fractions = Array.from({ length: 1000 }, () => random.fraction())
    expect(Math.min(...fractions)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...fractions)).toBeLessThan(1)
    expect(fractions.reduce((sum, fraction) => sum + fraction, 0) / 1000).toBeCloseTo(0.5, 1)
  })

  it('gives ids that differ, and tokens of 128 bits', () => {
    const ids = Array.from({ length: 100 }, () => random.id())
    expect(ids.filter((id) => !version7.test(id))).toEqual([])
    expect(new Set(ids).size).toBe(100)
    expect(random.token()).toMatch(/^[0-9a-f]{32}$/)
    expect(random.token()).not.toBe(random.token())
  })
})

describe('a seed', () => {
  it('gives the same sequence again, and another seed another', () => {
    const take = (seed: number) => {
      const random = seededRandom(seed)
      return [random.fraction(), random.token(), random.fraction()]
    }
    expect(take(42)).toEqual(take(42))
    expect(take(42)).not.toEqual(take(43))
  })
})
