import type { ServerFamily } from '../../../../src/sandbox/server.ts'
import type { TestDatabase } from '../../../support/database.ts'

interface Typed {
  readonly type: string
  /** As literals of SQL; a NULL is added to each. */
  readonly values: readonly string[]
}

const characterSets = ['latin1', 'ascii', 'utf8mb3', 'ucs2', 'utf16', 'utf32', 'sjis', 'gbk', 'big5', 'koi8r']

/** What both families have, with the values that are lost easily. */
const common: readonly Typed[] = [
  { type: 'TINYINT', values: ['-128', '127'] },
  { type: 'BIGINT UNSIGNED', values: ['18446744073709551615', '9223372036854775809'] },
  { type: 'BIGINT', values: ['-9223372036854775808'] },
  { type: 'BIGINT(20) UNSIGNED ZEROFILL', values: ['42'] },
  {
    type: 'DECIMAL(65,30)',
    values: ["'-12345678901234567890123456789012345.123456789012345678901234567891'"],
  },
  { type: 'FLOAT', values: ['16777217', '0.1', '-1.5e-45', '3.4028234e38'] },
  { type: 'DOUBLE', values: ['-2.0080069289443812e108', '0.1', '5e-324', '1.7976931348623157e308', '1e22'] },
  { type: 'DOUBLE(20,3)', values: ['12345678901234567.891', '0.1'] },
  { type: 'BIT(1)', values: ["b'1'", "b'0'"] },
  { type: 'BIT(64)', values: ["b'1000000000000000000000000000000000000000000000000000000000000001'"] },
  { type: 'DATE', values: ["'0000-00-00'", "'2005-00-00'", "'9999-12-31'"] },
  { type: 'DATETIME(6)', values: ["'0000-00-00 00:00:00'", "'1000-01-01 00:00:00.000001'"] },
  {
    type: 'TIMESTAMP(6) NULL DEFAULT NULL',
    values: ["'0000-00-00 00:00:00'", "'2038-01-19 03:14:07.999999'"],
  },
  { type: 'TIME(6)', values: ["'-838:59:59'", "'-00:00:00.000001'"] },
  { type: 'YEAR', values: ["'0000'", '2000', '2155'] },
  { type: 'BINARY(4)', values: ["X'00'", "X'20202020'"] },
  { type: 'VARBINARY(20)', values: ["X''", "X'5C0A0027'"] },
  { type: 'LONGBLOB', values: ["X''", "X'FF00'"] },
  { type: 'CHAR(10)', values: ["'a  '", "''"] },
  { type: 'VARCHAR(40)', values: ["'it''s 100 % 😀\\n'", "'\\\\'", "'\\0'", "' x '", "''", "'NULL'"] },
  { type: 'LONGTEXT', values: ["REPEAT('é😀', 5000)", "'\\n'"] },
  { type: "ENUM('a','B','','it''s')", values: ["''", "'B'", "'it''s'"] },
  { type: "SET('a','B','c d') CHARACTER SET latin1", values: ["''", "'a,c d'"] },
  ...characterSets.map((name) => ({
    type: `VARCHAR(20) CHARACTER SET ${name}`,
    values: ["'a\\\\b\\n'", "''"],
  })),
  { type: 'VARCHAR(20) CHARACTER SET latin1', values: ["X'80818D8F90FFE9'"] },
  // The second byte of these characters is a backslash.
  { type: 'VARCHAR(20) CHARACTER SET sjis', values: ["_sjis X'835C955C'"] },
  { type: 'VARCHAR(20) CHARACTER SET gbk', values: ["_gbk X'BF5C'"] },
  { type: 'JSON', values: [`'{"a":  1, "b": [1.5, "é😀\\\\n", null, true, 18446744073709551615, 1e300]}'`] },
]

const ofFamily: Readonly<Record<ServerFamily, readonly Typed[]>> = {
  mariadb: [
    { type: 'UUID', values: ["'123e4567-e89b-12d3-a456-426655440000'"] },
    { type: 'INET6', values: ["'::ffff:1.2.3.4'", "'::'"] },
    { type: 'INET4', values: ["'192.168.0.1'"] },
  ],
  mysql: [
    { type: 'FLOAT', values: ["'-0'"] },
    { type: 'DOUBLE', values: ["'-0'"] },
    { type: 'VARCHAR(20) CHARACTER SET gb18030', values: ["_gb18030 X'81308130'"] },
    { type: 'VECTOR(2)', values: ["STRING_TO_VECTOR('[1,-0.5]')"] },
  ],
}

export type Reach = 'common' | 'family'

/** A table `things` with a column of every type: c0, c1 and so on, one generated and one invisible. */
export async function makeThings(
  database: TestDatabase,
  family: ServerFamily,
  reach: Reach = 'family',
): Promise<void> {
  const typed = reach === 'common' ? common : [...common, ...ofFamily[family]]
  const columns = typed.map(({ type }, index) => `c${index} ${type}${/NULL/.test(type) ? '' : ' NULL'}`)
  await database.query(`CREATE TABLE things (id VARCHAR(20) CHARACTER SET latin1 NOT NULL, part VARBINARY(4) NOT NULL,
      created_at DATETIME(6) NOT NULL, ${columns.join(', ')},
      doubled INT GENERATED ALWAYS AS (c0 * 2) STORED, hidden INT NULL INVISIBLE,
      PRIMARY KEY (id, part), KEY by_created (created_at)) DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci`)
  const names = ['id', 'part', 'created_at', 'hidden', ...typed.map((_, index) => `c${index}`)]
  const count = 1 + Math.max(...typed.map(({ values }) => values.length))
  for (let row = 0; row < count; row++) {
    const age = `UTC_TIMESTAMP(6) - INTERVAL ${14 + (row % 2)} MONTH`
    const key = `'k${row}\\\\\\n', X'0${row}005C27', ${age}, ${row}`
    const cells = typed.map(({ values }) => values[row] ?? 'NULL')
    await database.query(`INSERT INTO things (${names.join(', ')}) VALUES (${key}, ${cells.join(', ')})`)
  }
}
