import type { ReconcilePlan } from './plan-model.ts'

/** How long the changes of a plan may take. */
export interface Estimate {
  readonly lowSeconds: number
  readonly likelySeconds: number
  readonly highSeconds: number
  readonly basis: string
}

/** One fix is one transaction of about eight statements: 2–10 ms measured on loopback, more over a network. */
const FIX_SECONDS = { low: 0.002, likely: 0.005, high: 0.03 }
/** A cancel asks the service three times: before, the call, after. */
const CALLS_OF_A_CANCEL = 3

export function estimateExecution({ steps, latency }: ReconcilePlan): Estimate {
  const fixes = steps.filter((step) => step.type === 'set').length
  const calls = (steps.length - fixes) * CALLS_OF_A_CANCEL
  const seconds = (fix: number, callMs: number) =>
    Math.round((fixes * fix + (calls * callMs) / 1000) * 10) / 10
  return {
    lowSeconds: seconds(FIX_SECONDS.low, latency?.p50 ?? 20),
    likelySeconds: seconds(FIX_SECONDS.likely, latency?.p90 ?? 200),
    highSeconds: seconds(FIX_SECONDS.high, latency?.p99 ?? 2000),
    basis: 'the response times seen while planning; comparing all rows again comes on top',
  }
}
