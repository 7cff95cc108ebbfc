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
  /** What was counted most in this run. */
  readonly top: readonly TopEntry[]
}

export interface TopEntry {
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
    top: addTops(first.top, second.top),
  }
}

function addCounts(first: Outcome['counts'], second: Outcome['counts']): Outcome['counts'] {
  return Object.fromEntries(
    Object.keys(counts).map((name) => [name, (first[name] ?? 0) + (second[name] ?? 0)]),
  )
}

/** So many objects are kept in mind: the ten shown are then right, but for objects that were never among these in a batch. */
const REMEMBERED = 1000

function addTops(first: readonly TopEntry[], second: readonly TopEntry[]): readonly TopEntry[] {
  if (second.length === 0) return first
  const sums = new Map<string, TopEntry>()
  for (const { group, events } of [...first, ...second]) {
    const name = group.join('\0')
    sums.set(name, { group, events: events + (sums.get(name)?.events ?? 0) })
  }
  return [...sums.values()].toSorted((one, other) => other.events - one.events).slice(0, REMEMBERED)
}
