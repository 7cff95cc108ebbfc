import { z } from 'zod'
import type { LatencySummary } from '../../src/http/latency.ts'
import type { Facts } from './classes.ts'
import type { WritableClass } from './decide.ts'
import type { Finding } from './items.ts'
import type { Operation } from './operation.ts'
import type { Observation } from './remote.ts'
import type { LocalRow } from './row.ts'

/** What the run shall do. A plan is evidence, not permission: every step looks again before it changes anything. */
export type Step =
  | {
      readonly type: 'set'
      readonly row: LocalRow
      readonly to: WritableClass
      readonly facts: Facts
      readonly observation: Observation
      readonly actor: string
    }
  | {
      readonly type: 'compensate'
      readonly row: LocalRow
      readonly facts: Facts
      readonly observation: Observation
      readonly actor: string
    }
  /** An operation of an earlier run: what its payment shows now. */
  | { readonly type: 'resume'; readonly operation: Operation; readonly observation: Observation }

/** Rows of one kind of mismatch, by what is to be done about them. */
export type KindCounts = Readonly<Record<'found' | 'automatic' | 'review' | 'off', number>>

export type PlanCounts = Readonly<
  Record<'examined' | 'matched' | 'mismatched' | 'waiting' | 'unanswered' | 'review', number>
>

/** One page of work, or all pages folded together. Plain JSON. */
export interface ReconcilePlan {
  readonly asOf: string
  readonly counts: PlanCounts
  readonly kinds: Readonly<Partial<Record<Facts, KindCounts>>>
  readonly findings: readonly Finding[]
  readonly steps: readonly Step[]
  readonly latency: LatencySummary | undefined
}

export const emptyPlan: ReconcilePlan = {
  asOf: '',
  counts: { examined: 0, matched: 0, mismatched: 0, waiting: 0, unanswered: 0, review: 0 },
  kinds: {},
  findings: [],
  steps: [],
  latency: undefined,
}

/** Findings of rows that agree are dropped when pages are folded: a million of them would not fit, and nobody reads them. */
export function addPlans(first: ReconcilePlan, second: ReconcilePlan): ReconcilePlan {
  return {
    asOf: first.asOf === '' ? second.asOf : first.asOf,
    counts: addCounts(first.counts, second.counts),
    kinds: addKinds(first.kinds, second.kinds),
    findings: [...first.findings, ...second.findings.filter((finding) => finding.mismatch)],
    steps: [...first.steps, ...second.steps],
    // The service's histogram is one for the whole run; the last page has all of it.
    latency: second.latency ?? first.latency,
  }
}

/** Adds number by number; a name missing on one side counts as 0. */
export function addCounts<Name extends string>(
  first: Readonly<Record<Name, number>>,
  second: Readonly<Record<Name, number>>,
): Record<Name, number> {
  const sum: Record<Name, number> = { ...first }
  for (const name of Object.keys(second) as Name[]) sum[name] = (sum[name] ?? 0) + second[name]
  return sum
}

export function addKinds(
  first: ReconcilePlan['kinds'],
  second: ReconcilePlan['kinds'],
): ReconcilePlan['kinds'] {
  const sum: Partial<Record<Facts, KindCounts>> = { ...first }
  for (const [facts, counts] of Object.entries(second) as [Facts, KindCounts][]) {
    const before = sum[facts]
    sum[facts] = before === undefined ? counts : addCounts(before, counts)
  }
  return sum
}

/**
 * Reads a saved plan. Its steps were made by this very program and are looked at again one by one before anything
 * changes; the schema guards against a file of another kind, not against a forger with write access to it.
 */
export const savedPlan: z.ZodType<ReconcilePlan> = z.custom<ReconcilePlan>(
  (value) =>
    z
      .object({
        asOf: z.string(),
        counts: z.record(z.string(), z.number()),
        kinds: z.record(z.string(), z.unknown()),
        findings: z.array(z.object({ keyHash: z.string(), state: z.string() }).loose()),
        steps: z.array(z.object({ type: z.enum(['set', 'compensate', 'resume']) }).loose()),
      })
      .loose()
      .safeParse(value).success,
  'is no plan of a reconcile job',
)
