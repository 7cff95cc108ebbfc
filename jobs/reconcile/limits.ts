import { isSampled } from './classes.ts'
import type { ReconcileConfig } from './config.ts'
import { addDecimals, compareDecimals } from './money.ts'
import type { Step } from './plan-model.ts'
import type { Observation } from './remote.ts'
import { type ReconcileResult, readAmount } from './result-model.ts'
import type { LocalRow } from './row.ts'

/** Below this many rows a share means nothing. */
const RATIO_FROM_ROWS = 20
/** Cancels that failed one after the other: something is wrong that more cancels will not mend. */
const FAILED_CANCELS = 3

/** Why this step may not be taken in this run any more; undefined when it may. Pure. */
export function findLimit(
  step: Step,
  soFar: ReconcileResult,
  { limits }: ReconcileConfig,
): string | undefined {
  if (step.type === 'resume') return undefined
  if (soFar.changed >= limits.maxFixes) return `limits.maxFixes of ${limits.maxFixes} is reached`
  const countsForRatio = step.type === 'compensate' || isSampled(step.row.local)
  if (countsForRatio && exceedsRatio(soFar, limits.maxChangedRatio)) {
    return `more than ${formatPercent(limits.maxChangedRatio)} of the rows compared would be settled rows changed or cancelled (limits.maxChangedRatio)`
  }
  return step.type === 'compensate' ? findCancelLimit(step, soFar, limits.maxAmount) : undefined
}

/** 0.07 × 100 is 7.000000000000001. */
function formatPercent(ratio: number): string {
  return `${Number((ratio * 100).toFixed(3))} %`
}

function exceedsRatio({ counts, settledChanges }: ReconcileResult, ratio: number): boolean {
  const examined = counts.examined ?? 0
  return examined >= RATIO_FROM_ROWS && settledChanges + 1 > examined * ratio
}

function findCancelLimit(
  step: Extract<Step, { type: 'compensate' }>,
  soFar: ReconcileResult,
  maxAmount: Readonly<Record<string, string>>,
): string | undefined {
  if (failedInARow(soFar) >= FAILED_CANCELS) return `${FAILED_CANCELS} cancels in a row did not succeed`
  // A person said yes to this very amount; the cap is for what nobody looked at.
  if (step.actor !== 'rowkeeper') return undefined
  const { payment } = step.observation
  const currency = payment?.currency ?? step.row.currency ?? ''
  if (currency === '' && Object.keys(maxAmount).length > 0)
    return 'limits.maxAmount cannot be kept, since neither side tells the currency'
  const cap = capOf(currency, maxAmount)
  if (cap === undefined || payment === undefined) return undefined
  const before = addDecimals(readAmount(soFar.cancelled[currency]), readAmount(soFar.unconfirmed[currency]))
  const sum = addDecimals(before, readAmount(payment.amount))
  return compareDecimals(sum, readAmount(cap)) > 0
    ? `limits.maxAmount of ${cap} ${currency} would be exceeded`
    : undefined
}

/** One cancel that alone is above the cap would block every run; it is for a person to decide. */
export function exceedsCapAlone(
  row: LocalRow,
  { payment }: Observation,
  { limits }: ReconcileConfig,
): boolean {
  const cap = capOf(payment?.currency ?? row.currency ?? '', limits.maxAmount)
  return (
    cap !== undefined &&
    payment !== undefined &&
    compareDecimals(readAmount(payment.amount), readAmount(cap)) > 0
  )
}

function capOf(currency: string, maxAmount: Readonly<Record<string, string>>): string | undefined {
  return Object.entries(maxAmount).find(([name]) => name.toUpperCase() === currency)?.[1]
}

function failedInARow({ ends }: ReconcileResult): number {
  const cancels = ends.filter(({ ending }) =>
    ['compensated', 'accepted', 'open', 'rejected'].includes(ending),
  )
  const lastGood = cancels.findLastIndex(({ ending }) => ending === 'compensated' || ending === 'accepted')
  return cancels.length - 1 - lastGood
}
