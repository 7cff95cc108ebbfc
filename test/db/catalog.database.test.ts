import { describe, expect } from 'vitest'
import { type Column, findPrimaryKey, findUniqueIndex, readTable } from '../../src/db/catalog.ts'
import { type TestDatabase, test } from '../support/database.ts'
import { testServer } from '../support/test-server.ts'
import { withReader } from './open.ts'

async function read(database: TestDatabase, table: string) {
  const definition = await withReader(database.url, ({ read }) =>
    read((session) => readTable(session, { schema: database.name, table })),
  )
  if (definition === undefined) throw new Error(`no table ${table}`)
  return definition
}

const family = () => testServer().family

describe('a column', () => {
  const create = `CREATE TABLE \`Odd.\`\`one\` (
    \`select\` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    doubled INT GENERATED ALWAYS AS (padded * 2) VIRTUAL,
    kept INT GENERATED ALWAYS AS (padded + 1) STORED,
    padded INT(6) ZEROFILL NOT NULL DEFAULT 7,
    hidden INT NULL DEFAULT 3 INVISIBLE,
    hidden_too INT GENERATED ALWAYS AS (1) VIRTUAL INVISIBLE,
    touched TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
    made DATETIME NULL COMMENT 'on update, invisible, stored generated',
    old TEXT CHARACTER SET latin1,
    bytes VARBINARY(9),
    quoted VARCHAR(20) DEFAULT 'it''s' COLLATE utf8mb4_bin,
    word VARCHAR(20) DEFAULT 'NULL',
    empty_text VARCHAR(20) NOT NULL DEFAULT '',
    needed VARCHAR(20) NOT NULL)`

  test('is invisible, generated, counted up or set by the server as declared', async ({ database }) => {
    await database.query(create)
    const { columns } = await read(database, 'Odd.`one')
    const names = (has: (column: Column) => boolean) => columns.filter(has).map(({ name }) => name)
    expect(names((column) => column.isInvisible)).toEqual(['hidden', 'hidden_too'])
    expect(names((column) => column.generation === 'virtual')).toEqual(['doubled', 'hidden_too'])
    expect(names((column) => column.generation === 'stored')).toEqual(['kept'])
    expect(names((column) => column.isGenerated)).toEqual(['doubled', 'kept', 'hidden_too'])
    expect(names((column) => column.isAutoIncrement)).toEqual(['select'])
    expect(names((column) => column.onUpdateNow)).toEqual(['touched'])
    expect(columns.find(({ name }) => name === 'padded')?.columnType).toMatch(/^int\(6\) unsigned zerofill$/)
  })

  test('has the character set and the default it was given, and NULL is none', async ({ database }) => {
    await database.query(create)
    const { columns } = await read(database, 'Odd.`one')
    const sets = columns.map(({ name, characterSet, collation }) => [name, characterSet, collation])
    expect(sets).toContainEqual(['old', 'latin1', 'latin1_swedish_ci'])
    expect(sets).toContainEqual(['bytes', undefined, undefined])
    expect(sets).toContainEqual(['quoted', 'utf8mb4', 'utf8mb4_bin'])
    const quote = (text: string) => (family() === 'mariadb' ? `'${text.replaceAll("'", "''")}'` : text)
    const now = family() === 'mariadb' ? 'current_timestamp(3)' : 'CURRENT_TIMESTAMP(3)'
    const defaults = columns.flatMap(({ name, defaultText }) =>
      defaultText === undefined ? [] : [[name, defaultText]],
    )
    expect(defaults).toEqual([
      ['padded', '000007'],
      ['hidden', '3'],
      ['touched', now],
      ['quoted', quote("it's")],
      ['word', quote('NULL')],
      ['empty_text', quote('')],
    ])
    const without = columns.filter(({ hasDefault }) => !hasDefault).map(({ name }) => name)
    expect(without).toEqual(['doubled', 'kept', 'hidden_too', 'made', 'old', 'bytes', 'needed'])
  })
})

describe('an index', () => {
  test('tells its kind, its prefixes and its order', async ({ database }) => {
    await database.query(`CREATE TABLE notes (id INT PRIMARY KEY, note TEXT, \`Key\` VARCHAR(20), place POINT NOT NULL,
      INDEX part (note(5), \`Key\` DESC), FULLTEXT INDEX words (note), SPATIAL INDEX places (place))`)
    const { indexes } = await read(database, 'notes')
    expect(indexes.map(({ name, kind, isUnique, columns }) => [name, kind, isUnique, columns])).toEqual([
      ['part', 'btree', false, ['note', 'Key']],
      ['places', 'spatial', false, ['place']],
      ['PRIMARY', 'btree', true, ['id']],
      ['words', 'fulltext', false, ['note']],
    ])
    expect(indexes[0]?.parts).toEqual([
      { column: 'note', prefixLength: 5, isDescending: false },
      { column: 'Key', prefixLength: undefined, isDescending: true },
    ])
    expect(indexes[1]?.parts[0]?.prefixLength).toBeUndefined()
  })

  test('on an expression has a part without a column', async ({ database }) => {
    if (family() === 'mariadb') return
    await database.query(`CREATE TABLE notes (id INT NOT NULL, note VARCHAR(20) NOT NULL,
      UNIQUE INDEX folded ((LOWER(note)), id))`)
    const table = await read(database, 'notes')
    expect(table.indexes[0]?.columns).toEqual(['', 'id'])
    expect(table.indexes[0]?.parts[0]?.column).toBeUndefined()
    expect(findUniqueIndex(table, ['id'])).toBeUndefined()
    expect(findPrimaryKey(table)).toBeUndefined()
  })

  test('too long for a tree is a hash, and no key to walk along', async ({ database }) => {
    if (family() === 'mysql') return
    await database.query('CREATE TABLE notes (note TEXT NOT NULL, UNIQUE INDEX whole (note))')
    const table = await read(database, 'notes')
    expect(table.indexes[0]?.kind).toBe('hash')
    expect(findPrimaryKey(table)).toBeUndefined()
  })
})

describe('the key that tells rows apart', () => {
  test('is PRIMARY, else the first unique index of whole columns without NULLs', async ({ database }) => {
    await database.query(`
      CREATE TABLE a (x INT NOT NULL, y INT PRIMARY KEY, UNIQUE INDEX first (x));
      CREATE TABLE b (n INT NULL, t VARCHAR(20) NOT NULL, x INT NOT NULL, y INT NOT NULL,
        UNIQUE INDEX a_null (n, x), UNIQUE INDEX b_part (t(3)), INDEX c_not_unique (x),
        UNIQUE INDEX \`D e\` (y, x), UNIQUE INDEX f (x));
      CREATE TABLE c (n INT NULL, UNIQUE INDEX only (n))`)
    const keyOf = async (table: string) => findPrimaryKey(await read(database, table))
    expect(await keyOf('a')).toMatchObject({ name: 'PRIMARY', columns: ['y'] })
    expect(await keyOf('b')).toMatchObject({ name: 'D e', columns: ['y', 'x'] })
    expect(await keyOf('c')).toBeUndefined()
  })
})

describe('a table', () => {
  test('has its options and the next number, as of this moment', async ({ database }) => {
    await database.query(`CREATE TABLE numbered (id BIGINT UNSIGNED AUTO_INCREMENT PRIMARY KEY)
        ROW_FORMAT = COMPACT COLLATE = utf8mb4_bin AUTO_INCREMENT = 18446744073709551000;
      CREATE TABLE plain (n INT)`)
    const numbered = await read(database, 'numbered')
    expect(numbered.options).toMatchObject({ rowFormat: 'Compact', collation: 'utf8mb4_bin' })
    expect(numbered.options.createOptions).toContain('row_format=COMPACT')
    expect(numbered.autoIncrement).toBe('18446744073709551000')
    await database.query('INSERT INTO numbered VALUES (NULL), (NULL)')
    expect((await read(database, 'numbered')).autoIncrement).toBe('18446744073709551002')
    expect((await read(database, 'plain')).autoIncrement).toBeUndefined()
  })

  test('differs from one whose name differs by case alone', async ({ database }) => {
    await database.query('CREATE TABLE Twin (big INT); CREATE TABLE twin (small INT)')
    expect((await read(database, 'Twin')).columns.map(({ name }) => name)).toEqual(['big'])
    expect((await read(database, 'twin')).columns.map(({ name }) => name)).toEqual(['small'])
  })
})
