import type { LatencySummary } from '../../src/http/latency.ts'
import type { Outcome } from '../../src/run/job.ts'
import { addDecimals, type Decimal, formatDecimal, parseDecimal, zero } from './money.ts'
import { addCounts, addKinds, type ReconcilePlan } from './plan-model.ts'

/** How one step ended. `changedMeanwhile`: the row was not as it had been judged any more and was left alone. */
export type StepEnding =
  | 'fixed'
  | 'compensated'
  | 'changedMeanwhile'
  /** Another session held the row for too long; it stays due. */
  | 'busy'
  | 'limit'
  | 'stopped'
  /** An operation that a later run looks at again. */
  | 'open'
  /** As `open`; the service said that it will do it. */
  | 'accepted'
  | 'rejected'
  | 'review'

export interface ItemEnd {
  readonly keyHash: string
  readonly ending: StepEnding
  readonly text: string
}

export interface ReconcileResult extends Outcome {
  readonly uncertain: number
  readonly kinds: ReconcilePlan['kinds']
  /** One for every executed step: bounded by the limits of the run. */
  readonly ends: readonly ItemEnd[]
  /** Rows that looked settled and were changed, and cancels: what maxChangedRatio counts. */
  readonly settledChanges: number
  /** Cancelled in this run, by currency: decimal text in major units. */
  readonly cancelled: Readonly<Record<string, string>>
  /** Sent in this run and not confirmed: may have been cancelled all the same, so it counts for maxAmount. */
  readonly unconfirmed: Readonly<Record<string, string>>
  readonly latency: LatencySummary | undefined
}

const counts = {
  examined: 0,
  matched: 0,
  mismatched: 0,
  fixed: 0,
  compensated: 0,
  waiting: 0,
  review: 0,
  unanswered: 0,
}

export const emptyResult: ReconcileResult = {
  counts,
  changed: 0,
  leftOver: 0,
  uncertain: 0,
  kinds: {},
  ends: [],
  settledChanges: 0,
  cancelled: {},
  unconfirmed: {},
  latency: undefined,
}

export function addResults(first: ReconcileResult, second: ReconcileResult): ReconcileResult {
  return {
    counts: addCounts(first.counts, second.counts),
    changed: first.changed + second.changed,
    leftOver: first.leftOver + second.leftOver,
    uncertain: first.uncertain + second.uncertain,
    kinds: addKinds(first.kinds, second.kinds),
    ends: [...first.ends, ...second.ends],
    settledChanges: first.settledChanges + second.settledChanges,
    cancelled: addAmounts(first.cancelled, second.cancelled),
    unconfirmed: addAmounts(first.unconfirmed, second.unconfirmed),
    latency: second.latency ?? first.latency,
  }
}

/** What a page's plan found out, before anything was done about it. */
export function resultOfPlan(plan: ReconcilePlan): ReconcileResult {
  return {
    ...emptyResult,
    counts: { ...counts, ...plan.counts },
    leftOver: plan.counts.unanswered + plan.counts.review,
    kinds: plan.kinds,
    latency: plan.latency,
  }
}

const leftOverEndings: readonly StepEnding[] = [
  'busy',
  'limit',
  'stopped',
  'open',
  'accepted',
  'rejected',
  'review',
]

/** One step that changed nothing. */
export function resultOfEnd(end: ItemEnd): ReconcileResult {
  const isReview = end.ending === 'review' || end.ending === 'rejected'
  return {
    ...emptyResult,
    counts: { ...counts, review: isReview ? 1 : 0 },
    leftOver: leftOverEndings.includes(end.ending) ? 1 : 0,
    ends: [end],
  }
}

export function resultOfFix(end: ItemEnd, wasSettled: 'open' | 'settled'): ReconcileResult {
  return {
    ...emptyResult,
    counts: { ...counts, fixed: 1 },
    changed: 1,
    ends: [end],
    settledChanges: wasSettled === 'settled' ? 1 : 0,
  }
}

export function resultOfCancel(end: ItemEnd, amount: string, currency: string): ReconcileResult {
  return {
    ...emptyResult,
    counts: { ...counts, compensated: 1 },
    changed: 1,
    ends: [end],
    settledChanges: 1,
    cancelled: { [currency]: amount },
  }
}

/** A cancel that was sent, without a clear end. */
export function resultOfSent(end: ItemEnd, amount: string, currency: string): ReconcileResult {
  return { ...resultOfEnd(end), uncertain: 1, settledChanges: 1, unconfirmed: { [currency]: amount } }
}

function addAmounts(
  first: ReconcileResult['cancelled'],
  second: ReconcileResult['cancelled'],
): ReconcileResult['cancelled'] {
  const sum: Record<string, string> = { ...first }
  for (const [currency, amount] of Object.entries(second)) {
    sum[currency] = formatDecimal(addDecimals(readAmount(sum[currency]), readAmount(amount)))
  }
  return sum
}

export function readAmount(text: string | undefined): Decimal {
  return (text === undefined ? undefined : parseDecimal(text)) ?? zero
}
