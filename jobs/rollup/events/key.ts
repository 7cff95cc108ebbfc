import type { Cell, Row } from '../../../src/db/connection.ts'
import type { KeyValue } from '../../../src/engine/chunks/keyset.ts'
import { keyValue } from '../../../src/engine/chunks/keyset.ts'
import type { SourceTable } from '../tables.ts'

/** A key as it is printed, which a plan or a ledger can keep. */
export type KeyCells = readonly string[]

/** Of a row that was read with `eventColumns` or `selectLastKey`. */
export function keyCells({ key }: SourceTable, row: Row): KeyCells {
  return key.map((_, position) => textOf(row[`key_${position}`]))
}

export function keyValues({ key }: SourceTable, cells: KeyCells): readonly KeyValue[] {
  return key.map((column, position) => keyValue(cells[position] ?? null, column))
}

function textOf(cell: Cell | undefined): string {
  if (cell === null || cell === undefined) throw new TypeError('an event without a key')
  return String(cell)
}
