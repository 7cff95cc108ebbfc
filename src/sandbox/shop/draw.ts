import type { Random } from '../../lib/random.ts'
import type { Age } from './payment-kinds.ts'

/** smallest ≤ x ≤ largest. */
export function drawWhole(random: Random, smallest: number, largest: number): number {
  return smallest + Math.floor(random.fraction() * (largest - smallest + 1))
}

/** The same items in another order; every order is as likely. */
export function shuffle<T>(items: readonly T[], random: Random): readonly T[] {
  return items
    .map((item) => ({ item, rank: random.fraction() }))
    .toSorted((one, other) => one.rank - other.rank)
    .map(({ item }) => item)
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** Milliseconds. Far from the edges of the job's rules (5 min, 24 h, 30 days), because a demo takes its time too. */
const ages: Record<Age, readonly [smallest: number, largest: number]> = {
  seconds: [0, 20_000],
  hours: [10 * MINUTE, 20 * HOUR],
  days: [2 * DAY, 29 * DAY],
  any: [10 * MINUTE, 29 * DAY],
}

export function drawAge(age: Age, random: Random): number {
  return drawWhole(random, ...ages[age])
}

/** 1,000 minor units of KRW are 1000, of EUR 10.00, of KWD 1.000. */
export interface Money {
  readonly minorUnits: bigint
  readonly currency: string
}

/** Currencies without, with two and with three decimals. */
const currencies = [
  { currency: 'KWD', upTo: 0.05, smallest: 500, largest: 150_000 },
  { currency: 'EUR', upTo: 0.2, smallest: 100, largest: 50_000 },
  { currency: 'USD', upTo: 0.4, smallest: 100, largest: 50_000 },
  { currency: 'KRW', upTo: 1, smallest: 1_000, largest: 200_000 },
] as const

export function drawMoney(random: Random): Money {
  const point = random.fraction()
  const { currency, smallest, largest } = currencies.find(({ upTo }) => point < upTo) ?? currencies[0]
  return { currency, minorUnits: BigInt(drawWhole(random, smallest, largest)) }
}
