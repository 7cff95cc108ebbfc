import type { Outcome } from '../../src/run/job.ts'
import type { Month } from './partitions/months.ts'
import type { Size } from './plan-model.ts'

export interface MonthResult {
  readonly rows: number
  readonly bytes: number
  readonly batches: number
  readonly milliseconds: number
  readonly how: 'batches' | 'exchange'
}

/** What became of a month that was due to leave the archive table. */
export interface RotationEnd {
  readonly month: Month
  readonly ending: 'held' | 'dropped' | 'notTaken'
  readonly rows: number
  readonly text: string
}

export interface ArchiveResult extends Outcome {
  readonly months: Readonly<Record<Month, MonthResult>>
  /** Rows that moved with them, by the live table of the child. */
  readonly children: Readonly<Record<string, number>>
  readonly rotations: readonly RotationEnd[]
  /** Why rows or months were left over, in words; each once. */
  readonly leftReasons: readonly string[]
  readonly throttledMs: number
  readonly size: { readonly before: Size; readonly after: Size } | undefined
}

const counts = {
  eligible: 0,
  archived: 0,
  deleted: 0,
  kept: 0,
  months: 0,
  partitionsCreated: 0,
  partitionsDropped: 0,
}

export const emptyResult: ArchiveResult = {
  counts,
  changed: 0,
  leftOver: 0,
  months: {},
  children: {},
  rotations: [],
  leftReasons: [],
  throttledMs: 0,
  size: undefined,
}

export type ArchiveCounts = Readonly<Partial<Record<keyof typeof counts, number>>>

/** A part of a result: what is not named is nothing. */
export function resultOf(
  part: Partial<Omit<ArchiveResult, 'counts'>> & { readonly counts?: ArchiveCounts },
): ArchiveResult {
  return { ...emptyResult, ...part, counts: { ...counts, ...part.counts } }
}

export function addResults(first: ArchiveResult, second: ArchiveResult): ArchiveResult {
  const months = addMonths(first.months, second.months)
  return {
    counts: { ...addNumbers(first.counts, second.counts), months: Object.keys(months).length },
    changed: first.changed + second.changed,
    leftOver: first.leftOver + second.leftOver,
    uncertain: (first.uncertain ?? 0) + (second.uncertain ?? 0),
    months,
    children: addNumbers(first.children, second.children),
    rotations: [...first.rotations, ...second.rotations],
    leftReasons: [...new Set([...first.leftReasons, ...second.leftReasons])],
    throttledMs: first.throttledMs + second.throttledMs,
    size: second.size ?? first.size,
  }
}

function addMonths(first: ArchiveResult['months'], second: ArchiveResult['months']): ArchiveResult['months'] {
  const sum: Record<Month, MonthResult> = { ...first }
  for (const [month, result] of Object.entries(second)) {
    const before = sum[month]
    sum[month] = before === undefined ? result : addMonth(before, result)
  }
  return sum
}

function addMonth({ how: _, ...before }: MonthResult, { how, ...result }: MonthResult): MonthResult {
  return { ...addNumbers(before, result), how }
}

function addNumbers<Names extends string>(
  first: Readonly<Record<Names, number>>,
  second: Readonly<Record<Names, number>>,
): Record<Names, number> {
  const sum: Record<Names, number> = { ...first }
  for (const name of Object.keys(second) as Names[]) sum[name] = (sum[name] ?? 0) + second[name]
  return sum
}
