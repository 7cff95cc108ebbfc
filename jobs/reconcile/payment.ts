import type { ServiceConfig } from '../../src/config/schema.ts'
import {
  type AmountUnit,
  compareDecimals,
  type Decimal,
  formatDecimal,
  parseDecimal,
  toMajor,
} from './money.ts'
import type { LocalRow } from './row.ts'

/** A payment as the service shows it. Amounts are decimal text in major units. */
export interface ExternalPayment {
  readonly id: string
  readonly status: string
  readonly amount: string
  readonly currency: string | undefined
  readonly refunded: string | undefined
  readonly refundable: string | undefined
  readonly updatedAt: string | undefined
}

export interface Comparison {
  /** Amount, currency and identity are ours. */
  readonly isSame: boolean
  /** Also what was given back fits. */
  readonly agrees: boolean
  readonly reason: string
}

interface Against {
  readonly amountUnit: AmountUnit
  /** The service's status in our words. */
  readonly mapped: ServiceConfig['lookup']['statuses'][string]
}

/** Whether the service's payment is the one our row speaks of, amount for amount. */
export function comparePayment(
  payment: ExternalPayment,
  row: LocalRow,
  { amountUnit, mapped }: Against,
): Comparison {
  const ours = localAmount(row.amount, row, amountUnit)
  const theirs = parseDecimal(payment.amount)
  const reason = findDifference(payment, row, ours, theirs)
  const isSame = reason === undefined
  const agrees =
    isSame && refundsFit(payment, row, amountUnit) && (mapped !== 'refunded' || isWholeRefund(payment))
  return { isSame, agrees, reason: reason ?? '' }
}

/** A payment called refunded of which only a part went back is not what it is called. 0 is a voided authorization. */
function isWholeRefund({ amount, refunded }: ExternalPayment): boolean {
  const whole = parseDecimal(amount)
  const back = refunded === undefined ? undefined : parseDecimal(refunded)
  return whole === undefined || back === undefined || back.digits === 0n || compareDecimals(back, whole) >= 0
}

function findDifference(
  payment: ExternalPayment,
  row: LocalRow,
  ours: Decimal | undefined,
  theirs: Decimal | undefined,
): string | undefined {
  if (ours === undefined || theirs === undefined) return `our amount ${row.amount} is no decimal`
  if (compareDecimals(ours, theirs) !== 0) return `we have ${formatDecimal(ours)}`
  if (row.currency !== undefined && payment.currency !== undefined && row.currency !== payment.currency) {
    return `we have ${row.currency}`
  }
  if (row.externalId !== undefined && row.externalId !== payment.id) return `we know it as ${row.externalId}`
  return undefined
}

/** A partly refunded payment fits when both sides gave back the same; without our own figure nobody can tell. */
function refundsFit(payment: ExternalPayment, row: LocalRow, amountUnit: AmountUnit): boolean {
  if (row.refunded === undefined || payment.refunded === undefined) return row.local !== 'partial'
  const ours = localAmount(row.refunded, row, amountUnit)
  const theirs = parseDecimal(payment.refunded)
  if (ours === undefined || theirs === undefined) return false
  return row.local !== 'partial' || compareDecimals(ours, theirs) === 0
}

/** Our amount in major units. */
function localAmount(text: string, row: LocalRow, unit: AmountUnit): Decimal | undefined {
  const decimal = parseDecimal(text)
  return decimal && toMajor(decimal, unit, row.currency)
}
