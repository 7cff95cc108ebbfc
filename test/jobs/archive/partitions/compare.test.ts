import { describe, expect, it } from 'vitest'
import { fits } from '../../../../jobs/archive/partitions/column-fit.ts'
import { compareForArchive } from '../../../../jobs/archive/partitions/compare.ts'
import type { Column, Index } from '../../../../src/db/catalog.ts'
import { column, date, index, table } from './sample.ts'

const key = column('bigint(20) unsigned', { name: 'id' })
const age = column('date')
const note = column('varchar(200)', { name: 'note', isNullable: true })

/** The live table is (id, created_at, note); its archive table what the test says. */
function compare(
  there: readonly Column[],
  indexes: readonly Index[] = [index('PRIMARY', ['id', 'created_at'])],
  here: readonly Column[] = [key, age, note],
) {
  const source = table('orders', here, [index('PRIMARY', ['id'])])
  return compareForArchive(source, table('orders_archive', there, indexes), date)
}

describe('an archive table fits', () => {
  it.each<[string, readonly Column[]]>([
    ['in another order, with names in other letters', [note, { ...age, name: 'Created_At' }, key]],
    ['when it is wider', [key, age, column('varchar(300)', { name: 'note', isNullable: true })]],
    ['on the other family, which prints no widths', [column('bigint unsigned', { name: 'id' }), age, note]],
    [
      'with columns of its own that need no value',
      [key, age, note, column('int', { name: 'more', hasDefault: true })],
    ],
  ])('%s', (_, there) => {
    expect(compare(there)).toEqual([])
  })

  it('with an age that is NOT NULL although the live one may be NULL', () => {
    const nullable = column('date', { isNullable: true })
    expect(compare([key, age, note], undefined, [key, nullable, note])).toEqual([])
  })

  it('with the parent’s age in a column of its own', () => {
    const own = { column: column('date', { name: 'rowkeeper_age' }), kind: 'date' } as const
    const lines = table('lines', [key, note], [index('PRIMARY', ['id'])])
    const archive = (columns: readonly Column[]) =>
      table('lines_archive', columns, [index('PRIMARY', ['id', 'rowkeeper_age'])])
    expect(compareForArchive(lines, archive([key, note, own.column]), own)).toEqual([])
    expect(compareForArchive(lines, archive([key, note]), own)).toMatchObject([
      { column: 'rowkeeper_age', fix: expect.stringContaining('ADD COLUMN `rowkeeper_age` date NOT NULL') },
    ])
  })

  it.each([[['created_at', 'id']], [['id']], [['id', 'note']]])('with an index on %j', (columns) => {
    expect(compare([key, age, note], [index('by_key', columns)])).toEqual([])
  })
})

describe('an archive table is refused', () => {
  it.each<[string, readonly Column[], { column?: string; problem: RegExp; fix: RegExp }]>([
    [
      'without a column',
      [key, age],
      {
        column: 'note',
        problem: /has no column note/,
        fix: /ADD COLUMN `note` varchar\(200\) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NULL$/,
      },
    ],
    [
      'with a narrower one',
      [key, age, { ...note, columnType: 'varchar(100)' }],
      {
        column: 'note',
        problem:
          /orders_archive\.note cannot take orders\.note: varchar\(200\) does not fit into varchar\(100\)/,
        fix: /MODIFY COLUMN `note` varchar\(200\)/,
      },
    ],
    [
      'with another collation',
      [key, age, { ...note, collation: 'utf8mb4_bin' }],
      {
        column: 'note',
        problem: /collation utf8mb4_bin instead of utf8mb4_general_ci/,
        fix: /COLLATE utf8mb4_general_ci/,
      },
    ],
    [
      'with NOT NULL where NULLs may come',
      [key, age, { ...note, isNullable: false }],
      { column: 'note', problem: /NOT NULL, and NULL is allowed/, fix: / NULL$/ },
    ],
    [
      'with a column that is computed there',
      [key, age, { ...note, isGenerated: true, generation: 'stored' }],
      {
        column: 'note',
        problem: /one is an ordinary column, the other a stored generated column/,
        fix: /SHOW CREATE TABLE `orders`/,
      },
    ],
    [
      'with a demand of its own',
      [key, age, note, column('int(11)', { name: 'batch' })],
      { column: 'batch', problem: /wants a value of every row/, fix: /MODIFY COLUMN `batch` int\(11\) NULL/ },
    ],
  ])('%s', (_, there, { column: name, problem, fix }) => {
    expect(compare(there)).toEqual([
      { column: name, problem: expect.stringMatching(problem), fix: expect.stringMatching(fix) },
    ])
  })

  it('without an index on the key', () => {
    expect(compare([key, age, note], [index('by_note', ['note'])])).toEqual([
      {
        problem: expect.stringContaining('begins with (id)'),
        fix: 'ALTER TABLE `shop`.`orders_archive` ADD INDEX (`id`)',
      },
    ])
  })
})

describe('a value of one type', () => {
  it.each([
    ['int(11)', 'int'],
    ['year(4)', 'year'],
    ['text', 'longtext'],
    ['tinyblob', 'blob'],
    ['varbinary(10)', 'varbinary(20)'],
    ["enum('a','b')", "enum('a','b','c')"],
    ["set('a','b')", "set('b','a')"],
    ['json', 'longtext'],
    ['datetime /* mariadb-5.3 */', 'datetime'],
  ])('%s lies unchanged in %s', (here, there) => {
    expect(fits(column(here), column(there))).toBe(true)
  })

  it.each([
    ['int(11)', 'int(10) unsigned'],
    ['int', 'bigint'],
    ['int(5) unsigned zerofill', 'int(6) unsigned zerofill'],
    ['decimal(10,2)', 'decimal(12,4)'],
    ['datetime', 'datetime(6)'],
    ['binary(10)', 'binary(20)'],
    ['char(10)', 'varchar(10)'],
    ['longtext', 'text'],
    ['text', 'blob'],
    ['longtext', 'json'],
    ["enum('a','b')", "enum('a')"],
    ["enum('A')", "enum('a')"],
    ['float', 'double'],
  ])('%s does not in %s', (here, there) => {
    expect(fits(column(here), column(there))).toBe(false)
  })
})
