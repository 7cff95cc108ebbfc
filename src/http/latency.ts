import { createHistogram } from 'node:perf_hooks'

export interface LatencySummary {
  /** Milliseconds, 0.1 exact; 0 without a record. */
  readonly p50: number
  readonly p90: number
  readonly p99: number
  readonly max: number
  /** For a bar chart: how many took less than `upToMs` and not less than the bin before. The last has no end: null. */
  readonly bins: readonly { readonly upToMs: number | null; readonly count: number }[]
}

export interface Latency {
  record(milliseconds: number): void
  summary(): LatencySummary
}

const binEnds = [5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000]

/** How long the service took to answer, attempt by attempt. */
export function createLatency(): Latency {
  const histogram = createHistogram()
  const counts = new Array<number>(binEnds.length + 1).fill(0)
  return {
    record(milliseconds) {
      histogram.record(Math.max(1, Math.round(milliseconds * 1000)))
      const found = binEnds.findIndex((end) => milliseconds < end)
      const bin = found === -1 ? binEnds.length : found
      counts[bin] = (counts[bin] ?? 0) + 1
    },
    summary() {
      const percentile = (share: number) =>
        histogram.count === 0 ? 0 : toMilliseconds(histogram.percentile(share))
      return {
        p50: percentile(50),
        p90: percentile(90),
        p99: percentile(99),
        max: histogram.count === 0 ? 0 : toMilliseconds(histogram.max),
        bins: counts.map((count, index) => ({ upToMs: binEnds[index] ?? null, count })),
      }
    },
  }
}

function toMilliseconds(microseconds: number): number {
  return Math.round(microseconds / 100) / 10
}
