import { isSampled } from './classes.ts'
import type { ReconcileConfig } from './config.ts'
import { addDecimals, compareDecimals } from './money.ts'
import type { Step } from './plan-model.ts'
import { type ReconcileResult, readAmount } from './result-model.ts'

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
    return `more than ${limits.maxChangedRatio * 100} % of the rows compared would be settled rows changed or cancelled (limits.maxChangedRatio)`
  }
  return step.type === 'compensate' ? findCancelLimit(step, soFar, limits.maxAmount) : undefined
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
  const { payment } = step.observation
  const currency = payment?.currency ?? ''
  const cap = maxAmount[currency]
  if (cap === undefined || payment === undefined) return undefined
  const sum = addDecimals(readAmount(soFar.cancelled[currency]), readAmount(payment.amount))
  return compareDecimals(sum, readAmount(cap)) > 0
    ? `limits.maxAmount of ${cap} ${currency} would be exceeded`
    : undefined
}

function failedInARow({ ends }: ReconcileResult): number {
  const cancels = ends.filter(({ ending }) => ['compensated', 'open', 'rejected'].includes(ending))
  const lastGood = cancels.findLastIndex(({ ending }) => ending === 'compensated')
  return cancels.length - 1 - lastGood
}
