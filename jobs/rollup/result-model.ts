import type { Outcome } from '../../src/run/job.ts'

export interface RollupResult extends Outcome {
  readonly strategy: string
  /** Milliseconds from the first batch to the last. */
  readonly milliseconds: number
  /** Objects that were counted and have no row to keep a total on: how many, and the first few. */
  readonly unknownObjects: { readonly objects: number; readonly samples: readonly string[] }
  /** Events that belong into no bucket, and stay where they are. */
  readonly unusable: number
  /** Of the waiting events that were not counted, the oldest: as the column has it. */
  readonly oldestWaiting: string | undefined
  /** Why events were left over, in words; each once. */
  readonly leftReasons: readonly string[]
  readonly throttledMs: number
  /** What has the highest counters in the newest of the largest buckets. */
  readonly top: readonly TopEntry[]
  /** That bucket, in words: `month of 2026-03-01`. */
  readonly topOf: string | undefined
}

export interface TopEntry {
  /** As people read them. */
  readonly group: readonly string[]
  readonly events: number
}

const counts = { events: 0, filtered: 0, keys: 0, batches: 0, remaining: 0 }

export type RollupCounts = Readonly<Partial<Record<keyof typeof counts, number>>>

export const emptyResult: RollupResult = {
  counts,
  changed: 0,
  leftOver: 0,
  strategy: '',
  milliseconds: 0,
  unknownObjects: { objects: 0, samples: [] },
  unusable: 0,
  oldestWaiting: undefined,
  leftReasons: [],
  throttledMs: 0,
  top: [],
  topOf: undefined,
}

/** A part of a result: what is not named is nothing. */
export function resultOf(
  part: Partial<Omit<RollupResult, 'counts'>> & { readonly counts?: RollupCounts },
): RollupResult {
  return { ...emptyResult, ...part, counts: { ...counts, ...part.counts } }
}

const SAMPLES = 10

export function addResults(first: RollupResult, second: RollupResult): RollupResult {
  return {
    counts: addCounts(first.counts, second.counts),
    changed: first.changed + second.changed,
    leftOver: first.leftOver + second.leftOver,
    strategy: second.strategy || first.strategy,
    milliseconds: first.milliseconds + second.milliseconds,
    unknownObjects: {
      objects: first.unknownObjects.objects + second.unknownObjects.objects,
      samples: [...new Set([...first.unknownObjects.samples, ...second.unknownObjects.samples])].slice(
        0,
        SAMPLES,
      ),
    },
    unusable: first.unusable + second.unusable,
    oldestWaiting: second.oldestWaiting ?? first.oldestWaiting,
    leftReasons: [...new Set([...first.leftReasons, ...second.leftReasons])],
    throttledMs: first.throttledMs + second.throttledMs,
    top: second.top.length > 0 ? second.top : first.top,
    topOf: second.topOf ?? first.topOf,
  }
}

function addCounts(first: Outcome['counts'], second: Outcome['counts']): Outcome['counts'] {
  return Object.fromEntries(
    Object.keys(counts).map((name) => [name, (first[name] ?? 0) + (second[name] ?? 0)]),
  )
}
