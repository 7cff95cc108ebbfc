/** What can become of a payment between a shop and its provider, and how each such payment must end. */
import type { PaymentStatus } from '../provider/payment.ts'

/** Statuses as the shop's application writes them. */
export type ShopStatus =
  | 'CREATED'
  | 'PENDING'
  | 'UNKNOWN'
  | 'PAID'
  | 'FAILED'
  | 'ROLLED_BACK'
  | 'REFUNDING'
  | 'REFUNDED'
  | 'PARTLY_REFUNDED'

/**
 * agrees: both sides say the same · fixed: our row takes over what the provider says · cancelled: the provider gives the
 * money back, exactly once · review: left to people · waits: looked at again later · unanswered: the provider's answer
 * says nothing, so nothing happens · tooYoung: within the grace time, not even looked at.
 */
export type Ending = 'agrees' | 'fixed' | 'cancelled' | 'review' | 'waits' | 'unanswered' | 'tooYoung'

/** What else is out of the ordinary, beside the two statuses. */
export type Oddity =
  | 'otherAmount'
  | 'otherCurrency'
  | 'otherPayment'
  | 'otherRefund'
  | 'shipped'
  | 'disputedHere'
  | 'temporaryError'
  | 'unreadableAnswer'
  | 'forgotten'

/** seconds: within the grace time · hours: less than a day · days: more than one · any: from ten minutes to 29 days. */
export type Age = 'seconds' | 'hours' | 'days' | 'any'

export interface PaymentKind {
  readonly name: string
  /** How many of 20,000. */
  readonly share: number
  readonly local: ShopStatus
  /** What the provider has for the order, oldest first. */
  readonly remote: readonly PaymentStatus[]
  readonly odd?: Oddity
  /** Default: any. */
  readonly age?: Age
  readonly ending: Ending
  /** Our status afterwards; default: what it was. */
  readonly after?: ShopStatus
}

/** Gets every payment the others leave over: about nine in ten. */
export const ordinaryKind: PaymentKind = {
  name: 'paid here and there',
  share: 20_000,
  local: 'PAID',
  remote: ['PAID'],
  ending: 'agrees',
}

// Written by hand, and on purpose not derived from the rules of the job: it is what the job is checked against.
const agreeing: readonly PaymentKind[] = [
  { name: 'failed here and there', share: 480, local: 'FAILED', remote: ['FAILED'], ending: 'agrees' },
  { name: 'failed here, never reached there', share: 120, local: 'FAILED', remote: [], ending: 'agrees' },
  { name: 'refunded here and there', share: 300, local: 'REFUNDED', remote: ['CANCELLED'], ending: 'agrees' },
  {
    name: 'rolled back and cancelled',
    share: 90,
    local: 'ROLLED_BACK',
    remote: ['CANCELLED'],
    ending: 'agrees',
  },
  { name: 'paid at the second try', share: 150, local: 'PAID', remote: ['FAILED', 'PAID'], ending: 'agrees' },
  { name: 'partly refunded', share: 60, local: 'PARTLY_REFUNDED', remote: ['PARTIAL'], ending: 'agrees' },
]

const fixed: readonly PaymentKind[] = [
  { name: 'pending, paid', share: 220, local: 'PENDING', remote: ['PAID'], ending: 'fixed', after: 'PAID' },
  { name: 'unknown, paid', share: 60, local: 'UNKNOWN', remote: ['PAID'], ending: 'fixed', after: 'PAID' },
  { name: 'created, paid', share: 40, local: 'CREATED', remote: ['PAID'], ending: 'fixed', after: 'PAID' },
  {
    name: 'pending, failed',
    share: 120,
    local: 'PENDING',
    remote: ['FAILED'],
    ending: 'fixed',
    after: 'FAILED',
  },
  {
    name: 'unknown, failed',
    share: 30,
    local: 'UNKNOWN',
    remote: ['FAILED'],
    ending: 'fixed',
    after: 'FAILED',
  },
  {
    name: 'pending, refunded',
    share: 25,
    local: 'PENDING',
    remote: ['CANCELLED'],
    ending: 'fixed',
    after: 'REFUNDED',
  },
  {
    name: 'unknown, refunded',
    share: 40,
    local: 'UNKNOWN',
    remote: ['CANCELLED'],
    ending: 'fixed',
    after: 'REFUNDED',
  },
  {
    name: 'paid, refunded',
    share: 60,
    local: 'PAID',
    remote: ['CANCELLED'],
    ending: 'fixed',
    after: 'REFUNDED',
  },
  {
    name: 'refunding, refunded',
    share: 40,
    local: 'REFUNDING',
    remote: ['CANCELLED'],
    ending: 'fixed',
    after: 'REFUNDED',
  },
  {
    name: 'refunding, failed',
    share: 10,
    local: 'REFUNDING',
    remote: ['FAILED'],
    ending: 'fixed',
    after: 'FAILED',
  },
]

const cancelled: readonly PaymentKind[] = [
  { name: 'failed, paid', share: 90, local: 'FAILED', remote: ['PAID'], ending: 'cancelled' },
  { name: 'rolled back, paid', share: 110, local: 'ROLLED_BACK', remote: ['PAID'], ending: 'cancelled' },
  { name: 'failed, authorized', share: 14, local: 'FAILED', remote: ['AUTHORIZED'], ending: 'cancelled' },
]

const review: readonly PaymentKind[] = [
  { name: 'paid, failed', share: 15, local: 'PAID', remote: ['FAILED'], ending: 'review' },
  { name: 'paid, partly refunded', share: 20, local: 'PAID', remote: ['PARTIAL'], ending: 'review' },
  { name: 'paid, disputed', share: 12, local: 'PAID', remote: ['DISPUTED'], ending: 'review' },
  { name: 'refunded, still paid', share: 10, local: 'REFUNDED', remote: ['PAID'], ending: 'review' },
  { name: 'pending, authorized', share: 12, local: 'PENDING', remote: ['AUTHORIZED'], ending: 'review' },
  { name: 'charged twice', share: 12, local: 'PENDING', remote: ['PAID', 'PAID'], ending: 'review' },
  {
    name: 'another amount',
    share: 15,
    local: 'PAID',
    remote: ['PAID'],
    odd: 'otherAmount',
    ending: 'review',
  },
  {
    name: 'another currency',
    share: 10,
    local: 'PENDING',
    remote: ['PAID'],
    odd: 'otherCurrency',
    ending: 'review',
  },
  {
    name: 'another payment',
    share: 8,
    local: 'PAID',
    remote: ['PAID'],
    odd: 'otherPayment',
    ending: 'review',
  },
  {
    name: 'another refund',
    share: 8,
    local: 'PARTLY_REFUNDED',
    remote: ['PARTIAL'],
    odd: 'otherRefund',
    ending: 'review',
  },
  {
    name: 'rolled back but shipped',
    share: 8,
    local: 'ROLLED_BACK',
    remote: ['PAID'],
    odd: 'shipped',
    ending: 'review',
  },
  {
    name: 'disputed here',
    share: 6,
    local: 'PENDING',
    remote: ['PAID'],
    odd: 'disputedHere',
    ending: 'review',
  },
  {
    name: 'no longer kept there',
    share: 5,
    local: 'PAID',
    remote: ['PAID'],
    odd: 'forgotten',
    ending: 'review',
  },
]

const undecided: readonly PaymentKind[] = [
  { name: 'pending here and there', share: 40, local: 'PENDING', remote: ['PENDING'], ending: 'waits' },
  { name: 'failed, still pending', share: 8, local: 'FAILED', remote: ['PENDING'], ending: 'waits' },
  { name: 'not found, young', share: 25, local: 'PENDING', remote: [], age: 'hours', ending: 'waits' },
  { name: 'not found, old', share: 15, local: 'UNKNOWN', remote: [], age: 'days', ending: 'waits' },
  { name: 'paid, not found', share: 10, local: 'PAID', remote: [], age: 'days', ending: 'waits' },
  {
    name: 'temporary error',
    share: 6,
    local: 'PENDING',
    remote: ['PAID'],
    odd: 'temporaryError',
    ending: 'unanswered',
  },
  {
    name: 'unreadable answer',
    share: 6,
    local: 'PENDING',
    remote: ['PAID'],
    odd: 'unreadableAnswer',
    ending: 'unanswered',
  },
  { name: 'just begun', share: 8, local: 'PENDING', remote: ['PAID'], age: 'seconds', ending: 'tooYoung' },
]

/** Every kind but the ordinary one. */
export const unusualKinds: readonly PaymentKind[] = [
  ...agreeing,
  ...fixed,
  ...cancelled,
  ...review,
  ...undecided,
]
