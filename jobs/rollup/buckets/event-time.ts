import type { Column } from '../../../src/db/catalog.ts'
import type { Cell } from '../../../src/db/connection.ts'
import { type Fragment, id, raw, sql } from '../../../src/db/statement.ts'
import type { TimeSource } from './wall-clock.ts'

/** The column that says when an event happened, and how its values are read. */
export interface EventTime extends TimeSource {
  readonly column: Column
  readonly unit: 'text' | 'seconds' | 'milliseconds'
}

const texts = ['datetime', 'timestamp', 'date']
const wholeNumbers = ['int', 'bigint']

export function toEventTime(
  column: Column,
  { unit, zone }: { readonly unit: 'seconds' | 'milliseconds' | undefined; readonly zone: string },
): EventTime | { readonly problem: string } {
  const { dataType } = column
  if (texts.includes(dataType) && unit === undefined)
    return { column, unit: 'text', zone: dataType === 'timestamp' ? 'UTC' : zone }
  if (wholeNumbers.includes(dataType) && unit !== undefined) return { column, unit, zone: 'UTC' }
  const problem = wholeNumbers.includes(dataType)
    ? `it is ${column.columnType}; say with unit: seconds or unit: milliseconds what it counts since 1970`
    : unit === undefined
      ? `it is ${column.columnType}, not DATE, DATETIME, TIMESTAMP or a whole number`
      : `it is ${column.columnType}, and unit is for whole numbers only`
  return { problem }
}

/** A cell of the column as text that a wall clock reads; empty for NULL, which is no point in time. */
export function readEventTime({ unit }: EventTime, cell: Cell): string {
  if (cell === null) return ''
  if (unit === 'text') return String(cell)
  const milliseconds = Number(cell) * (unit === 'seconds' ? 1000 : 1)
  const date = new Date(milliseconds)
  return Number.isNaN(date.getTime()) ? '' : date.toISOString().slice(0, 19).replace('T', ' ')
}

/** The same text on the server, as DATETIME. */
export function eventTimeSql({ column, unit }: EventTime): Fragment {
  const name = id(column.name)
  if (unit === 'text') return name
  const seconds = unit === 'seconds' ? name : sql`${name} DIV 1000`
  return sql`(${raw("TIMESTAMP '1970-01-01 00:00:00'")} + INTERVAL ${seconds} SECOND)`
}

/** What the column is compared with for a text of its zone, `2026-03-29 01:00:00`. */
export function toTimeValue({ unit }: EventTime, text: string): string | bigint {
  if (unit === 'text') return text
  const milliseconds = Date.parse(`${text.replace(' ', 'T')}Z`)
  return BigInt(unit === 'seconds' ? Math.floor(milliseconds / 1000) : milliseconds)
}
