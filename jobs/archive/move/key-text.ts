import type { Column } from '../../../src/db/catalog.ts'
import type { Cell } from '../../../src/db/connection.ts'

/**
 * A key in words that a person can look for: `id = 17`, `region = "EU", code = "x\n"`. Text columns come as bytes in
 * hexadecimal digits; in a character set other than Unicode or ASCII they stay so, as do binary ones.
 */
export function describeKey(columns: readonly Column[], cells: readonly Cell[]): string {
  return columns
    .map((column, position) => `${column.name} = ${describe(column, cells[position] ?? null)}`)
    .join(', ')
}

function describe({ dataType, characterSet }: Column, cell: Cell): string {
  const text = String(cell)
  if (/binary$/.test(dataType)) return `X'${text}'`
  if (!/char$/.test(dataType)) return text
  const isUnicode = /^(utf8|ascii)/.test(characterSet ?? '')
  return isUnicode ? JSON.stringify(Buffer.from(text, 'hex').toString('utf8')) : `_${characterSet} X'${text}'`
}
