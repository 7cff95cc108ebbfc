import { describe, expect, it } from 'vitest'
import { createEta, type Estimate } from '../../src/engine/eta.ts'
import { seededRandom } from '../../src/lib/random.ts'
import { createHandClock } from '../support/hand-clock.ts'

const nothing: Estimate = { ratePerSecond: 0, remaining: undefined }

/** Observes once a second what `doneAt` says; answers the last estimate. */
async function watch(seconds: number, total: number | undefined, doneAt: (second: number) => number) {
  const clock = createHandClock()
  const eta = createEta(clock)
  let last = eta.observe(doneAt(0), total)
  for (let second = 1; second <= seconds; second++) {
    await clock.advance(1000)
    last = eta.observe(doneAt(second), total)
  }
  return last
}

describe('the time still needed', () => {
  it('is not told before three seconds were seen', async () => {
    expect((await watch(2, 1000, (second) => second * 100)).remaining).toBeUndefined()
    expect((await watch(3, 1000, (second) => second * 100)).remaining).toBeDefined()
  })

  it('is exact at an even pace', async () => {
    expect(await watch(6, 1000, (second) => second * 100)).toEqual({
      ratePerSecond: 100,
      remaining: { lowMs: 4000, likelyMs: 4000, highMs: 4000 },
    })
  })

  it('begins at the checkpoint of a resumed step, not at zero', async () => {
    const { ratePerSecond, remaining } = await watch(5, 10_000, (second) => 9000 + second * 100)
    expect(ratePerSecond).toBe(100)
    expect(remaining?.likelyMs).toBe(5000)
  })

  it('follows a slowdown within the window and keeps the old pace in the range', async () => {
    const { ratePerSecond, remaining } = await watch(60, 100_000, (second) =>
      second <= 30 ? second * 100 : 3000 + (second - 30) * 10,
    )
    expect(ratePerSecond).toBeCloseTo(10, 5)
    expect(remaining?.likelyMs).toBeCloseTo((100_000 - 3300) * 100, -3)
    expect(remaining?.lowMs).toBeLessThan(remaining?.likelyMs ?? 0)
  })

  it('is unknown in a standstill', async () => {
    expect(await watch(60, 1000, (second) => Math.min(second * 10, 100))).toEqual(nothing)
  })

  it('is unknown without a total and past it', async () => {
    expect((await watch(9, undefined, (second) => second)).remaining).toBeUndefined()
    expect((await watch(9, 5, (second) => second)).remaining).toBeUndefined()
  })

  it('is never below a second while work remains, and zero when none does', async () => {
    expect((await watch(5, 501, (second) => second * 100)).remaining?.lowMs).toBe(1000)
    expect((await watch(5, 500, (second) => second * 100)).remaining?.likelyMs).toBe(0)
  })

  it('starts anew when the count falls', async () => {
    const { ratePerSecond, remaining } = await watch(7, 1000, (second) =>
      second < 6 ? second * 100 : second,
    )
    expect(ratePerSecond).toBe(1)
    expect(remaining).toBeUndefined()
  })

  it('has its true value in the range nine times in ten, at an uneven pace', async () => {
    const hits = await Promise.all(Array.from({ length: 100 }, (_, seed) => holdsTruth(seed)))
    expect(hits.filter(Boolean).length).toBeGreaterThanOrEqual(90)
  })
})

/** A run of 60 chunks of 1 to 5 s each; looked at after 20. */
async function holdsTruth(seed: number): Promise<boolean> {
  const random = seededRandom(seed)
  const durations = Array.from({ length: 60 }, () => 1000 + random.fraction() * 4000)
  const clock = createHandClock()
  const eta = createEta(clock)
  eta.observe(0, 60)
  let estimate: Estimate = nothing
  for (const [index, duration] of durations.slice(0, 20).entries()) {
    await clock.advance(duration)
    estimate = eta.observe(index + 1, 60)
  }
  const truth = durations.slice(20).reduce((sum, duration) => sum + duration, 0)
  const { lowMs, highMs } = estimate.remaining ?? { lowMs: Number.NaN, highMs: Number.NaN }
  return lowMs <= truth && truth <= highMs
}
