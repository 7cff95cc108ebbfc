/**
 * How a value travels between two servers without changing: what is selected, and the literal that stores the same.
 * Checked on MariaDB 10.11 and MySQL 9.7 in all four directions with 30,000 random floats, every character set and the
 * extremes of every type.
 */
import type { Column } from '../../../src/db/catalog.ts'
import type { Cell, Row } from '../../../src/db/connection.ts'
import type { Family } from '../../../src/db/server.ts'
import { type Fragment, id, join, raw, sql, type Value } from '../../../src/db/statement.ts'

/**
 * asIs: the text the server prints is exact and reads back alike ·
 * double, float: the shortest text that is that number and no other · text: as characters ·
 * bytes: the bytes themselves · characters: the bytes in the column's own character set.
 */
type Form = 'asIs' | 'double' | 'float' | 'text' | 'bytes' | 'characters'

const formsByType: Readonly<Record<Form, readonly string[]>> = {
  asIs: [
    ...['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal'],
    ...['date', 'datetime', 'timestamp', 'time'],
  ],
  double: ['double'],
  float: ['float'],
  // The driver reads a YEAR as a number, and '0' means 2000. JSON of MySQL comes in no other form than text.
  text: ['year', 'json', 'uuid', 'inet4', 'inet6'],
  bytes: ['bit', 'binary', 'varbinary', 'tinyblob', 'blob', 'mediumblob', 'longblob', 'vector'],
  characters: ['char', 'varchar', 'tinytext', 'text', 'mediumtext', 'longtext', 'enum', 'set'],
}

const forms: ReadonlyMap<string, Form> = new Map(
  Object.entries(formsByType).flatMap(([form, types]) => types.map((type) => [type, form as Form] as const)),
)

export interface Uncarriable {
  readonly column: string
  /** Ends a sentence that names the column: "orders.place cannot be carried exactly: …". */
  readonly reason: string
}

/** The columns whose values have no form that both servers read alike; empty when all can be carried. */
export function findUncarriable(
  columns: readonly Column[],
  from: Family,
  to: Family,
): readonly Uncarriable[] {
  return columns.flatMap((column) => {
    const reason = reasonAgainst(column, from, to)
    return reason === undefined ? [] : [{ column: column.name, reason }]
  })
}

/** Types and character sets that one family alone has. VECTOR of MariaDB (11.7 and later) was never tried. */
const onlyMariadb: readonly string[] = ['uuid', 'inet4', 'inet6']
const onlyMysql: readonly string[] = ['vector']
const charactersOfMysql: readonly string[] = ['gb18030']

function reasonAgainst(column: Column, from: Family, to: Family): string | undefined {
  const { dataType, characterSet = '' } = column
  if (!forms.has(dataType)) return `no exact form is known for a value of type ${dataType}`
  if (onlyMariadb.includes(dataType) && to === 'mysql') return `MySQL has no type ${dataType}`
  if (onlyMysql.includes(dataType) && (from === 'mariadb' || to === 'mariadb')) {
    return `a ${dataType} is carried from MySQL to MySQL only`
  }
  if (charactersOfMysql.includes(characterSet) && to === 'mariadb') {
    return `MariaDB does not have the character set ${characterSet}`
  }
  return undefined
}

/** To be selected, as `v0`, `v1` and so on; read with `cellsOf`. */
export function selectValues(columns: readonly Column[]): Fragment {
  return join(columns.map((column, index) => sql`${selectValue(column)} AS ${raw(`v${index}`)}`))
}

export function cellsOf(row: Row, columns: readonly Column[]): readonly Cell[] {
  return columns.map((_, index) => row[`v${index}`] ?? null)
}

function selectValue(column: Column): Fragment {
  const name = id(column.name)
  switch (formOf(column)) {
    case 'asIs':
      return name
    // Of the column itself all digits are printed; of an expression MySQL prints 22 characters, which is one digit
    // less than a negative number with a large exponent needs.
    case 'double':
      return sql`CAST(${name} AS CHAR)`
    // A FLOAT itself is printed with six digits. Times one, not plus zero: that would make 0 of MySQL's -0.
    case 'float':
      return sql`CAST(${name} * 1e0 AS CHAR)`
    case 'text':
      return sql`CAST(${name} AS CHAR)`
    case 'bytes':
      return column.dataType === 'vector' ? sql`CAST(${name} AS BINARY)` : name
    // Through the connection's character set some would not come back: 0x5C of sjis, anything ill-formed.
    case 'characters':
      return sql`CAST(${name} AS BINARY)`
  }
}

function formOf({ dataType, name }: Column): Form {
  const form = forms.get(dataType)
  if (form === undefined) throw new TypeError(`${name} is a ${dataType}, which preflight refuses`)
  return form
}

/**
 * `(…), (…)` for VALUES, built in one pass. What needs no escaping stands in the text at once: for batches of 2,000 rows
 * with eight columns, binding every value took 45 MB more at the peak.
 */
export function valueTuples(columns: readonly Column[], rows: readonly (readonly Cell[])[]): Fragment {
  const introducers = columns.map(introducerOf)
  const chunks: string[] = []
  const values: Value[] = []
  let text = ''
  rows.forEach((row, rowIndex) => {
    row.forEach((cell, index) => {
      text += index > 0 ? ', ' : rowIndex === 0 ? '(' : '), ('
      const literal = literalOf(cell, introducers[index] ?? '')
      if (literal !== undefined) text += literal
      else {
        chunks.push(text)
        values.push(cell)
        text = ''
      }
    })
  })
  return { chunks: [...chunks, `${text})`], values }
}

/** Numbers, dates and the like: nothing in them could end the quotes. */
const PLAIN = /^[-+0-9a-z.: ]*$/i

/** Undefined for text that is to be escaped. */
function literalOf(cell: Cell, introducer: string): string | undefined {
  if (cell === null) return 'NULL'
  if (typeof cell === 'number') return String(cell)
  if (Buffer.isBuffer(cell)) return `${introducer}X'${cell.toString('hex')}'`
  return PLAIN.test(cell) ? `'${cell}'` : undefined
}

/** `_latin1 ` before the bytes says what they are, so that the server stores them as they stand. */
function introducerOf(column: Column): string {
  return formOf(column) === 'characters' ? `_${column.characterSet} ` : ''
}

/** Characters that a cell takes in a statement, at most: bytes as hexadecimal digits, text with every character escaped. */
export function literalLength(cell: Cell): number {
  const QUOTES_AND_SET = 24
  if (typeof cell === 'string' || Buffer.isBuffer(cell)) return 2 * Buffer.byteLength(cell) + QUOTES_AND_SET
  return QUOTES_AND_SET
}

/** What the values of a row weigh, in bytes: `OCTET_LENGTH` of those that can be long, and a little for each other. */
export function rowBytes(columns: readonly Column[]): Fragment {
  const SHORT_BYTES = 16
  const long = columns.filter(isLong)
  const lengths = long.map((column) => sql`COALESCE(OCTET_LENGTH(${id(column.name)}), 0)`)
  return join([raw(String(SHORT_BYTES * columns.length)), ...lengths], ' + ')
}

function isLong(column: Column): boolean {
  const form = formOf(column)
  return form === 'characters' || form === 'bytes' || column.dataType === 'json'
}
