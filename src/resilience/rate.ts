import type { Clock } from '../lib/clock.ts'
import { wait } from './wait.ts'

export interface Rate {
  /**
   * Resolves with true when one more request may start; with false when a pause of more than `longestPause`
   * milliseconds (default: no limit) began while it waited. Rejects with the signal's reason.
   */
  take(signal: AbortSignal, longestPause?: number): Promise<boolean>
  /** Lets nothing start before this moment of `clock.elapsed()`. Never shortens a pause. */
  pauseUntil(elapsedMilliseconds: number): void
  /** Milliseconds until the pause ends; 0 without one. */
  pausedFor(): number
  /** Halves the rate after a 429. It recovers by 5 % of the ceiling for each second without another. */
  slowDown(): void
  /** Requests per second allowed now; Infinity without a limit. */
  perSecond(): number
}

const SECOND = 1000
const BURST_SECONDS = 0.1
const RECOVERY_PER_SECOND = 0.05
const LOWEST_SHARE = 1 / 32
// Per second: a 429 to one of the first requests says nothing about the rate.
const LOWEST_GUESS = 10

interface Slowdown {
  readonly from: number
  readonly at: number
  readonly ceiling: number
}

/**
 * A token bucket: `perSecond` on average, at once no more than a tenth of a second's worth (at least one).
 * Without `perSecond` there is no limit until the service asks for one; the ceiling then is what was just measured.
 */
export function createRate(perSecond: number | undefined, clock: Clock): Rate {
  const configured = perSecond ?? Number.POSITIVE_INFINITY
  const meter = createMeter(clock)
  let slowdown: Slowdown | undefined
  let nextToken = Number.NEGATIVE_INFINITY
  let pauseEnd = Number.NEGATIVE_INFINITY

  const current = (): number => {
    if (slowdown === undefined) return configured
    const seconds = Math.max(0, clock.elapsed() - slowdown.at) / SECOND
    const recovered = slowdown.from + seconds * RECOVERY_PER_SECOND * slowdown.ceiling
    if (recovered < slowdown.ceiling) return recovered
    slowdown = undefined
    return configured
  }
  const pausedFor = () => Math.max(0, pauseEnd - clock.elapsed())

  /** Takes the next token and says how long to wait for it. */
  const reserve = (): number => {
    const limit = current()
    if (limit === Number.POSITIVE_INFINITY) return pausedFor()
    const now = clock.elapsed()
    const interval = SECOND / limit
    const savedTokens = Math.max(1, limit * BURST_SECONDS) - 1
    const at = Math.max(nextToken, pauseEnd, now - savedTokens * interval)
    nextToken = at + interval
    return Math.max(0, at - now)
  }

  return {
    async take(signal, longestPause = Number.POSITIVE_INFINITY) {
      signal.throwIfAborted()
      let delay = reserve()
      while (delay > 0) {
        await wait(clock, delay, signal)
        if (pausedFor() > longestPause) return false
        // A pause that began while we slept takes our token away.
        delay = pausedFor() > 0 ? reserve() : 0
      }
      meter.count()
      return true
    },
    pauseUntil(elapsed) {
      pauseEnd = Math.max(pauseEnd, elapsed)
    },
    pausedFor,
    slowDown() {
      const now = clock.elapsed()
      // The 429s of requests that were in flight together are one message.
      if (slowdown !== undefined && now - slowdown.at < SECOND) return
      const known = current()
      const limit = known === Number.POSITIVE_INFINITY ? Math.max(meter.perSecond(), LOWEST_GUESS) : known
      const ceiling = slowdown?.ceiling ?? limit
      slowdown = { from: Math.max(limit / 2, ceiling * LOWEST_SHARE), at: Math.max(now, pauseEnd), ceiling }
    },
    perSecond: current,
  }
}

/** Requests started in the last full second, or in this one if those are more already. */
function createMeter(clock: Clock) {
  let start = clock.elapsed()
  let previous = 0
  let running = 0
  const roll = () => {
    const passed = Math.floor((clock.elapsed() - start) / SECOND)
    if (passed === 0) return
    previous = passed === 1 ? running : 0
    running = 0
    start += passed * SECOND
  }
  return {
    count() {
      roll()
      running += 1
    },
    perSecond() {
      roll()
      return Math.max(previous, running)
    },
  }
}
