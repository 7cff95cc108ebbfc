import type { Row } from '../../../src/db/connection.ts'
import { fromControlTime } from '../../../src/db/date-time.ts'
import type { TableName } from '../../../src/db/statement.ts'
import type { KeyCells } from '../events/key.ts'

/**
 * noted: it is said that the table of events will be put aside under this name · frozen: it is, and is being counted ·
 * counted: to the last event · held: counted, and kept for a while · kept: counted but for events that belong into no
 * bucket · dropping: decided, and perhaps gone already · dropped.
 */
export type SegmentState = 'noted' | 'frozen' | 'counted' | 'held' | 'kept' | 'dropping' | 'dropped'

/** A table of events that was put aside. */
export interface Segment {
  readonly table: string
  readonly state: SegmentState
  /** The last event that is counted. */
  readonly position: KeyCells | undefined
  readonly heldUntil: string | undefined
}

/** From a row of the ledger. */
export function toSegment(row: Row): Segment {
  const textOf = (cell: Row[string] | undefined) =>
    cell === null || cell === undefined ? undefined : String(cell)
  const position = textOf(row.position)
  const heldUntil = textOf(row.held_until)
  return {
    table: String(row.segment_table),
    state: String(row.state) as SegmentState,
    position: position === undefined ? undefined : (JSON.parse(position) as KeyCells),
    heldUntil: heldUntil === undefined ? undefined : fromControlTime(heldUntil),
  }
}

/** Names of tables have 64 characters at most: `__rk_20261127_072600123` takes 23 of them. */
export const LONGEST_SOURCE_NAME = 41

/** Begins with the table's own name, so that both stand together in every list. */
export function segmentName(table: string, asOf: string): string {
  const digits = asOf.replaceAll(/\D/g, '')
  return `${table}__rk_${digits.slice(0, 8)}_${digits.slice(8, 17)}`
}

/** The empty table that takes the place of the one put aside. */
export function nextTable({ schema, table }: TableName): TableName {
  return { schema, table: `${table}__rk_next` }
}
