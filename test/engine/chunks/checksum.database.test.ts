import { describe, expect } from 'vitest'
import { type Column, readTable } from '../../../src/db/catalog.ts'
import type { Row } from '../../../src/db/connection.ts'
import type { ReadSession } from '../../../src/db/session.ts'
import { type Fragment, id, nothing, sql, statement } from '../../../src/db/statement.ts'
import { digestOf, rowChecksum } from '../../../src/engine/chunks/checksum.ts'
import { type Digest, emptyDigest, foldRowChecksum, toDigest } from '../../../src/engine/chunks/digest.ts'
import { withReader } from '../../db/open.ts'
import { type TestDatabase, test } from '../../support/database.ts'
import { testServer } from '../../support/test-server.ts'

/** A column of the table: its type, then values of which no two are the same, however close. NULL comes by itself. */
type Kind = readonly [type: string, ...values: readonly string[]]

const common: readonly Kind[] = [
  ['TINYINT', '0', '1', '-1'],
  ['SMALLINT UNSIGNED', '65535', '65534'],
  ['MEDIUMINT', '-8388608', '8388607'],
  ['INT(5) ZEROFILL', '42', '43'],
  ['BIGINT', '-9223372036854775808', '-9223372036854775807', '9007199254740993', '9007199254740992'],
  ['BIGINT UNSIGNED', '18446744073709551615', '18446744073709551614'],
  ['DECIMAL(65,30)', '1.5', '1.500000000000000000000000000001', '-1.5'],
  ['FLOAT', '0.1', '0.10000001', '16777216', '16777215', '-1.1754944e-38', '-1.1754942e-38'],
  ['DOUBLE', '0.1', '0.10000000000000002', '-2.9322334156261917e-147', '-2.9322334156261913e-147', '5e-324'],
  ['DOUBLE(10,2)', '0.1', '0.11'],
  ['BIT(17)', "b'1'", "b'0'", "b'10000000000000001'"],
  ['BIT(64)', "X'FFFFFFFFFFFFFFFF'", "X'FFFFFFFFFFFFFFFE'"],
  ['YEAR', "'0000'", '2000', '1901'],
  ['DATE', "'0000-00-00'", "'2024-02-00'", "'2024-02-29'"],
  ['DATETIME(6)', "'2026-11-22 12:00:00.123456'", "'2026-11-22 12:00:00.123457'", "'0000-00-00 00:00:00'"],
  ['TIMESTAMP(3)', "'2026-03-29 01:30:00.001'", "'2026-03-29 02:30:00.001'"],
  ['TIME(6)', "'-00:00:00.000001'", "'00:00:00.000001'", "'-838:59:59'"],
  ["ENUM('','A','a b')", "''", "'A'", "'a b'"],
  ["SET('p','q')", "''", "'p'", "'q'", "'p,q'"],
  ['CHAR(9) CHARACTER SET utf8mb4', "''", "'a'", "'A'", "'á'", "'a\\u0301'"],
  [
    'VARCHAR(9) CHARACTER SET utf8mb4',
    "''",
    "'a'",
    "'a '",
    "'A'",
    "'á'",
    "'😀'",
    "'😁'",
    "'|'",
    "'\\0'",
    "'\\n'",
  ],
  ['VARCHAR(9) CHARACTER SET latin1', "'é'", "'e'", "'É'", "'e '", "'€'"],
  ['VARCHAR(9) CHARACTER SET ucs2', "'é'", "'e'"],
  [
    'VARCHAR(300) CHARACTER SET utf8mb4',
    "REPEAT('a', 300)",
    "CONCAT(REPEAT('a', 299), 'b')",
    "REPEAT('a', 299)",
  ],
  ['BINARY(3)', "X'610000'", "X'612000'", "X'000061'"],
  ['VARBINARY(9)', "X''", "X'00'", "X'0000'", "X'20'"],
  ['BLOB', "X''", "X'00'", "REPEAT(X'00', 65535)", "CONCAT(REPEAT(X'00', 65534), X'01')"],
  ['TEXT CHARACTER SET latin1', "''", "'é'", "'é '", "'É'"],
  [
    'LONGTEXT CHARACTER SET utf8mb4',
    "''",
    "'é'",
    "'é '",
    "'É'",
    "REPEAT('é', 100000)",
    "CONCAT(REPEAT('é', 99999), 'e')",
  ],
  [
    'GEOMETRY',
    "ST_GeomFromText('POINT(1 2)')",
    "ST_GeomFromText('POINT(2 1)')",
    "ST_GeomFromText('LINESTRING(1 2, 2 1)')",
  ],
  ['POINT', "ST_GeomFromText('POINT(1 1)')", "ST_GeomFromText('POINT(1 1)', 4326)"],
  ['INT', '7'],
  ['VARCHAR(5)', "'7'"],
]
const ofMariadb: readonly Kind[] = [
  ['JSON', `'{"a": 1}'`, `'{"a":1}'`, `'{"a": 1.0}'`],
  ['UUID', "'00000000-0000-0000-0000-000000000000'", "'00000000-0000-0000-0000-000000000001'"],
  ['INET6', "'::'", "'::1'"],
  ['INET4', "'0.0.0.0'", "'0.0.0.1'"],
]
const ofMysql: readonly Kind[] = [
  ['JSON', `'{"a": 1}'`, `'{"a": 1.0}'`, `'{"a": "1"}'`, `'{"a": [1]}'`, `'null'`],
  ['DOUBLE', "'0'", "'-0'"],
  ['VECTOR(2)', "TO_VECTOR('[1,2]')", "TO_VECTOR('[1,2.0000002]')"],
]
const kinds = [...common, ...(testServer().family === 'mariadb' ? ofMariadb : ofMysql)]

/** Beside the first row, which has every column's first value: one for each other value, and for NULL. */
const othersOf = (of: readonly Kind[]) => of.reduce((sum, [, , ...values]) => sum + values.length + 1, 0)

/** Each row but the first differs from it in one column. */
async function makeTable({ query }: TestDatabase): Promise<void> {
  const first = kinds.map(([, value]) => value)
  const others = kinds.flatMap(([, , ...values], index) =>
    [...values, 'NULL'].map((value) => first.with(index, value)),
  )
  const rows = [first, ...others].map((values, index) => `(${[index, ...values].join()})`)
  await query(`CREATE TABLE t (id INT PRIMARY KEY, ${kinds.map(([type], index) => `c${index} ${type} NULL`).join()});
    SET sql_mode = 'ALLOW_INVALID_DATES', time_zone = '+00:00'; INSERT INTO t VALUES ${rows.join()}`)
}

interface Table {
  /** All but the first, which tells the rows apart for the test. */
  readonly columns: readonly Column[]
  digest(where?: Fragment, columns?: readonly Column[]): Promise<Digest>
  checksums(): Promise<readonly Row[]>
}

async function openTable(session: ReadSession, { name }: TestDatabase, table: string): Promise<Table> {
  const columns = (await readTable(session, { schema: name, table }))?.columns.slice(1) ?? []
  const checksum = rowChecksum(columns, id('x'))
  return {
    columns,
    async digest(where = nothing, of = columns) {
      const digest = sql`SELECT ${digestOf(of)} FROM ${id(table)} ${where}`
      const [row = {}] = await session.rows(statement('test.digest', digest))
      return toDigest(row)
    },
    checksums: () =>
      session.rows(
        statement(
          'test.checksums',
          sql`SELECT id, ${checksum} AS checksum FROM ${id(table)} AS x ORDER BY id`,
        ),
      ),
  }
}

async function withTables<T>(
  database: TestDatabase,
  names: readonly string[],
  work: (...tables: readonly Table[]) => Promise<T>,
): Promise<T> {
  return withReader(database.url, ({ read }) =>
    read(async (session) => {
      const tables = []
      for (const name of names) tables.push(await openTable(session, database, name))
      return work(...tables)
    }),
  )
}

/** The rows that have another row's checksum. */
async function findTwins(table: Table | undefined): Promise<readonly Row[]> {
  const rows = (await table?.checksums()) ?? []
  const owners = new Map(rows.map(({ id: row, checksum }) => [checksum, row]))
  return rows.filter(({ id: row, checksum }) => checksum === null || owners.get(checksum ?? null) !== row)
}

describe('the checksum of a row', () => {
  test('differs for every difference in every type', async ({ database }) => {
    await makeTable(database)
    await withTables(database, ['t'], async (table) => {
      expect((await table?.digest())?.rows).toBe(BigInt(1 + othersOf(kinds)))
      expect(await findTwins(table)).toEqual([])
    })
  })

  test('is the same on both servers', async ({ database }) => {
    await makeTable(database)
    await withTables(database, ['t'], async (table) => {
      const shared = table?.columns.slice(0, common.length)
      const digest = await table?.digest(sql`WHERE id <= ${othersOf(common)}`, shared)
      expect(digest).toEqual({ rows: 111n, xor: 1939714715n, sum: 261349792377n })
    })
  })

  test('is the same in a copy, also where the copy takes no NULL', async ({ database }) => {
    await makeTable(database)
    const strict = kinds.map(([type], index) => `c${index} ${type} NOT NULL`)
    await database.query(`CREATE TABLE copy LIKE t; INSERT INTO copy SELECT * FROM t;
      CREATE TABLE filled (id INT PRIMARY KEY, ${strict.join()}); INSERT INTO filled SELECT * FROM t WHERE id = 0`)
    await withTables(database, ['t', 'copy', 'filled'], async (table, copy, filled) => {
      expect(await copy?.digest()).toEqual(await table?.digest())
      expect(await filled?.digest()).toEqual(await table?.digest(sql`WHERE id = 0`))
    })
  })

  test('knows which column a value is in, and where it ends', async ({ database }) => {
    await database.query(`CREATE TABLE t (id INT PRIMARY KEY, a VARCHAR(9), b VARBINARY(9), c VARCHAR(9), n INT, m INT);
      INSERT INTO t VALUES (1, 'a', 'bc', '', NULL, 1), (2, 'ab', 'c', '', NULL, 1), (3, 'a', 'b', 'c', NULL, 1),
        (4, 'a', 'bc', NULL, NULL, 1), (5, 'a', NULL, 'bc', NULL, 1), (6, NULL, 'a', 'bc', NULL, 1),
        (7, 'a', 'bc', '', 1, NULL), (8, '1|a', 'bc', '', NULL, 1), (9, 'a', 'bc', '', 1, 1), (10, 'a', 'bc', '|', NULL, 1),
        (11, 'a', 'bc', '-', NULL, 1), (12, 'a', 'bc', '', 11, NULL), (13, 'a', 'bc', '', NULL, 11)`)
    await withTables(database, ['t'], async (table) => expect(await findTwins(table)).toEqual([]))
  })
})

describe('a digest', () => {
  test('adds up in the server as it does here', async ({ database }) => {
    await makeTable(database)
    await withTables(database, ['t'], async (table) => {
      const checksums = (await table?.checksums()) ?? []
      expect(foldRowChecksum(checksums.map(({ checksum = null }) => checksum))).toEqual(await table?.digest())
    })
  })

  test('notices that two rows exchanged their values', async ({ database }) => {
    await database.query(`CREATE TABLE t (n INT PRIMARY KEY, id INT NOT NULL, v CHAR(4) NOT NULL); CREATE TABLE mixed LIKE t;
      INSERT INTO t VALUES (1, 1, 'aaaa'), (2, 2, 'bbbb'); INSERT INTO mixed VALUES (1, 1, 'bbbb'), (2, 2, 'aaaa')`)
    await withTables(database, ['t', 'mixed'], async (table, mixed) => {
      const [right, wrong] = [await table?.digest(), await mixed?.digest()]
      expect(wrong?.xor).not.toBe(right?.xor)
      expect(wrong?.sum).not.toBe(right?.sum)
    })
  })

  test('of no rows is empty', async ({ database }) => {
    await database.query('CREATE TABLE t (id INT PRIMARY KEY, v INT)')
    await withTables(database, ['t'], async (table) => expect(await table?.digest()).toEqual(emptyDigest))
  })
})
