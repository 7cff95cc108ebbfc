import { type BucketSize, bucketStart, orderSizes } from '../buckets/sizes.ts'

/** Whose events they are. Without a filter for bots everybody is people. */
export type Series = 'people' | 'bots'

/** One event, read. */
export interface Event {
  /** The values it is counted by, as `selectKey` prints them, in the order of the configuration. */
  readonly group: readonly string[]
  readonly series: Series
  /** What the clock of the buckets showed: `2026-03-29 01:59`. */
  readonly minute: string
  /** For every measure that sums a column, in order. */
  readonly amounts: readonly bigint[]
  /** For every measure of different values, in order; null counts as none. */
  readonly values: readonly (string | null)[]
}

/** What events of one group in one bucket come to. */
export interface Counted {
  readonly group: readonly string[]
  readonly series: Series
  readonly size: BucketSize
  readonly start: string
  readonly events: number
  readonly amounts: readonly bigint[]
  readonly values: readonly ReadonlySet<string>[]
}

/** What events of one day come to: a line of the ledger. */
export interface CountedDay {
  readonly day: string
  readonly events: number
  readonly amounts: readonly bigint[]
}

/** Folds events into buckets in memory that grows with the buckets, not with the events. */
export interface Fold {
  add(event: Event): void
  readonly events: number
  /**
   * Every size of bucket, made as they are asked for. In an order that is the same for everybody: whoever locks counters
   * locks them in this one.
   */
  counts(): Iterable<Counted>
  /** People and bots together. */
  days(): readonly CountedDay[]
}

export interface FoldOptions {
  readonly sizes: readonly BucketSize[]
  /** How many measures of each kind there are. */
  readonly sums: number
  readonly uniques: number
}

/** What events of one group came to, by the start of the smallest bucket. */
interface GroupPile {
  readonly group: readonly string[]
  readonly series: Series
  readonly buckets: Map<string, Pile>
}

interface Pile {
  events: number
  readonly amounts: bigint[]
  readonly values: readonly Set<string>[]
}

/** Most jobs sum no column and ask for no different values: then all piles share these. */
const noAmounts: bigint[] = []
const noValues: readonly Set<string>[] = []

export function createFold({ sizes, sums, uniques }: FoldOptions): Fold {
  const ordered = orderSizes(sizes)
  const [smallest] = ordered
  const groups = new Map<string, GroupPile>()
  let events = 0
  let last = { minute: '', start: '' }

  const startOf = (minute: string) => {
    if (minute !== last.minute) last = { minute, start: bucketStart(minute, smallest) }
    return last.start
  }
  const pileOf = ({ group, series }: Pick<GroupPile, 'group' | 'series'>, start: string) => {
    const { buckets } = getOrMake(groups, pileName(group, series), () => ({
      group,
      series,
      buckets: new Map(),
    }))
    return getOrMake(buckets, start, () => makePile(sums, uniques))
  }
  return {
    add(event) {
      const pile = pileOf(event, startOf(event.minute))
      pile.events += 1
      events += 1
      addAmounts(pile.amounts, event.amounts)
      addValues(pile.values, event.values)
    },
    get events() {
      return events
    },
    *counts() {
      for (const pile of [...groups.values()].toSorted(comparePiles)) yield* listCounted(pile, ordered)
    },
    days: () => listDays(groups.values(), sums),
  }
}

function makePile(sums: number, uniques: number): Pile {
  return {
    events: 0,
    amounts: sums === 0 ? noAmounts : Array.from({ length: sums }, () => 0n),
    values: uniques === 0 ? noValues : Array.from({ length: uniques }, () => new Set<string>()),
  }
}

/** No value that a key is made of holds a NUL: digits, printed times, or hexadecimal digits. */
function pileName(group: readonly string[], series: Series): string {
  const [only = ''] = group
  return series === 'people' && group.length === 1 ? only : `${series}\0${group.join('\0')}`
}

/** A group has few buckets in a batch; the larger ones are made from the smallest, never kept. */
function listCounted(
  { group, series, buckets }: GroupPile,
  sizes: readonly BucketSize[],
): readonly Counted[] {
  const counted = sizes.flatMap((size, index) => {
    const piles = index === 0 ? buckets : mergeInto(buckets, size)
    return [...piles].map(([start, pile]): Counted => {
      const { events, amounts, values } = pile
      return { group, series, size, start, events, amounts, values }
    })
  })
  return counted.toSorted(
    (one, other) => compareTexts(one.size, other.size) || compareTexts(one.start, other.start),
  )
}

function mergeInto(smaller: ReadonlyMap<string, Pile>, size: BucketSize): ReadonlyMap<string, Pile> {
  const merged = new Map<string, Pile>()
  for (const [start, { events, amounts, values }] of smaller) {
    const into = getOrMake(merged, bucketStart(start, size), () => makePile(amounts.length, values.length))
    into.events += events
    addAmounts(into.amounts, amounts)
    addValues(into.values, values)
  }
  return merged
}

function addAmounts(into: bigint[], amounts: readonly bigint[]): void {
  for (let index = 0; index < into.length; index++) into[index] = (into[index] ?? 0n) + (amounts[index] ?? 0n)
}

function addValues(
  into: readonly Set<string>[],
  values: readonly (string | null | ReadonlySet<string>)[],
): void {
  for (let index = 0; index < into.length; index++) {
    const value = values[index] ?? null
    if (typeof value === 'string') into[index]?.add(value)
    else if (value !== null) for (const one of value) into[index]?.add(one)
  }
}

function comparePiles(first: GroupPile, second: GroupPile): number {
  return compareGroups(first.group, second.group) || compareTexts(first.series, second.series)
}

/** Numbers by their value, near to the order of the counter table's own key: neighbours lie on one page. */
export function compareGroups(first: readonly string[], second: readonly string[]): number {
  for (const [index, text] of first.entries()) {
    const other = second[index] ?? ''
    const order = text.length - other.length || compareTexts(text, other)
    if (order !== 0) return order
  }
  return 0
}

export function compareTexts(first: string, second: string): number {
  if (first === second) return 0
  return first < second ? -1 : 1
}

function listDays(groups: Iterable<GroupPile>, sums: number): readonly CountedDay[] {
  const days = new Map<string, { events: number; amounts: bigint[] }>()
  for (const { buckets } of groups) {
    for (const [start, pile] of buckets) {
      const day = getOrMake(days, start.slice(0, 10), () => makePile(sums, 0))
      day.events += pile.events
      addAmounts(day.amounts, pile.amounts)
    }
  }
  return [...days].map(([day, { events, amounts }]) => ({ day, events, amounts }))
}

function getOrMake<Key, Value>(map: Map<Key, Value>, key: Key, make: () => Value): Value {
  const found = map.get(key)
  if (found !== undefined) return found
  const made = make()
  map.set(key, made)
  return made
}
