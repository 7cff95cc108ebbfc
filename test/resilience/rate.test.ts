import { describe, expect, it } from 'vitest'
import { createRate } from '../../src/resilience/rate.ts'
import { createHandClock } from '../support/hand-clock.ts'

const { signal } = new AbortController()

function takeMany(rate: ReturnType<typeof createRate>, count: number) {
  const taken = { count: 0 }
  for (let index = 0; index < count; index += 1) {
    rate.take(signal).then(() => {
      taken.count += 1
    })
  }
  return taken
}

describe('createRate', () => {
  it('gives a tenth of a second at once and the rest evenly', async () => {
    const clock = createHandClock()
    const taken = takeMany(createRate(50, clock), 100)
    await clock.advance(0)
    expect(taken.count).toBe(5)
    await clock.advance(1000)
    expect(taken.count).toBe(55)
  })

  it('gives one at once when a tenth of a second is less', async () => {
    const clock = createHandClock()
    const taken = takeMany(createRate(2, clock), 10)
    await clock.advance(0)
    expect(taken.count).toBe(1)
    await clock.advance(1000)
    expect(taken.count).toBe(3)
  })

  it('has no limit when none is configured', async () => {
    const clock = createHandClock()
    const taken = takeMany(createRate(undefined, clock), 1000)
    await clock.advance(0)
    expect(taken.count).toBe(1000)
  })

  it('lets nothing start during a pause, not even those who were waiting for their turn', async () => {
    const clock = createHandClock()
    const rate = createRate(10, clock)
    const taken = takeMany(rate, 5)
    await clock.advance(100)
    expect(taken.count).toBe(2)
    rate.pauseUntil(clock.elapsed() + 2000)
    await clock.advance(1999)
    expect(taken.count).toBe(2)
    expect(rate.pausedFor()).toBe(1)
    await clock.advance(1)
    expect(taken.count).toBe(3)
  })

  it('gives a token up when a long pause begins meanwhile', async () => {
    const clock = createHandClock()
    const rate = createRate(1, clock)
    await rate.take(signal)
    const waiting = rate.take(signal, 5000)
    rate.pauseUntil(60_000)
    await clock.advance(1000)
    await expect(waiting).resolves.toBe(false)
  })

  it('halves once for the 429s of one moment and recovers by five percent a second', async () => {
    const clock = createHandClock()
    const rate = createRate(100, clock)
    takeMany(rate, 300)
    await clock.advance(2000)
    rate.slowDown()
    rate.slowDown()
    expect(rate.perSecond()).toBeCloseTo(50, 0)
    await clock.advance(4000)
    expect(rate.perSecond()).toBeCloseTo(70, 0)
    await clock.advance(10_000)
    expect(rate.perSecond()).toBe(100)
  })

  it('finds a limit by itself when none is configured', async () => {
    const clock = createHandClock()
    const rate = createRate(undefined, clock)
    takeMany(rate, 40)
    await clock.advance(0)
    rate.slowDown()
    expect(rate.perSecond()).toBe(20)
    await clock.advance(10_000)
    expect(rate.perSecond()).toBe(Number.POSITIVE_INFINITY)
  })

  it('stops waiting when the signal aborts and leaves no timer', async () => {
    const clock = createHandClock()
    const rate = createRate(1, clock)
    await rate.take(signal)
    const stop = new AbortController()
    const waiting = rate.take(stop.signal)
    stop.abort(new Error('stop'))
    await expect(waiting).rejects.toThrow('stop')
    expect(clock.pending()).toBe(0)
  })
})
