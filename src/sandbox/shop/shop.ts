import type { Random } from '../../lib/random.ts'
import { drawAge, shuffle } from './draw.ts'
import { type Ending, ordinaryKind, type PaymentKind, unusualKinds } from './payment-kinds.ts'
import { createPayment, type ShopPayment } from './payment-sides.ts'

/** A made-up shop: payments on both sides, oldest first, with rows numbered from 1. */
export interface Shop {
  readonly payments: readonly ShopPayment[]
  /** The zone of the clock by which its application writes DATETIME columns. */
  readonly timeZone: string
}

export interface ShopOptions {
  /** Payments; from `smallestShop` on every kind occurs. */
  readonly rows: number
  readonly random: Random
  /** The payments were made in the 29 days before. */
  readonly now: Date
}

/** In a smaller one the unusual payments would be more than the ordinary ones. */
export const smallestShop = 100

/** Pure: the same shop for the same seed and the same moment. */
export function generateShop({ rows, random, now }: ShopOptions): Shop {
  const dated = shuffle(chooseKinds(rows), random)
    .map((kind) => ({ kind, createdAt: new Date(now.getTime() - drawAge(kind.age ?? 'any', random)) }))
    .toSorted((one, other) => one.createdAt.getTime() - other.createdAt.getTime())
  const payments = dated.map((draft, index) => createPayment({ ...draft, id: index + 1 }, random))
  return { payments, timeZone: 'Asia/Seoul' }
}

function chooseKinds(rows: number): readonly PaymentKind[] {
  const unusual = unusualKinds.flatMap((kind) => {
    const count = Math.max(1, Math.round((kind.share * rows) / ordinaryKind.share))
    return Array<PaymentKind>(count).fill(kind)
  })
  return [...unusual, ...Array<PaymentKind>(Math.max(0, rows - unusual.length)).fill(ordinaryKind)]
}

export interface EndingCount {
  readonly payments: number
  readonly kinds: number
}

/** How many payments must end in which way, and of how many kinds they are. */
export function countEndings({ payments }: Shop): Readonly<Record<Ending, EndingCount>> {
  const count = (ending: Ending): EndingCount => {
    const ended = payments.filter(({ kind }) => kind.ending === ending)
    return { payments: ended.length, kinds: new Set(ended.map(({ kind }) => kind)).size }
  }
  return {
    agrees: count('agrees'),
    fixed: count('fixed'),
    cancelled: count('cancelled'),
    review: count('review'),
    waits: count('waits'),
    unanswered: count('unanswered'),
    tooYoung: count('tooYoung'),
  }
}
