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
  /** Every size of bucket. In an order that is the same for everybody: whoever locks counters locks them in this one. */
  counts(): readonly Counted[]
  /** People and bots together. */
  days(): readonly CountedDay[]
}

interface Pile {
  readonly group: readonly string[]
  readonly series: Series
  events: number
  amounts: bigint[]
  values: Set<string>[]
}

export interface FoldOptions {
  readonly sizes: readonly BucketSize[]
  /** How many measures of each kind there are. */
  readonly sums: number
  readonly uniques: number
}

export function createFold({ sizes, sums, uniques }: FoldOptions): Fold {
  const [smallest, ...larger] = orderSizes(sizes)
  const buckets = new Map<string, Map<string, Pile>>()
  let events = 0
  let lastMinute = ''
  let lastBucket = new Map<string, Pile>()

  const bucketOf = (minute: string) => {
    if (minute === lastMinute) return lastBucket
    const start = bucketStart(minute, smallest)
    lastBucket = getOrMake(buckets, start, () => new Map())
    lastMinute = minute
    return lastBucket
  }
  const makePile = (group: readonly string[], series: Series): Pile => ({
    group,
    series,
    events: 0,
    amounts: Array.from({ length: sums }, () => 0n),
    values: Array.from({ length: uniques }, () => new Set<string>()),
  })
  return {
    add({ group, series, minute, amounts, values }) {
      const bucket = bucketOf(minute)
      const name = pileName(group, series)
      const pile = bucket.get(name) ?? makePile(group, series)
      if (pile.events === 0) bucket.set(name, pile)
      pile.events += 1
      for (let index = 0; index < sums; index++)
        pile.amounts[index] = (pile.amounts[index] ?? 0n) + (amounts[index] ?? 0n)
      for (let index = 0; index < uniques; index++) {
        const value = values[index] ?? null
        if (value !== null) pile.values[index]?.add(value)
      }
      events += 1
    },
    get events() {
      return events
    },
    counts() {
      const all = [{ size: smallest, buckets }]
      for (const size of larger) all.push({ size, buckets: merge(all.at(-1)?.buckets ?? buckets, size) })
      return all.flatMap((entry) => listCounted(entry.buckets, entry.size)).toSorted(compareCounted)
    },
    days: () => listDays(buckets, sums),
  }
}

/** No value that a key is made of holds a NUL: digits, printed times, or hexadecimal digits. */
function pileName(group: readonly string[], series: Series): string {
  const [only = ''] = group
  return series === 'people' && group.length === 1 ? only : `${series}\0${group.join('\0')}`
}

/** Larger buckets from smaller ones: a whole batch is gone through once, not once for each size. */
function merge(
  smaller: ReadonlyMap<string, Map<string, Pile>>,
  size: BucketSize,
): Map<string, Map<string, Pile>> {
  const merged = new Map<string, Map<string, Pile>>()
  for (const [start, piles] of smaller) {
    const bucket = getOrMake(merged, bucketStart(start, size), () => new Map<string, Pile>())
    for (const [name, pile] of piles) {
      const into = bucket.get(name)
      if (into === undefined) bucket.set(name, copyPile(pile))
      else addPile(into, pile)
    }
  }
  return merged
}

function copyPile(pile: Pile): Pile {
  return { ...pile, amounts: [...pile.amounts], values: pile.values.map((values) => new Set(values)) }
}

function addPile(into: Pile, { events, amounts, values }: Pile): void {
  into.events += events
  into.amounts = into.amounts.map((sum, index) => sum + (amounts[index] ?? 0n))
  values.forEach((set, index) => {
    for (const value of set) into.values[index]?.add(value)
  })
}

function listCounted(buckets: ReadonlyMap<string, ReadonlyMap<string, Pile>>, size: BucketSize): Counted[] {
  const counted: Counted[] = []
  for (const [start, piles] of buckets)
    for (const pile of piles.values()) counted.push({ ...pile, size, start })
  return counted
}

/** Numbers by their value, near to the order of the counter table's own key: neighbours lie on one page. */
function compareCounted(first: Counted, second: Counted): number {
  return (
    compareGroups(first.group, second.group) ||
    compareTexts(first.series, second.series) ||
    compareTexts(first.size, second.size) ||
    compareTexts(first.start, second.start)
  )
}

export function compareGroups(first: readonly string[], second: readonly string[]): number {
  for (const [index, text] of first.entries()) {
    const other = second[index] ?? ''
    const order = text.length - other.length || compareTexts(text, other)
    if (order !== 0) return order
  }
  return 0
}

function compareTexts(first: string, second: string): number {
  if (first === second) return 0
  return first < second ? -1 : 1
}

function listDays(
  buckets: ReadonlyMap<string, ReadonlyMap<string, Pile>>,
  sums: number,
): readonly CountedDay[] {
  const days = new Map<string, { events: number; amounts: bigint[] }>()
  for (const [start, piles] of buckets) {
    const day = getOrMake(days, start.slice(0, 10), () => ({
      events: 0,
      amounts: Array.from({ length: sums }, () => 0n),
    }))
    for (const pile of piles.values()) {
      day.events += pile.events
      day.amounts = day.amounts.map((sum, index) => sum + (pile.amounts[index] ?? 0n))
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
