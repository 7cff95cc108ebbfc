import { describe, expect } from 'vitest'
import { id, join, raw, sql, statement, tableId, type Value } from '../../src/db/statement.ts'
import { test } from '../support/database.ts'
import { testServer } from '../support/test-server.ts'
import { withReader, withWriter } from './open.ts'

/** Legal names that quoting gets wrong when it splits, trims, counts bytes or trusts. */
const names = [
  ...[
    'a`b',
    'a.b',
    'a b',
    ' lead',
    'select',
    'Größe',
    '表',
    'x as y',
    '*',
    'a;b',
    '--',
    '#mysql50#x',
    "it's",
  ],
  ...[
    '"quoted"',
    '%',
    '_',
    '?',
    ':name',
    '$1',
    '\\',
    'a\nb',
    '`',
    '``',
    '/* c */',
    'é'.repeat(64),
    'x'.repeat(64),
  ],
]

describe('names', () => {
  test('of columns reach the server as they are', async ({ database }) => {
    await withWriter(database.url, async (writer) => {
      const table = tableId({ schema: database.name, table: 'names' })
      const columns = names.map((name) => sql`${id(name)} INT NOT NULL`)
      await writer.use(async (session) => {
        await session.change(statement('test.create', sql`CREATE TABLE ${table} (${join(columns)})`))
        const values = names.map((_, index) => sql`${index}`)
        await session.change(
          statement(
            'test.insert',
            sql`INSERT INTO ${table} (${join(names.map(id))}) VALUES (${join(values)})`,
          ),
        )
        const [row] = await session.rows(
          statement('test.select', sql`SELECT ${join(names.map(id))} FROM ${table}`),
        )
        expect(row).toEqual(Object.fromEntries(names.map((name, index) => [name, index])))
      })
    })
  })

  test('of tables reach the server as they are', async ({ database }) => {
    await withWriter(database.url, async (writer) => {
      // A name of the form #mysql50# is taken apart by the server itself.
      const tables = names.filter((name) => !name.startsWith('#mysql50#'))
      await writer.use(async (session) => {
        for (const [index, name] of tables.entries()) {
          const table = tableId({ schema: database.name, table: name })
          await session.change(statement('test.create', sql`CREATE TABLE ${table} (n INT)`))
          await session.change(statement('test.insert', sql`INSERT INTO ${table} VALUES (${index})`))
          expect(await session.rows(statement('test.select', sql`SELECT n FROM ${table}`)), name).toEqual([
            { n: index },
          ])
        }
      })
      const made = await database.query(
        'SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?',
        [database.name],
      )
      expect(made.map(({ name }) => name).toSorted()).toEqual([...tables].toSorted())
    })
  })

  test('beyond U+FFFF are why the configuration refuses them: MySQL makes another name of it', async ({
    database,
  }) => {
    await withWriter(database.url, async (writer) => {
      const table = tableId({ schema: database.name, table: 'emoji 😀' })
      const create = statement('test.create', sql`CREATE TABLE ${table} (n INT)`)
      const creating = writer.use((session) => session.change(create))
      if (testServer().family === 'mysql') expect(await creating).toMatchObject({ warnings: 1 })
      else await expect(creating).rejects.toMatchObject({ kind: 'definition' })
    })
    const tables = (await database.query('SHOW TABLES')).flatMap(Object.values)
    expect(tables).toEqual(testServer().family === 'mysql' ? ['emoji ?'] : [])
  })
})

const texts: readonly string[] = [
  ...[
    '',
    ' ',
    ' lead and trail ',
    "it's",
    '"',
    '\\',
    "\\'",
    "'; DROP TABLE x; --",
    '?',
    '??',
    ':a',
    '`',
    '/* */',
  ],
  ...[
    '\n\r\t\b',
    '\0',
    '\x1a',
    '%_',
    '😀🏴‍☠️',
    'e\u0301',
    '\u202E',
    '表',
    '__proto__',
    'NULL',
    'null',
    '0x41',
  ],
]

/** Written with the column's type, the value, and what comes back. */
const cells: readonly (readonly [type: string, value: Value, back: unknown])[] = [
  ['BIGINT', 9007199254740993n, '9007199254740993'],
  ['BIGINT', -9223372036854775808n, '-9223372036854775808'],
  ['BIGINT UNSIGNED', 18446744073709551615n, '18446744073709551615'],
  ['BIGINT', '9007199254740993', '9007199254740993'],
  ['BIGINT', 7, '7'],
  ['INT', 7, 7],
  ['DECIMAL(65,30)', '12345678901234567890123456789012345.000000000000000000000000000001', undefined],
  ['DECIMAL(20,8)', '12.3', '12.30000000'],
  ['DECIMAL(10,2)', '-0.00', '0.00'],
  ['DOUBLE', 0.1, 0.1],
  ['VARBINARY(16)', Buffer.from('00ff27225c1a0d0a', 'hex'), undefined],
  ['VARBINARY(16)', Buffer.alloc(0), undefined],
  ['BINARY(4)', Buffer.from('00000001', 'hex'), undefined],
  ['BLOB', Buffer.from("'; DROP"), undefined],
  ['DATETIME(6)', '2026-11-22 12:00:00.123456', undefined],
  ['DATETIME', '0001-01-01 00:00:00', undefined],
  ['DATETIME', '9999-12-31 23:59:59', undefined],
  ['TIMESTAMP', '2026-03-08 02:30:00', undefined],
  ['DATE', '2024-02-29', undefined],
  ['TIME', '-838:59:59', undefined],
  ['YEAR', 2155, 2155],
  ["ENUM('','A''B')", "A'B", undefined],
  ['INT', null, null],
  ['VARCHAR(10)', null, null],
]

describe('values', () => {
  test('come back as they were written', async ({ database }) => {
    await withWriter(database.url, async (writer) => {
      const all = [...cells, ...texts.map((text) => ['VARCHAR(60)', text, undefined] as const)]
      const columns = all.map(([type], index) => sql`${id(`c${index}`)} ${raw(type)} NULL`)
      const values = all.map(([, value]) => sql`${value}`)
      await writer.use(async (session) => {
        await session.change(
          statement('test.create', sql`CREATE TABLE cells (${join(columns)}) DEFAULT CHARSET utf8mb4`),
        )
        const { warnings } = await session.change(
          statement('test.insert', sql`INSERT INTO cells VALUES (${join(values)})`),
        )
        expect(warnings).toBe(0)
        const [row] = await session.rows(statement('test.select', sql`SELECT * FROM cells`))
        expect(Object.values(row ?? {})).toEqual(
          all.map(([, value, back]) => (back === undefined ? value : back)),
        )
      })
    })
  })

  test('find the row they were written to, whatever their type', async ({ database }) => {
    await database.query(
      'CREATE TABLE ids (id BIGINT PRIMARY KEY, bin VARBINARY(8), txt VARCHAR(60) COLLATE utf8mb4_bin)',
    )
    await withWriter(database.url, async (writer) => {
      const rows = texts.map((text, index) => ({
        ...{ id: 9007199254740992n + BigInt(index), bin: Buffer.from([0, index, 39, 92]), text },
      }))
      await writer.use(async (session) => {
        for (const { id: key, bin, text } of rows) {
          await session.change(
            statement('test.insert', sql`INSERT INTO ids VALUES (${key}, ${bin}, ${text})`),
          )
        }
        for (const { id: key, bin, text } of rows) {
          const found = statement(
            'test.find',
            sql`SELECT id FROM ids WHERE id = ${key} AND bin = ${bin} AND BINARY txt = ${text}`,
          )
          expect(await session.rows(found), JSON.stringify(text)).toEqual([{ id: String(key) }])
        }
      })
    })
  })

  test('leave the question marks of a configured condition alone', async ({ database }) => {
    await database.query("CREATE TABLE notes (note VARCHAR(20)); INSERT INTO notes VALUES ('why?'), ('so')")
    await withReader(database.url, async ({ read }) => {
      const where = raw("note LIKE '%?%' AND note <> '??'")
      const query = statement('test.where', sql`SELECT note FROM notes WHERE (${where}) AND note <> ${'?'}`)
      expect(await read((session) => session.rows(query))).toEqual([{ note: 'why?' }])
    })
  })

  test('of a JSON column are the server’s text', async ({ database }) => {
    await database.query(`CREATE TABLE docs (doc JSON); INSERT INTO docs VALUES ('{"n": 9007199254740993}')`)
    await withReader(database.url, async ({ read }) => {
      const [row] = await read((session) => session.rows(statement('test.json', sql`SELECT doc FROM docs`)))
      expect(row).toEqual({ doc: '{"n": 9007199254740993}' })
    })
  })

  test('are told apart by the server family and version', async ({ database }) => {
    const { family, version } = testServer()
    await withReader(database.url, async ({ server }) => {
      expect(server).toMatchObject({
        family,
        version: expect.stringContaining(version.split('-')[0] ?? ''),
        isSupported: true,
      })
    })
  })
})
