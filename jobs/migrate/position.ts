import type { Column } from '../../src/db/catalog.ts'
import type { Row } from '../../src/db/connection.ts'
import { type KeyValue, keyValue } from '../../src/engine/chunks/keyset.ts'
import type { Position } from './state/model.ts'
import type { RouteKey } from './tables.ts'

/** Rows behind `from`, which is not among them, up to `to`, which is; from the first without `from`. */
export interface Bounds {
  readonly from: Position | undefined
  readonly to: Position
}

export function keyValues(columns: readonly Column[], position: Position): readonly KeyValue[] {
  return columns.map((column, index) => keyValue(position[index] ?? '', column))
}

/** Of a row with `key_0`, `key_1` … */
export function toPosition({ pairs }: RouteKey, row: Row): Position {
  return pairs.map((_, index) => String(row[`key_${index}`]))
}
