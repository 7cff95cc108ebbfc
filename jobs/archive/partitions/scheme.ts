import type { PartitionMap } from '../../../src/db/partitions.ts'
import type { Family } from '../../../src/db/server.ts'
import { unreachable } from '../../../src/lib/errors.ts'
import { type Age, FIRST_MONTH, fractionDigits, monthBound, monthOfValue } from './age.ts'
import type { Month } from './months.ts'

/** How a table is cut into ranges of its age column, and so what its bounds count. */
export interface Scheme {
  readonly method: 'RANGE' | 'RANGE COLUMNS'
  readonly by: PartitionFunction
}

/** How a table follows the months. */
export interface Layout {
  readonly scheme: Scheme
  readonly age: Age
  /** The zone in which months begin. */
  readonly zone: string
}

/** What stands around the column; `column` is nothing. */
export type PartitionFunction =
  | 'column'
  | 'unix_timestamp'
  | 'floor(unix_timestamp)'
  | 'to_days'
  | 'to_seconds'

/**
 * DATE and DATETIME by RANGE COLUMNS, which reads plainly in the catalogue, prunes, and depends on no zone. It takes no
 * TIMESTAMP; UNIX_TIMESTAMP is the one function allowed there. MySQL 9.7 refuses it for TIMESTAMP(1) to (6), whose
 * seconds have decimals (error 1491): there FLOOR goes around it. It puts rows where they belong but prunes nothing, so
 * readers should name the partition; MariaDB prunes, and puts 23:59:59.999999 below midnight (checked).
 */
export function schemeFor(age: Age, family: Family): Scheme {
  switch (age.kind) {
    case 'date':
    case 'datetime':
      return { method: 'RANGE COLUMNS', by: 'column' }
    case 'timestamp': {
      const isRefused = family === 'mysql' && fractionDigits(age.column) > 0
      return { method: 'RANGE', by: isRefused ? 'floor(unix_timestamp)' : 'unix_timestamp' }
    }
    case 'epoch':
      return { method: 'RANGE', by: 'column' }
    default:
      return unreachable(age)
  }
}

/** Which functions can hold the bounds of months. */
const functionsByKind: Readonly<
  Record<Age['kind'], Readonly<Record<Scheme['method'], readonly PartitionFunction[]>>>
> = {
  date: { 'RANGE COLUMNS': ['column'], RANGE: ['to_days', 'to_seconds'] },
  datetime: { 'RANGE COLUMNS': ['column'], RANGE: ['to_days', 'to_seconds'] },
  timestamp: { 'RANGE COLUMNS': [], RANGE: ['unix_timestamp', 'floor(unix_timestamp)'] },
  epoch: { 'RANGE COLUMNS': ['column'], RANGE: ['column'] },
}

/** The partitioning of an existing table; `problem` ends the sentence "orders_archive cannot hold months: …". */
export function readScheme(map: PartitionMap, age: Age, zone: string): Scheme | { readonly problem: string } {
  const { method, expression } = map
  const printed = `${method} (${expression})`
  if (map.hasSubpartitions) return { problem: 'its partitions have subpartitions; a month must be one piece' }
  if (method !== 'RANGE' && method !== 'RANGE COLUMNS') {
    return { problem: `it is partitioned by ${printed}, and only ranges follow each other in time` }
  }
  const by = functionsByKind[age.kind][method].find(
    (candidate) => expression.toLowerCase() === printExpression(candidate, age.column.name).toLowerCase(),
  )
  if (by === undefined) {
    return { problem: `it is partitioned by ${printed}, which cannot hold the months of ${age.column.name}` }
  }
  if (by === 'to_days' && age.kind === 'datetime' && age.zone !== zone) {
    return {
      problem: `it is partitioned by ${printed}, in days of ${age.zone}, but months begin at another hour there, namely at midnight in ${zone}`,
    }
  }
  const odd = map.partitions.find(({ upperBound }) => upperBound !== undefined && !isBound(upperBound))
  if (odd !== undefined)
    return { problem: `the bound of ${odd.name}, ${odd.upperBound}, is no point in time` }
  return { method, by }
}

function printExpression(by: PartitionFunction, column: string): string {
  if (by === 'column') return column
  return by === 'floor(unix_timestamp)' ? `floor(unix_timestamp(${column}))` : `${by}(${column})`
}

/** Where the month begins, as the catalogue prints a bound of this scheme. */
export function boundOf(month: Month, { scheme: { by }, age, zone }: Layout): string {
  const start = String(monthBound(month, age, zone))
  switch (by) {
    case 'column':
    case 'unix_timestamp':
    case 'floor(unix_timestamp)':
      return start
    case 'to_days':
      return String(toSeconds(start) / SECONDS_OF_A_DAY)
    case 'to_seconds':
      return String(toSeconds(start))
    default:
      return unreachable(by)
  }
}

/** The month that begins at a bound, or lies around it; undefined for a bound below all time, such as 0. */
export function monthAt(
  bound: string,
  layout: Layout,
): { readonly month: Month; readonly isStart: boolean } | undefined {
  const month = monthOfBound(bound, layout)
  if (month === undefined || month === FIRST_MONTH) return undefined
  return { month, isStart: boundOf(month, layout) === normaliseBound(bound, layout.age) }
}

function monthOfBound(bound: string, { scheme: { by }, age, zone }: Layout): Month | undefined {
  switch (by) {
    case 'column':
      return monthOfValue(normaliseBound(bound, age), age, zone)
    case 'unix_timestamp':
    case 'floor(unix_timestamp)':
      return monthOfValue(bound, { column: age.column, kind: 'epoch', unit: 'seconds' }, zone)
    case 'to_days':
      return monthOfValue(fromSeconds(Number(bound) * SECONDS_OF_A_DAY), age, zone)
    case 'to_seconds':
      return monthOfValue(fromSeconds(Number(bound)), age, zone)
    default:
      return unreachable(by)
  }
}

const dateText = /^(\d{4})\D?(\d\d)\D?(\d\d)(?:\D?(\d\d)\D?(\d\d)\D?(\d\d)(\.\d+)?)?$/

function isBound(bound: string): boolean {
  return /^-?\d+$/.test(bound) || dateText.test(bound)
}

/** The catalogue repeats what was written: `2005-07-01`, `20050701000000` and `2005-07-01 00:00:00` are one bound. */
function normaliseBound(bound: string, { kind }: Age): string {
  const match = dateText.exec(bound)
  if (match === null || kind === 'epoch' || kind === 'timestamp') return bound
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction = ''] = match
  const date = `${year}-${month}-${day}`
  const decimals = /[1-9]/.test(fraction) ? fraction : ''
  return kind === 'date' ? date : `${date} ${hour}:${minute}:${second}${decimals}`
}

const SECONDS_OF_A_DAY = 86_400

/** TO_SECONDS('1970-01-01') of both servers. */
const SECONDS_BEFORE_1970 = 719_528 * SECONDS_OF_A_DAY

function toSeconds(text: string): number {
  return Date.parse(`${text.slice(0, 10)}T${text.slice(11) || '00:00:00'}Z`) / 1000 + SECONDS_BEFORE_1970
}

/** As DATE or DATETIME text; a day below the calendar gives text that is no month. */
function fromSeconds(seconds: number): string {
  const milliseconds = (seconds - SECONDS_BEFORE_1970) * 1000
  return new Date(milliseconds).toISOString().slice(0, 19).replace('T', ' ')
}
