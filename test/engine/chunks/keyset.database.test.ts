import { describe, expect } from 'vitest'
import { type Column, readTable } from '../../../src/db/catalog.ts'
import type { Cell, Row } from '../../../src/db/connection.ts'
import type { ReadSession } from '../../../src/db/session.ts'
import { type Fragment, id, join, nothing, sql, statement } from '../../../src/db/statement.ts'
import {
  after as behind,
  isExactKey,
  type KeyValue,
  keyIn,
  keyValue,
  orderBy,
  selectKey,
} from '../../../src/engine/chunks/keyset.ts'
import { withReader } from '../../db/open.ts'
import { type TestDatabase, test } from '../../support/database.ts'
import { testServer } from '../../support/test-server.ts'

const everywhere = [
  ['BIGINT', '-9223372036854775808', '-1', '0', '9007199254740993', '9223372036854775807'],
  ['BIGINT UNSIGNED', '0', '9223372036854775808', '18446744073709551614', '18446744073709551615'],
  ['INT(5) ZEROFILL', '0', '7', '4294967295'],
  ['DECIMAL(65,30)', '-0.000000000000000000000000000001', '0', '12345678901234567890123456789012345.1'],
  ['BIT(64)', "b'0'", "b'1'", "X'8000000000000001'", "X'FFFFFFFFFFFFFFFF'"],
  ['YEAR', "'0000'", '1901', '2000', '2155'],
  ['DATE', "'0000-00-00'", "'2024-02-00'", "'2024-02-29'", "'9999-12-31'"],
  ['DATETIME(6)', "'0000-00-00 00:00:00'", "'2026-03-08 02:30:00.000001'", "'9999-12-31 23:59:59.999999'"],
  ['TIMESTAMP(3)', "'0000-00-00 00:00:00'", "'1970-01-01 00:00:01'", "'2026-10-25 00:30:00.123'"],
  ['TIME(6)', "'-838:59:59.000000'", "'-00:00:00.000001'", "'00:00:00'", "'838:59:59'"],
  ['BINARY(3)', "X'000000'", "X'610000'", "X'FF2727'"],
  ['VARBINARY(9)', "X''", "X'00'", "X'0000'", "X'5C'", "X'5C27'", "X'610A'"],
  ['CHAR(4) CHARACTER SET utf8mb4', "''", "'a'", "'é😀'", "'\\n'"],
  [
    'VARCHAR(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
    "''",
    "'a\\n'",
    "'a\\\\'",
    "'A'",
    "'a\\0'",
    "'😀'",
    "'''?'",
  ],
  [
    'VARCHAR(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci',
    "'a'",
    "'ß'",
    "'é '",
    "' z'",
    "'\\\\'",
    "'z\\n'",
  ],
  ['VARCHAR(9) CHARACTER SET latin1', "X'E9'", "X'80'", "X'81'", "X'5C'", "X'27'", "X'000A'"],
  ['VARCHAR(9) CHARACTER SET sjis', "X'835C'", "X'5C'", "X'8140'"],
  ['VARCHAR(9) CHARACTER SET gbk', "X'815C'", "X'D5'", "X'27'"],
  ['VARCHAR(9) CHARACTER SET ucs2', "_ucs2 X'0041'", "_ucs2 X'005C'", "_ucs2 X'D800'"],
  ['VARCHAR(9) CHARACTER SET utf32', "_utf32 X'0001F600'", "_utf32 X'00000027'"],
] as const
const ofMariadb = [
  ['UUID', "'00000000-0000-0000-0000-000000000000'", "'ffffffff-0000-11ee-8000-00000000000a'"],
  ['INET6', "'::'", "'2001:db8::ff00:42:8329'", "'::ffff:192.0.2.1'"],
  ['INET4', "'0.0.0.0'", "'192.0.2.1'"],
] as const
const types = testServer().family === 'mariadb' ? [...everywhere, ...ofMariadb] : everywhere

/** The table of a type: the value alone is its key, or after a number that half of the rows share. */
async function makeTable(database: TestDatabase, [type, ...values]: readonly string[], key: string) {
  const literal = (value: string) =>
    type?.includes('latin1') || /sjis|gbk/.test(String(type)) ? `_binary ${value}` : value
  const rows = values.flatMap((value, index) => [
    `(1, ${literal(value)}, ${index})`,
    `(2, ${literal(value)}, ${index})`,
  ])
  const unique = key === 'k' ? rows.filter((row) => row.startsWith('(1,')) : rows
  await database.query(`DROP TABLE IF EXISTS t; CREATE TABLE t (a INT NOT NULL, k ${type} NOT NULL, n INT, PRIMARY KEY (${key}));
    SET sql_mode = 'ALLOW_INVALID_DATES'; INSERT INTO t VALUES ${unique.join()}`)
}

interface Walk {
  readonly session: ReadSession
  readonly columns: readonly Column[]
}

async function withTable<T>(
  database: TestDatabase,
  key: readonly string[],
  work: (walk: Walk) => Promise<T>,
): Promise<T> {
  return withReader(database.url, ({ read }) =>
    read(async (session) => {
      const table = await readTable(session, { schema: database.name, table: 't' })
      const columns = key.map((name) => table?.columns.find((column) => column.name === name))
      return work({ session, columns: columns.filter((column) => column !== undefined) })
    }),
  )
}

const namesOf = (columns: readonly Column[]) => columns.map(({ name }) => name)

function select({ session, columns }: Walk, tail: Fragment): Promise<readonly Row[]> {
  const key = columns.map((column, index) => selectKey(column, `key_${index}`))
  return session.rows(statement('test.select', sql`SELECT ${join(key)}, n FROM t ${tail}`))
}

/** Through JSON, as a position that was written down comes back. */
function keyOf(row: Row | undefined, { columns }: Walk): readonly KeyValue[] {
  const cells = columns.map((_, index) => row?.[`key_${index}`] ?? null)
  const kept = JSON.parse(JSON.stringify(cells)) as readonly Cell[]
  return columns.map((column, index) => keyValue(kept[index] ?? null, column))
}

/** Row after row, each one looked for behind the one before. */
async function walkThrough(walk: Walk): Promise<readonly Row[]> {
  const names = namesOf(walk.columns)
  const found: Row[] = []
  for (;;) {
    const position =
      found.length === 0 ? nothing : sql`WHERE ${behind(names.map(id), keyOf(found.at(-1), walk))}`
    const [next] = await select(walk, sql`${position} ${orderBy(names)} LIMIT 1`)
    if (next === undefined) return found
    found.push(next)
  }
}

describe('a key', () => {
  test('of every type finds its row, and only that, whatever is in it', async ({ database }) => {
    for (const type of types) {
      for (const key of [['k'], ['a', 'k']]) {
        await makeTable(database, type, key.join())
        await withTable(database, key, async (walk) => {
          const all = await select(walk, orderBy(key))
          expect(walk.columns.every(isExactKey), type[0]).toBe(true)
          expect(all.length, `rows of ${type[0]} by ${key}`).toBe((type.length - 1) * key.length)
          for (const row of all) {
            const found = await select(walk, sql`WHERE ${keyIn(key, [keyOf(row, walk)])}`)
            expect(found, `${type[0]} by ${key}: ${JSON.stringify(row)}`).toEqual([row])
          }
          const keys = all.map((row) => keyOf(row, walk))
          expect(
            await select(walk, sql`WHERE ${keyIn(key, keys)} ${orderBy(key)}`),
            `${type[0]} in one`,
          ).toEqual(all)
          expect(await walkThrough(walk), `walk of ${type[0]} by ${key}`).toEqual(all)
        })
      }
    }
  })

  test('of no rows finds none', async ({ database }) => {
    await makeTable(database, types[0], 'k')
    await withTable(database, ['k'], async (walk) => {
      expect(await select(walk, sql`WHERE ${keyIn(['k'], [])}`)).toEqual([])
    })
  })
})

/** 16,384 rows, of which a quarter have the same time; made by doubling. */
async function makeLargeTable({ query }: TestDatabase): Promise<void> {
  await query(`CREATE TABLE t (k VARCHAR(9) CHARACTER SET latin1 NOT NULL, b VARBINARY(4) NOT NULL, a INT NOT NULL,
    n INT NOT NULL UNIQUE, at DATETIME NOT NULL, PRIMARY KEY (k, b, a), KEY by_time (at));
    INSERT INTO t VALUES ('k0', 'b', 0, 0, '2026-01-01')`)
  for (let rows = 1; rows < 16_384; rows *= 2) {
    await query(`INSERT INTO t SELECT CONCAT('k', (n + ${rows}) % 7), 'b', n + ${rows}, n + ${rows},
      '2026-01-01' + INTERVAL (n + ${rows}) DIV 4096 DAY FROM t`)
  }
  await query('ANALYZE TABLE t')
}

/** What a select makes the server read: look-ups by key, entries of an index, rows of a table without one. */
async function countReads(walk: Walk, tail: Fragment) {
  const before = await readHandlers(walk)
  const rows = await select(walk, tail)
  const now = await readHandlers(walk)
  const total = (...names: readonly string[]) =>
    names.reduce(
      (sum, name) => sum + (now.get(`Handler_read_${name}`) ?? 0) - (before.get(`Handler_read_${name}`) ?? 0),
      0,
    )
  return {
    rows: rows.length,
    byKey: total('key'),
    onwards: total('first', 'last', 'next', 'prev'),
    scanned: total('rnd_next'),
  }
}

async function readHandlers({ session }: Walk): Promise<ReadonlyMap<string, number>> {
  const status = statement('test.status', sql`SHOW SESSION STATUS WHERE Variable_name LIKE 'Handler_read%'`)
  const rows = await session.rows(status)
  return new Map(rows.map(({ Variable_name, Value }) => [String(Variable_name), Number(Value)]))
}

/** Showing the status reads rows itself. */
const OF_STATUS = 100

describe('on a large table', () => {
  test('10,000 keys are looked up one by one', async ({ database }) => {
    await makeLargeTable(database)
    await withTable(database, ['k', 'b', 'a'], async (walk) => {
      const names = namesOf(walk.columns)
      const rows = await select(walk, sql`ORDER BY n LIMIT 10000`)
      const keys = rows.map((row) => keyOf(row, walk))
      const numbers = rows.map(({ n }) => [n ?? null])
      for (const tail of [
        sql`FORCE INDEX (PRIMARY) WHERE ${keyIn(names, keys)}`,
        sql`FORCE INDEX (n) WHERE ${keyIn(['n'], numbers)}`,
      ]) {
        const reads = await countReads(walk, tail)
        expect(reads).toMatchObject({ rows: 10_000, byKey: 10_000, onwards: 0 })
        expect(reads.scanned).toBeLessThan(OF_STATUS)
      }
    })
  })

  test('a page reads no more than its rows, wherever it begins', async ({ database }) => {
    await makeLargeTable(database)
    await withTable(database, ['k', 'b', 'a'], async (walk) => {
      const names = namesOf(walk.columns)
      const [row] = await select(walk, sql`WHERE n = 6000`)
      const key = keyOf(row, walk)
      const inTime = ['at', ...names]
      for (const tail of [
        sql`WHERE ${behind(names.map(id), key)} ${orderBy(names)} LIMIT 200`,
        sql`FORCE INDEX (by_time) WHERE ${behind(inTime.map(id), ['2026-01-02', ...key])} ${orderBy(inTime)} LIMIT 200`,
      ]) {
        const reads = await countReads(walk, tail)
        expect(reads).toMatchObject({ rows: 200, onwards: 199 })
        expect(reads.scanned).toBeLessThan(OF_STATUS)
      }
    })
  })
})
