import type { Outcome } from '../../src/run/job.ts'
import type { Phase } from './state/model.ts'

export type Strategy = 'none' | 'instant' | 'inplace' | 'copy'

export interface MigrateResult extends Outcome {
  readonly strategy: Strategy | undefined
  readonly phase: Phase | undefined
  /** Milliseconds of each phase, over all runs of the migration. */
  readonly phaseMs: Readonly<Partial<Record<Phase, number>>>
  /** How long writers were kept waiting by the swap; undefined before it. */
  readonly cutOverStallMs: number | undefined
  readonly estimate: TimeEstimate | undefined
  readonly actualSeconds: number | undefined
  readonly throttledMs: number
  /** Sentences about what is different from what was asked for, or needs to be known. */
  readonly notes: readonly string[]
}

export interface TimeEstimate {
  readonly lowSeconds: number
  readonly likelySeconds: number
  readonly highSeconds: number
  readonly diskBytes: number
  /** What the figures rest on, in words. */
  readonly basis: string
}

const counts = { rowsCopied: 0, changesApplied: 0, rowsChecked: 0, repaired: 0 }

export type MigrateCounts = Readonly<Partial<Record<keyof typeof counts, number>>>

export const emptyResult: MigrateResult = {
  counts,
  changed: 0,
  leftOver: 0,
  strategy: undefined,
  phase: undefined,
  phaseMs: {},
  cutOverStallMs: undefined,
  estimate: undefined,
  actualSeconds: undefined,
  throttledMs: 0,
  notes: [],
}

/** A part of a result: what is not named is nothing. */
export function resultOf(
  part: Partial<Omit<MigrateResult, 'counts'>> & { readonly counts?: MigrateCounts },
): MigrateResult {
  return { ...emptyResult, ...part, counts: { ...counts, ...part.counts } }
}

export function addResults(first: MigrateResult, second: MigrateResult): MigrateResult {
  return {
    counts: Object.fromEntries(
      Object.keys(counts).map((name) => [name, (first.counts[name] ?? 0) + (second.counts[name] ?? 0)]),
    ),
    changed: first.changed + second.changed,
    leftOver: first.leftOver + second.leftOver,
    strategy: second.strategy ?? first.strategy,
    phase: second.phase ?? first.phase,
    phaseMs: { ...first.phaseMs, ...second.phaseMs },
    cutOverStallMs: second.cutOverStallMs ?? first.cutOverStallMs,
    estimate: second.estimate ?? first.estimate,
    actualSeconds: second.actualSeconds ?? first.actualSeconds,
    throttledMs: first.throttledMs + second.throttledMs,
    notes: [...first.notes, ...second.notes],
  }
}
