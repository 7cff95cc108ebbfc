import { describe, expect, it } from 'vitest'
import { assumeTarget } from '../../../../jobs/migrate/definition/assume.ts'
import { alterOf, column, index, table } from './sample.ts'

const film = table(
  [column('id', 'int'), column('title', 'varchar(50)'), column('Year', 'year'), column('note', 'text')],
  [index('PRIMARY', ['id']), index('title_year', ['title', 'Year'])],
)

function assume(text: string) {
  return assumeTarget(film, alterOf(text))
}

/** `b<-a`: gets the values of a. `+a`: new. `a?`: not yet known. */
function columnsAfter(text: string): string {
  const { columns } = assume(text).target
  return columns
    .map(({ name, source, isAssumed }) => {
      const origin = source === undefined ? `+${name}` : source === name ? name : `${name}<-${source}`
      return isAssumed ? `${origin}?` : origin
    })
    .join(' ')
}

describe('the columns after', () => {
  it.each([
    ['ENGINE=InnoDB', 'id title Year note'],
    ['ADD a INT', 'id title Year note +a?'],
    ['ADD a INT FIRST, ADD b INT FIRST', '+b? +a? id title Year note'],
    ['ADD a INT AFTER title, ADD b INT AFTER a', 'id title +a? +b? Year note'],
    ['ADD (a INT, b INT)', 'id title Year note +a? +b?'],
    ['ADD IF NOT EXISTS note INT', 'id title Year note'],
    ['DROP title', 'id Year note'],
    ['DROP YEAR, DROP IF EXISTS missing', 'id title note'],
    ['DROP note, ADD note JSON FIRST', '+note? id title Year'],
    ['MODIFY note MEDIUMTEXT', 'id title Year note?'],
    ['MODIFY note TEXT FIRST', 'note? id title Year'],
    ['MODIFY id BIGINT AFTER note', 'title Year note id?'],
    ['CHANGE title name VARCHAR(60)', 'id name<-title? Year note'],
    ['CHANGE year year INT', 'id title year<-Year? note'],
    ['CHANGE title name VARCHAR(60) AFTER note, ADD a INT AFTER name', 'id Year note name<-title? +a?'],
    ['RENAME COLUMN title TO name', 'id name<-title Year note'],
    ['RENAME COLUMN title TO note, RENAME COLUMN note TO title', 'id note<-title Year title<-note'],
    ['RENAME COLUMN title TO name, ADD title INT', 'id name<-title Year note +title?'],
    ['CONVERT TO CHARACTER SET latin1', 'id title? Year note?'],
    ['ALTER note SET DEFAULT 1', 'id title Year note'],
  ])('%s: %s', (text, expected) => {
    expect(columnsAfter(text)).toBe(expected)
  })

  it.each([
    ['ADD a VARCHAR(200) NULL', 'VARCHAR(200)'],
    ['ADD a INT', 'INT'],
    ['ADD a INT(10) UNSIGNED ZEROFILL NOT NULL', 'INT(10) UNSIGNED ZEROFILL'],
    ["ADD a ENUM ('x', 'y') DEFAULT 'x'", "ENUM ('x', 'y')"],
  ])('have the type that is written: %s', (text, type) => {
    expect(assume(text).target.columns.at(-1)?.columnType).toBe(type)
  })

  it('have the type of the source when nothing is said', () => {
    expect(assume('RENAME COLUMN title TO name').target.columns[1]?.columnType).toBe('varchar(50)')
  })
})

describe('what only the server can tell', () => {
  it.each<[text: string, ...sentences: readonly RegExp[]]>([
    ['ADD a VARCHAR(9)', /^a is new.*VARCHAR\(9\)$/],
    ['ADD a INT AS (id + 1) UNIQUE', /^a is new/, /^a is generated/, /^a gets an index/],
    ['DROP note, ADD note INT', /^note is new/, /^note is another column/],
    ['DROP title', /indexes with title \(title_year\)/],
    ['MODIFY note VARCHAR(10)', /^note becomes.*VARCHAR\(10\).*fits/],
    ['CHANGE title name SERIAL', /^name becomes/, /^name gets an index/],
    ['ADD UNIQUE u (title, (lower(note)))', /^u \(title, an expression\) compares/],
    ['CONVERT TO CHARACTER SET latin1', /^Text columns become latin1/],
    ['CHARSET latin1', /new columns alone/],
    ['ENGINE=Aria', /engine/],
    ['ADD CHECK (id > 0)', /passes/],
    ['ADD FOREIGN KEY (id) REFERENCES p (id)', /parent/],
    ['PARTITION BY HASH (id)', /partitions/],
    ['WRONG', /server alone: WRONG/],
    ['RENAME COLUMN title TO name'],
    ['DROP note'],
    ['ADD INDEX (note(10))'],
    ["COMMENT='x'"],
    ['FORCE'],
  ])('is said of %s', (text, ...sentences) => {
    const { assumptions } = assume(text)
    const expected = sentences.map((sentence) => expect.stringMatching(sentence))
    expect(assumptions).toEqual(expected)
  })
})

describe('names that the table does not have', () => {
  it.each<[text: string, ...codes: readonly string[]]>([
    ['DROP titel', 'migrate.alterUnknownColumn'],
    ['MODIFY a INT', 'migrate.alterUnknownColumn'],
    ['CHANGE a b INT', 'migrate.alterUnknownColumn'],
    ['RENAME COLUMN a TO b', 'migrate.alterUnknownColumn'],
    ['ALTER a SET DEFAULT 1', 'migrate.alterUnknownColumn'],
    ['ADD a INT AFTER b', 'migrate.alterUnknownColumn'],
    ['RENAME COLUMN title TO name, ADD a INT AFTER title', 'migrate.alterUnknownColumn'],
    ['DROP INDEX a', 'migrate.alterUnknownIndex'],
    ['RENAME INDEX a TO b', 'migrate.alterUnknownIndex'],
    ['ALTER INDEX a INVISIBLE', 'migrate.alterUnknownIndex'],
    ['ADD TITLE INT', 'migrate.alterColumnTwice'],
    ['RENAME COLUMN title TO note', 'migrate.alterColumnTwice'],
    ['ADD (a INT, A INT)', 'migrate.alterColumnTwice'],
    ['DROP IF EXISTS a, DROP INDEX IF EXISTS a, ADD IF NOT EXISTS title INT'],
    ['DROP INDEX TITLE_YEAR, DROP PRIMARY KEY, DROP Title'],
    ['DROP title, ADD title INT'],
    ['ADD INDEX a (title)'],
  ])('are found in %s', (text, ...codes) => {
    expect(assume(text).problems.map(({ code }) => code)).toEqual(codes)
  })

  it('are told with the nearest', () => {
    expect(assume('DROP COLUMN titel').problems).toEqual([
      {
        code: 'migrate.alterUnknownColumn',
        problem: 'There is no column titel: DROP COLUMN titel',
        fix: 'Did you mean title?',
      },
    ])
  })
})
