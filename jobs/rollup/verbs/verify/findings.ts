import type { WrongDay } from './compare-days.ts'
import type { WrongCounter } from './compare-sizes.ts'
import { type Drift, isRepairable } from './find-drift.ts'

/** A month, with what was wrong and is not any more. */
export interface Found extends Drift {
  readonly repaired: readonly WrongCounter[]
}

/** A wrong counter as the report lists it. */
export interface ListedCounter extends WrongCounter {
  readonly fate: 'repaired' | 'repairable' | 'unknown'
}

/** What all months came to. */
export interface Findings {
  readonly days: readonly WrongDay[]
  readonly repaired: number
  /** Wrong still, and could be repaired. */
  readonly repairable: number
  /** Wrong still, and nobody knows by how much, as the smallest counters are wrong as well. */
  readonly unknown: number
  readonly isCut: boolean
  /** By measure, without signs: in units of the last digit. */
  readonly difference: readonly bigint[]
  /** Those that are off by most. */
  readonly worst: readonly ListedCounter[]
}

const WORST = 20

export function createFindings(): { add(found: Found): void; list(): Findings } {
  const days: WrongDay[] = []
  const difference: bigint[] = []
  const count = { repaired: 0, repairable: 0, unknown: 0 }
  let worst: readonly ListedCounter[] = []
  let isCut = false
  return {
    add(found) {
      days.push(...found.days)
      isCut ||= found.isCut
      const listed = listCounters(found)
      for (const { fate, missing } of listed) {
        count[fate] += 1
        for (const [index, amount] of missing.entries())
          difference[index] = (difference[index] ?? 0n) + absolute(amount)
      }
      worst = [...worst, ...listed].toSorted(compareErrors).slice(0, WORST)
    },
    list: () => ({ days, ...count, isCut, difference, worst }),
  }
}

function listCounters(found: Found): readonly ListedCounter[] {
  const { days, counters, repaired } = found
  return [
    ...repaired.map((counter) => ({ ...counter, fate: 'repaired' as const })),
    ...counters.map((counter) => ({
      ...counter,
      fate: isRepairable({ days }, counter) ? ('repairable' as const) : ('unknown' as const),
    })),
  ]
}

function compareErrors(one: ListedCounter, other: ListedCounter): number {
  const [first, second] = [largest(one), largest(other)]
  if (first === second) return 0
  return first > second ? -1 : 1
}

function largest({ missing }: ListedCounter): bigint {
  return missing.map(absolute).reduce((most, amount) => (amount > most ? amount : most), 0n)
}

export function absolute(amount: bigint): bigint {
  return amount < 0n ? -amount : amount
}
