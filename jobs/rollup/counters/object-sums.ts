import { type Counted, compareGroups } from '../fold/fold.ts'
import type { CounterTable } from '../tables.ts'

/** What one object was counted for in a batch, over all its buckets. */
export interface ObjectSum {
  readonly object: string
  readonly events: number
  readonly amounts: readonly bigint[]
}

/** Gathers, as the counters go by, what totals need. */
export interface ObjectSums {
  add(counts: readonly Counted[]): void
  /** In the order in which totals are locked. */
  list(): readonly ObjectSum[]
}

interface Pile {
  events: number
  readonly amounts: bigint[]
}

export function createObjectSums({ sizes }: CounterTable, position: number): ObjectSums {
  const [smallest] = sizes
  const piles = new Map<string, Pile>()
  return {
    add(counts) {
      for (const { group, series, size, events, amounts } of counts) {
        // Each size has every event once, and bots are not in totals.
        if (size !== smallest || series === 'bots') continue
        const object = group[position] ?? ''
        const pile = piles.get(object)
        if (pile === undefined) piles.set(object, { events, amounts: [...amounts] })
        else addTo(pile, events, amounts)
      }
    },
    list: () => [...piles].map(([object, pile]) => ({ object, ...pile })).toSorted(compareObjects),
  }
}

export function compareObjects(one: ObjectSum, other: ObjectSum): number {
  return compareGroups([one.object], [other.object])
}

function addTo(pile: Pile, events: number, amounts: readonly bigint[]): void {
  pile.events += events
  for (let index = 0; index < pile.amounts.length; index++)
    pile.amounts[index] = (pile.amounts[index] ?? 0n) + (amounts[index] ?? 0n)
}
