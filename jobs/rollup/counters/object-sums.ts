import { type Counted, compareGroups } from '../fold/fold.ts'
import type { TopEntry } from '../result-model.ts'
import type { CounterTable } from '../tables.ts'

/** What one object was counted for in a batch, over all its buckets. */
export interface ObjectSum {
  readonly object: string
  events: number
  readonly amounts: bigint[]
}

/** Gathers, as the counters go by, what totals and the list of the most counted need. */
export interface ObjectSums {
  add(counts: readonly Counted[]): void
  /** In the order in which totals are locked. */
  list(): readonly ObjectSum[]
  top(): readonly TopEntry[]
}

/** Of one batch: what is not among these in any batch is not among the first ten of the run. */
const TOP = 100

export function createObjectSums({ sizes }: CounterTable, position = 0): ObjectSums {
  const [smallest] = sizes
  const sums = new Map<string, ObjectSum>()
  const groups = new Map<string, TopEntry & { events: number }>()
  return {
    add(counts) {
      for (const counted of counts) {
        // Each size has every event once, and bots are not in totals.
        if (counted.size !== smallest || counted.series === 'bots') continue
        addToObject(sums, counted.group[position] ?? '', counted)
        const name = counted.group.join('\0')
        const entry = groups.get(name)
        if (entry === undefined) groups.set(name, { group: counted.group, events: counted.events })
        else entry.events += counted.events
      }
    },
    list: () => [...sums.values()].toSorted((one, other) => compareGroups([one.object], [other.object])),
    top: () => [...groups.values()].toSorted((one, other) => other.events - one.events).slice(0, TOP),
  }
}

function addToObject(sums: Map<string, ObjectSum>, object: string, { events, amounts }: Counted): void {
  const sum = sums.get(object)
  if (sum === undefined) {
    sums.set(object, { object, events, amounts: [...amounts] })
    return
  }
  sum.events += events
  for (let index = 0; index < sum.amounts.length; index++)
    sum.amounts[index] = (sum.amounts[index] ?? 0n) + (amounts[index] ?? 0n)
}
