/**
 * Rows by their key, in key order. Keys travel through Node, so every part comes back as the value it was: to the
 * last digit, and byte for byte whatever the character set.
 */
import type { Column } from '../../db/catalog.ts'
import type { Cell } from '../../db/connection.ts'
import { type Fragment, id, isFragment, join, raw, sql, type Value } from '../../db/statement.ts'

/** One column of one key, ready for a statement; made by `keyValue`. */
export type KeyValue = Value | Fragment

/**
 * Rows that come after the one with `values`, in the order of `columns`: `((a > 1) OR (a = 1 AND b > 2))`. Written out,
 * because neither server makes a range of `(a, b) > (1, 2)`: for a page of 2,000 rows in the middle of equal times that
 * read 33,000 entries of an index on (a), and the whole primary key before the row. Written out, both read 2,000, also
 * when b is the primary key that InnoDB keeps at the end of a secondary index (MariaDB 10.11, MySQL 9.7).
 */
export function after(columns: readonly Fragment[], values: readonly KeyValue[]): Fragment {
  return compare(columns, values, { each: '>', last: '>' })
}

/** Rows up to the one with `values`, which is included, in the order of `columns`. */
export function upTo(columns: readonly Fragment[], values: readonly KeyValue[]): Fragment {
  return compare(columns, values, { each: '<', last: '<=' })
}

/**
 * Rows from the one with the values `first` to the one with `last`, both of them included, in the order of `columns`.
 * For 2,000 rows in the middle of 30,000 equal times both servers read 2,000.
 */
export function between(
  columns: readonly Fragment[],
  first: readonly KeyValue[],
  last: readonly KeyValue[],
): Fragment {
  const lower = compare(columns, first, { each: '>', last: '>=' })
  return sql`${lower} AND ${upTo(columns, last)}`
}

function compare(
  columns: readonly Fragment[],
  values: readonly KeyValue[],
  operators: { readonly each: string; readonly last: string },
): Fragment {
  const pairs = columns.map((column, index) => ({ column, value: values[index] ?? missing(index) }))
  const alternatives = pairs.map(({ column, value }, index) => {
    const equal = pairs.slice(0, index).map((before) => sql`${before.column} = ${before.value}`)
    const operator = raw(index === pairs.length - 1 ? operators.last : operators.each)
    return sql`(${join([...equal, sql`${column} ${operator} ${value}`], ' AND ')})`
  })
  return sql`(${join(alternatives, ' OR ')})`
}

function missing(index: number): never {
  throw new TypeError(`a position in key order has no value for column ${index + 1}`)
}

/**
 * The rows with these keys, `columns` being unique together; no row for no keys. 2,000 keys are 2,000 look-ups on both
 * servers, in 6 to 8 ms for one column and 12 to 22 ms for two or three. The same as `a = 1 AND b = 2 OR …`, or as
 * `a = 1 AND b IN (…)`, took 65 to 150 ms, nearly all of it in the optimizer. Good for 16,000 keys, where MariaDB's own
 * limit of a range lies; what the servers do earlier with long lists is switched off in src/db/pool.ts. A table hardly
 * larger than the list is scanned instead: FORCE INDEX keeps a SELECT from that, and a DELETE on neither server.
 */
export function keyIn(columns: readonly string[], keys: readonly (readonly KeyValue[])[]): Fragment {
  if (keys.length === 0) return raw('FALSE')
  const names = join(columns.map(id))
  if (columns.length === 1) return sql`${names} IN (${splice(keys.flat(), ', ')})`
  const tuples = keys.map((key) => sql`(${splice(key, ', ')})`)
  return sql`(${names}) IN (${splice(tuples, ', ')})`
}

/** `join` for many: in one pass, where `join` copies all it has for each part. 0.1 ms for 2,000 bound values. */
function splice(parts: readonly KeyValue[], separator: string): Fragment {
  const chunks = ['']
  const values: Value[] = []
  const append = (text: string) => {
    chunks[chunks.length - 1] += text
  }
  parts.forEach((part, index) => {
    if (index > 0) append(separator)
    if (isFragment(part)) {
      append(part.chunks[0] ?? '')
      chunks.push(...part.chunks.slice(1))
      values.push(...part.values)
    } else {
      chunks.push('')
      values.push(part)
    }
  })
  return { chunks, values }
}

/** `` ORDER BY `a`, `b` ``. */
export function orderBy(columns: readonly string[]): Fragment {
  return sql`ORDER BY ${join(columns.map(id))}`
}

/**
 * integer: bound as one, since both servers compare an integer with text as floats · digits: a DECIMAL, bare in the
 * statement for the same reason · text: as it is printed · bytes, characters: as hexadecimal digits.
 */
type Form = 'integer' | 'bits' | 'digits' | 'text' | 'bytes' | 'characters'

const typesByForm: Readonly<Record<Form, readonly string[]>> = {
  integer: ['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'year'],
  bits: ['bit'],
  digits: ['decimal'],
  text: ['date', 'datetime', 'timestamp', 'time', 'uuid', 'inet4', 'inet6'],
  bytes: ['binary', 'varbinary'],
  characters: ['char', 'varchar'],
}

const forms: ReadonlyMap<string, Form> = new Map(
  Object.entries(typesByForm).flatMap(([form, types]) => types.map((type) => [type, form as Form] as const)),
)

/**
 * Whether a key column can be read, sent back and ordered by without changing. Not so FLOAT and DOUBLE (their text is
 * rounded), and not ENUM and SET: they sort by number, and MySQL 9.7 finds no row by `(e, i) IN ((2, 7))`.
 */
export function isExactKey({ dataType }: Pick<Column, 'dataType'>): boolean {
  return forms.has(dataType)
}

/** A key column in a select list, in the form that `keyValue` takes. */
export function selectKey(column: Column, alias: string, table?: Fragment): Fragment {
  return sql`${readable(column, table)} AS ${id(alias)}`
}

function readable(column: Column, table: Fragment | undefined): Fragment {
  const name = table === undefined ? id(column.name) : sql`${table}.${id(column.name)}`
  switch (formOf(column)) {
    case 'integer':
    case 'digits':
    case 'text':
      return name
    case 'bits':
      return sql`${name} + 0`
    case 'bytes':
    case 'characters':
      return sql`HEX(${name})`
  }
}

/** What the server compares with the column to find the row again. The cell may have been kept as JSON meanwhile. */
export function keyValue(cell: Cell, column: Column): KeyValue {
  const form = formOf(column)
  const text = String(cell)
  if (cell === null || !patterns[form].test(text)) {
    throw new TypeError(`${JSON.stringify(cell)} cannot have been read from key column ${column.name}`)
  }
  switch (form) {
    case 'integer':
    case 'bits':
      return BigInt(text)
    case 'digits':
      return raw(text)
    case 'text':
      return text
    case 'bytes':
      return raw(`X'${text}'`)
    // The column's own character set: through another, what it cannot say would find another row, or none.
    case 'characters':
      return raw(`_${column.characterSet} X'${text}'`)
  }
}

/** Positions come back from files and from the ledger, and some go into statements as they are. */
const patterns: Readonly<Record<Form, RegExp>> = {
  integer: /^-?\d+$/,
  bits: /^\d+$/,
  digits: /^-?\d+(\.\d+)?$/,
  text: /^[-+0-9a-f.: ]+$/i,
  bytes: /^([0-9A-F]{2})*$/i,
  characters: /^([0-9A-F]{2})*$/i,
}

function formOf({ dataType, name }: Column): Form {
  const form = forms.get(dataType)
  if (form === undefined) throw new TypeError(`${name} is a ${dataType}, which is no exact key`)
  return form
}
