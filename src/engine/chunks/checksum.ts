import type { Column } from '../../db/catalog.ts'
import { type Fragment, id, join, nothing, raw, sql } from '../../db/statement.ts'

/**
 * One unsigned 32-bit number for a row. Equal rows of equal column types have equal numbers, in two tables and on two
 * servers, MariaDB and MySQL alike; rows that differ in a byte of any column have different ones, but for one pair in
 * two thousand million.
 *
 * The values are joined into one text that can be read in one way only: first which are NULL, then the length of each
 * value of bytes, then everything. The bytes are those of the column's own character set, so spaces at the end, case
 * and accents count. TIMESTAMP needs sessions in one time zone (ours run in UTC). JSON of MySQL is taken as text.
 */
export function rowChecksum(columns: readonly Column[], table?: Fragment): Fragment {
  const qualified = table === undefined ? nothing : sql`${table}.`
  const cells = columns.map((column) => ({
    form: formOf(column),
    column,
    value: sql`${qualified}${id(column.name)}`,
  }))
  const bytes = cells.filter(({ form }) => form === 'bytes')
  const others = cells.filter(({ form }) => form !== 'bytes')
  const parts = [
    ...nullMarks(cells),
    // That of the last is what is left.
    ...bytes.slice(0, -1).map(({ value }) => sql`OCTET_LENGTH(${value})`),
    ...others.map(({ form, value }) => written(form, value)),
    ...bytes.map(({ form, value }) => written(form, value)),
  ]
  return sql`CRC32(CRC32(CONCAT_WS(_binary'|', ${join(parts)})))`
}

/** The digest of all rows selected, as `row_count`, `checksum_xor` and `checksum_sum`; read with `toDigest`. */
export function digestOf(columns: readonly Column[], table?: Fragment): Fragment {
  const checksum = rowChecksum(columns, table)
  return sql`COUNT(*) AS row_count, COALESCE(BIT_XOR(${checksum}), 0) AS checksum_xor,
    COALESCE(SUM(${checksum}), 0) AS checksum_sum`
}

type Form = 'printed' | 'number' | 'double' | 'bytes' | 'long'

const typesByForm: Readonly<Record<Exclude<Form, 'long'>, readonly string[]>> = {
  printed: [
    ...['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal', 'year'],
    ...['date', 'datetime', 'timestamp', 'time', 'uuid', 'inet4', 'inet6'],
  ],
  number: ['bit', 'enum', 'set'],
  double: ['float', 'double'],
  bytes: ['char', 'varchar', 'binary', 'varbinary'],
}

const forms: ReadonlyMap<string, Form> = new Map(
  Object.entries(typesByForm).flatMap(([form, types]) => types.map((type) => [type, form as Form] as const)),
)

/** Text, blobs, JSON, geometry and whatever else may come is long. */
function formOf({ dataType }: Column): Form {
  return forms.get(dataType) ?? 'long'
}

function written(form: Form, value: Fragment): Fragment {
  switch (form) {
    case 'printed':
      return value
    case 'number':
      return sql`${value} + 0`
    case 'double':
      return sql`POINT(${value}, 0)`
    case 'bytes':
      return sql`CAST(${value} AS BINARY)`
    case 'long':
      return sql`CRC32(${value})`
  }
}

interface Marked {
  readonly column: Column
  readonly value: Fragment
}

const MARKS_IN_A_NUMBER = 63

function nullMarks(cells: readonly Marked[]): readonly Fragment[] {
  const nullable = cells.filter(({ column }) => column.isNullable)
  const groups = Math.ceil(nullable.length / MARKS_IN_A_NUMBER)
  return Array.from({ length: groups }, (_, group) => {
    const marked = nullable.slice(group * MARKS_IN_A_NUMBER, (group + 1) * MARKS_IN_A_NUMBER)
    return join(
      marked.map(({ value }, position) => sql`(${value} IS NULL) << ${raw(String(position))}`),
      ' | ',
    )
  })
}
