import type { Column } from '../../../src/db/catalog.ts'
import type { Row } from '../../../src/db/connection.ts'
import { type Fragment, id, join, raw, sql } from '../../../src/db/statement.ts'
import type { FileRecord } from '../../../src/run/table-file.ts'

/**
 * How a value is written into a file: `text` is what the server prints, with every digit · `base64` are the bytes, of
 * binary values and of text whose character set does not come through Unicode unchanged.
 */
export type Encoding = 'text' | 'base64'

/** Every character of these comes back from Unicode as the byte it was; of sjis, big5 and others some do not. */
const exactCharacterSets: readonly string[] = [
  ...['utf8mb4', 'utf8mb3', 'utf8', 'ascii', 'latin1', 'ucs2', 'utf16', 'utf16le', 'utf32'],
]

const printed: readonly string[] = [
  ...['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal', 'float', 'double', 'year'],
  ...['date', 'datetime', 'timestamp', 'time', 'bit', 'json', 'uuid', 'inet4', 'inet6'],
]

const characters: readonly string[] = [
  ...['char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext', 'enum', 'set'],
]

export function encodingOf({ dataType, characterSet = '' }: Column): Encoding {
  if (printed.includes(dataType)) return 'text'
  return characters.includes(dataType) && exactCharacterSets.includes(characterSet) ? 'text' : 'base64'
}

/** To be selected, as `v0`, `v1` and so on; read with `recordOf`. */
export function selectValues(columns: readonly Column[]): Fragment {
  return join(columns.map((column, position) => sql`${selectValue(column)} AS ${raw(`v${position}`)}`))
}

function selectValue(column: Column): Fragment {
  const name = id(column.name)
  if (encodingOf(column) === 'base64') return sql`CAST(${name} AS BINARY)`
  switch (column.dataType) {
    // Times one: the column itself is printed with six digits, and MySQL's -0 plus zero would be 0.
    case 'float':
      return sql`CAST(${name} * 1e0 AS CHAR)`
    // The driver would read these as numbers.
    case 'double':
    case 'year':
    case 'json':
      return sql`CAST(${name} AS CHAR)`
    case 'bit':
      return sql`CAST(${name} + 0 AS CHAR)`
    default:
      return name
  }
}

export function recordOf(row: Row, columns: readonly Column[]): FileRecord {
  return columns.map((_, position) => {
    const cell = row[`v${position}`] ?? null
    if (cell === null) return null
    return Buffer.isBuffer(cell) ? cell.toString('base64') : String(cell)
  })
}
