import type { Column } from '../../db/catalog.ts'
import { type Fragment, id, join, sql } from '../../db/statement.ts'

/**
 * One unsigned 32-bit number for a row. Rows that are equal have the same in any table and on any server, MariaDB or
 * MySQL, given columns of equal types in the same order; rows that differ in one byte have different ones, but for one
 * pair in a thousand million. Text counts by the bytes of its own character set: case, accents and spaces at the end
 * make a difference. TIMESTAMP needs sessions in one time zone (ours run in UTC). JSON of MySQL counts as its text.
 *
 * The columns are written one after the other with a sign between that none of them contains, NULL as another one.
 * The first CRC32 alone would be linear: two rows that exchanged values of equal length would leave the exclusive or of
 * a digest as it was, always. The second reads the decimal digits of the first, which ends that, for 40 ns.
 *
 * Measured for a row of eight columns, beside reading it: 0.4 µs on MariaDB 10.11, 0.7 µs on MySQL 9.7. Rejected:
 * CONCAT_WS of the positions of NULLs, the length of every text and its bytes (0.5 and 1.05); the bytes converted to
 * utf8mb4 (0.5 and 1.3); a second CRC32, of the bytes in reverse (0.9 and 1.9); 64 bits of SHA-256 (0.9 and 1.4); a
 * weighted sum of the CRC32 of every column (0.7 and 0.75). MySQL 9.7 has no MD5 any more.
 */
export function rowChecksum(columns: readonly Column[], table?: Fragment): Fragment {
  const cells = columns.map((column) => {
    const name = id(column.name)
    return writeCell(column, table === undefined ? name : sql`${table}.${name}`)
  })
  return sql`CRC32(CRC32(CONCAT(${join(cells, ", _binary'|', ")})))`
}

/**
 * The digest of all rows selected, as `row_count`, `checksum_xor` and `checksum_sum`; read with `toDigest`. A million
 * rows take 0.9 s on MariaDB and 1.6 s on MySQL, as the server computes each checksum twice, once for each sum: where
 * the rows come to Node anyway, `foldRowChecksum` spares that.
 */
export function digestOf(columns: readonly Column[], table?: Fragment): Fragment {
  const checksum = rowChecksum(columns, table)
  return sql`COUNT(*) AS row_count, COALESCE(BIT_XOR(${checksum}), 0) AS checksum_xor,
    COALESCE(SUM(${checksum}), 0) AS checksum_sum`
}

type Form = 'printed' | 'number' | 'float' | 'bytes'

const typesByForm: Readonly<Record<Exclude<Form, 'bytes'>, readonly string[]>> = {
  printed: [
    ...['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal', 'year'],
    ...['date', 'datetime', 'timestamp', 'time'],
  ],
  number: ['bit', 'enum', 'set'],
  float: ['float', 'double'],
}

/** Every other type is bytes, or prints all that is in it. UUID and INET too: MariaDB's IFNULL makes NULL of them and a sign. */
const forms: ReadonlyMap<string, Form> = new Map(
  Object.entries(typesByForm).flatMap(([form, types]) => types.map((type) => [type, form as Form] as const)),
)

function writeCell({ dataType, isNullable }: Column, value: Fragment): Fragment {
  const written = write(forms.get(dataType) ?? 'bytes', value)
  // Marked as binary like the sign between: without, MySQL converts every part (0.2 µs a row).
  return isNullable ? sql`IFNULL(${written}, _binary'-')` : written
}

function write(form: Form, value: Fragment): Fragment {
  switch (form) {
    case 'printed':
      return value
    case 'number':
      return sql`${value} + 0`
    // The text of a float is rounded, and no two servers print it alike; a point holds its eight bytes.
    case 'float':
      return sql`CRC32(POINT(${value}, 0))`
    // Written out, two long values could be too much for CONCAT, which then gives NULL (max_allowed_packet).
    case 'bytes':
      return sql`CRC32(${value})`
  }
}
