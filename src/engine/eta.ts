import type { Clock } from '../lib/clock.ts'

export interface Estimate {
  /** Over the last 30 s; pauses count. */
  readonly ratePerSecond: number
  /** Undefined until three seconds of work were seen, without a total, once the count passed it, and in a standstill. */
  readonly remaining:
    | { readonly lowMs: number; readonly likelyMs: number; readonly highMs: number }
    | undefined
}

export interface Eta {
  /** `done` counts from anywhere (a resumed step begins above zero); one that falls starts the measurement anew. */
  observe(done: number, total: number | undefined): Estimate
}

interface Sample {
  readonly at: number
  readonly done: number
}

/**
 * How fast and how long still, on the monotonic clock. The range is what the rate may be: twice its standard error over
 * the window, widened to hold the average of everything since the start when that says otherwise.
 */
export function createEta(clock: Clock): Eta {
  let first: Sample | undefined
  let samples: readonly Sample[] = []
  return {
    observe(done, total) {
      const now = { at: clock.elapsed(), done }
      if (first === undefined || done < (samples.at(-1)?.done ?? 0)) {
        first = now
        samples = [now]
      }
      samples = addSample(samples, now)
      return estimate([...samples, now], first, total)
    },
  }
}

const WINDOW = 30_000
const SAMPLE_EVERY = 1000
const SLICES_WANTED = 3
const LEAST_SHOWN = 1000

/** One sample a second, and one older than the window to measure the whole window from. */
function addSample(samples: readonly Sample[], now: Sample): readonly Sample[] {
  if (now.at - (samples.at(-1)?.at ?? 0) < SAMPLE_EVERY) return samples
  const kept = samples.filter((_, index) => (samples[index + 1]?.at ?? now.at) > now.at - WINDOW)
  return [...kept, now]
}

function estimate(samples: readonly Sample[], first: Sample, total: number | undefined): Estimate {
  const last = samples.at(-1) ?? first
  const recent = rateBetween(samples[0] ?? first, last)
  const ratePerSecond = recent * 1000
  const left = total === undefined ? Number.NaN : total - last.done
  if (left === 0) return { ratePerSecond, remaining: { lowMs: 0, likelyMs: 0, highMs: 0 } }
  const slices = slicesOf(samples)
  if (!(left > 0) || slices.length < SLICES_WANTED || recent <= 0)
    return { ratePerSecond, remaining: undefined }
  const overall = rateBetween(first, last)
  const error = 2 * standardError(slices, recent)
  const slowest = Math.min(Math.max(recent - error, recent / 4), overall)
  const fastest = Math.max(recent + error, overall)
  const time = (rate: number) => Math.max(left / rate, LEAST_SHOWN)
  return {
    ratePerSecond,
    remaining: { lowMs: time(fastest), likelyMs: time(recent), highMs: time(slowest) },
  }
}

interface Slice {
  readonly duration: number
  readonly rate: number
}

/** The last, unfinished second says too little to be a slice of its own. */
function slicesOf(samples: readonly Sample[]): readonly Slice[] {
  return samples
    .slice(1)
    .map((sample, index) => ({ previous: samples[index] ?? sample, sample }))
    .map(({ previous, sample }) => ({
      duration: sample.at - previous.at,
      rate: rateBetween(previous, sample),
    }))
    .filter(({ duration }) => duration >= SAMPLE_EVERY)
}

function rateBetween(from: Sample, to: Sample): number {
  return to.at > from.at ? (to.done - from.done) / (to.at - from.at) : 0
}

/** Of the mean rate, each slice weighing as much as it lasted. */
function standardError(slices: readonly Slice[], mean: number): number {
  const duration = slices.reduce((sum, slice) => sum + slice.duration, 0)
  const variance =
    slices.reduce((sum, { duration: weight, rate }) => sum + weight * (rate - mean) ** 2, 0) / duration
  return Math.sqrt(variance / slices.length)
}
