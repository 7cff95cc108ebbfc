import type { Column } from '../../../src/db/catalog.ts'
import { fromColumnTime, toColumnTime, toEarliestColumnTime } from '../../../src/db/date-time.ts'
import type { Value } from '../../../src/db/statement.ts'
import { unreachable } from '../../../src/lib/errors.ts'
import { isMonth, type Month, monthOf, nextMonth, previousMonth, startOfMonth } from './months.ts'

export type EpochUnit = 'seconds' | 'milliseconds'

/**
 * How the age column means time. A DATE is a day of the zone in which months begin; a DATETIME is a wall clock in the
 * zone its application writes in; TIMESTAMP and epoch are instants.
 */
export type Age =
  | { readonly column: Column; readonly kind: 'date' }
  | { readonly column: Column; readonly kind: 'datetime'; readonly zone: string }
  | { readonly column: Column; readonly kind: 'timestamp' }
  | { readonly column: Column; readonly kind: 'epoch'; readonly unit: EpochUnit }

export interface AgeOptions {
  /** What a column of whole numbers counts since 1970. */
  readonly unit: EpochUnit | undefined
  /** The zone in which the application writes DATETIME columns. */
  readonly columnZone: string
}

/** `problem` ends a sentence that names the column: "orders.paid_at cannot be the age: …". */
export function toAge(column: Column, options: AgeOptions): Age | { readonly problem: string } {
  if (column.isGenerated) {
    return { problem: 'it is generated; use the column it is computed from' }
  }
  switch (column.dataType) {
    case 'date':
      return withoutUnit({ column, kind: 'date' }, options)
    case 'datetime':
      return withoutUnit({ column, kind: 'datetime', zone: options.columnZone }, options)
    case 'timestamp':
      return withoutUnit({ column, kind: 'timestamp' }, options)
    case 'int':
    case 'bigint':
      return toEpoch(column, options)
    default:
      return { problem: refusalOf(column) }
  }
}

function withoutUnit(age: Age, { unit }: AgeOptions): Age | { readonly problem: string } {
  if (unit === undefined) return age
  return { problem: `it is a ${age.column.columnType}, and unit: ${unit} is for whole numbers; remove unit` }
}

function toEpoch(column: Column, { unit }: AgeOptions): Age | { readonly problem: string } {
  if (unit === undefined) {
    return {
      problem: `it is a ${column.columnType}, and nothing says what it counts; add unit: seconds or unit: milliseconds`,
    }
  }
  if (unit === 'milliseconds' && column.dataType === 'int') {
    return { problem: `it is a ${column.columnType}, too small for milliseconds since 1970` }
  }
  return { column, kind: 'epoch', unit }
}

/** The types by which neither server can partition by month in order of time. */
function refusalOf({ dataType, columnType }: Column): string {
  switch (dataType) {
    case 'time':
      return 'a TIME is a time of day and belongs to no month'
    case 'year':
      return 'a YEAR does not tell months apart'
    case 'tinyint':
    case 'smallint':
    case 'mediumint':
      return `it is a ${columnType}, too small for seconds since 1970`
    case 'decimal':
    case 'float':
    case 'double':
      return `it is a ${columnType}, and the bound of a partition is a date or a whole number`
    case 'char':
    case 'varchar':
      return `it is a ${columnType}: text is ordered by its collation, not by time`
    default:
      return `it is a ${columnType}; an age is a DATE, DATETIME, TIMESTAMP, INT or BIGINT`
  }
}

/** Beyond what the servers' manuals support for DATE, and where zero dates and stand-ins like 0001-01-01 lie. */
export const FIRST_MONTH: Month = '1000-01'

/**
 * The smallest value that is a point in time. What lies below says "unknown" (`0000-00-00`, 0) and belongs to no month;
 * `age < cutoff` alone would take it for the oldest row.
 */
export function oldestAge(age: Age): Value {
  switch (age.kind) {
    case 'date':
      return `${FIRST_MONTH}-01`
    case 'datetime':
      return `${FIRST_MONTH}-01 00:00:00`
    case 'timestamp':
      return '1970-01-01 00:00:01'
    case 'epoch':
      return 1n
    default:
      return unreachable(age)
  }
}

/**
 * The value such that `age < value` holds for no row younger than the instant. A DATE of the instant's own day may be
 * younger, and so may a time that was cut off at the column's last digit, or one of a repeated hour: all are kept.
 */
export function ageValue(instant: string, age: Age, zone: string): Value {
  const { column } = age
  switch (age.kind) {
    case 'date':
      return toColumnTime(instant, column, zone).slice(0, 'yyyy-MM-dd'.length)
    case 'datetime':
      return cutFraction(toEarliestColumnTime(instant, column, age.zone), column)
    case 'timestamp':
      return cutFraction(toColumnTime(instant, column, 'UTC'), column)
    case 'epoch':
      return toEpochValue(instant, age.unit)
    default:
      return unreachable(age)
  }
}

/** Fractional digits of a DATETIME or TIMESTAMP, 0 to 6. */
export function fractionDigits({ columnType }: Pick<Column, 'columnType'>): number {
  return Number(/\((\d)\)/.exec(columnType)?.[1] ?? 0)
}

/** `2005-06-01 10:00:00.123` down to the digits the column keeps. */
function cutFraction(text: string, column: Column): string {
  const [time = '', fraction = ''] = text.split('.')
  const kept = fraction.slice(0, fractionDigits(column))
  return kept === '' ? time : `${time}.${kept}`
}

function toEpochValue(instant: string, unit: EpochUnit): bigint {
  const milliseconds = Date.parse(instant)
  return BigInt(unit === 'milliseconds' ? milliseconds : Math.floor(milliseconds / 1000))
}

/**
 * Where the month begins, as the bound of a partition: `2005-06-01`, `2005-05-31 15:00:00`, seconds or milliseconds
 * since 1970. For TIMESTAMP that is not what the column is compared with: see `monthStart`.
 *
 * In a column of the zone of the months itself a month begins at 00:00:00 also where that midnight does not exist: no
 * row lies between, and the bound reads as everyone writes it. TIMESTAMP ends in 2038, or in 2106 on newer MariaDB; bounds
 * beyond are numbers like any other to both servers (checked).
 */
export function monthBound(month: Month, age: Age, zone: string): Value {
  switch (age.kind) {
    case 'date':
      return `${month}-01`
    case 'datetime':
      return age.zone === zone ? `${month}-01 00:00:00` : wallClock(startOfMonth(month, zone), age)
    case 'timestamp':
      return toEpochValue(startOfMonth(month, zone), 'seconds')
    case 'epoch':
      return toEpochValue(startOfMonth(month, zone), age.unit)
    default:
      return unreachable(age)
  }
}

/** Where the month begins, as compared with the column: `monthStart <= age` is the same cut as the partition's. */
export function monthStart(month: Month, age: Age, zone: string): Value {
  if (age.kind !== 'timestamp') return monthBound(month, age, zone)
  return withoutFraction(toColumnTime(startOfMonth(month, zone), age.column, 'UTC'))
}

function wallClock(instant: string, { column, zone }: Extract<Age, { kind: 'datetime' }>): string {
  return withoutFraction(toColumnTime(instant, column, zone))
}

function withoutFraction(text: string): string {
  return text.slice(0, 'yyyy-MM-dd HH:mm:ss'.length)
}

/**
 * The month of a value as the server prints it; undefined for what is no point in time, see `oldestAge`. Always the
 * month whose partition the value falls into.
 */
export function monthOfValue(value: string, age: Age, zone: string): Month | undefined {
  const month = readMonth(value, age, zone)
  return month !== undefined && isMonth(month) && month >= FIRST_MONTH ? month : undefined
}

function readMonth(value: string, age: Age, zone: string): Month | undefined {
  switch (age.kind) {
    case 'date':
      return monthOfText(value)
    case 'datetime':
      return age.zone === zone ? monthOfText(value) : monthOfWallClock(value, age, zone)
    case 'timestamp': {
      const instant = fromColumnTime(value, age.column, 'UTC')
      return instant === undefined ? undefined : monthOf(instant, zone)
    }
    case 'epoch':
      return monthOfEpoch(value, age.unit, zone)
    default:
      return unreachable(age)
  }
}

/** Day 0 is refused: `2005-06-00` sorts below the first of June, into May's partition. */
function monthOfText(value: string): Month | undefined {
  return /^(\d{4}-\d\d)-(?!00)\d\d\b/.exec(value)?.[1]
}

/** Partitions compare text, so text decides where the column's zone lived an hour twice or not at all. */
function monthOfWallClock(
  value: string,
  age: Extract<Age, { kind: 'datetime' }>,
  zone: string,
): Month | undefined {
  const instant = fromColumnTime(value, age.column, age.zone)
  if (instant === undefined) return undefined
  const month = monthOf(instant, zone)
  if (value < String(monthBound(month, age, zone))) return previousMonth(month)
  return value < String(monthBound(nextMonth(month), age, zone)) ? month : nextMonth(month)
}

/** A BIGINT reaches further than calendars do; what lies beyond counts as the last month. */
const LATEST_MILLISECONDS = Date.parse('9999-12-31T00:00:00Z')

function monthOfEpoch(value: string, unit: EpochUnit, zone: string): Month | undefined {
  const milliseconds = Number(value) * (unit === 'milliseconds' ? 1 : 1000)
  if (!(milliseconds > 0)) return undefined
  return monthOf(new Date(Math.min(milliseconds, LATEST_MILLISECONDS)).toISOString(), zone)
}
