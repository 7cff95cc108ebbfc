import { describe, expect } from 'vitest'
import { assumeTarget } from '../../../../jobs/migrate/definition/assume.ts'
import { comparableCreate } from '../../../../jobs/migrate/definition/comparable-create.ts'
import { renameConstraints } from '../../../../jobs/migrate/definition/constraint-names.ts'
import { retargetCreate } from '../../../../jobs/migrate/definition/create-text.ts'
import { withoutSecondaryIndexes } from '../../../../jobs/migrate/definition/secondary-indexes.ts'
import { readTable } from '../../../../src/db/catalog.ts'
import { readCreateTable } from '../../../../src/db/create-table.ts'
import { withReader } from '../../../db/open.ts'
import { type TestDatabase, test } from '../../../support/database.ts'
import { testServer } from '../../../support/test-server.ts'
import { alterOf } from './sample.ts'

function readDefinition(database: TestDatabase, table: string) {
  return withReader(database.url, ({ read }) =>
    read(async (session) => {
      const definition = await readTable(session, { schema: database.name, table })
      if (definition === undefined) throw new Error(`no table ${table}`)
      return definition
    }),
  )
}

function readCreate(database: TestDatabase, table: string): Promise<string> {
  return withReader(database.url, ({ read }) =>
    read((session) => readCreateTable(session, { schema: database.name, table })),
  )
}

describe('an ALTER', () => {
  test.for([
    'ADD a INT FIRST, ADD b INT AFTER a',
    'ADD (a INT, b INT), ADD c INT AFTER b',
    'DROP note, ADD note INT FIRST',
    'MODIFY id BIGINT AFTER note, MODIFY note TEXT FIRST',
    'CHANGE title name VARCHAR(60) AFTER note, ADD a INT AFTER name',
    'CHANGE title note VARCHAR(60), CHANGE note title TEXT',
    'RENAME COLUMN title TO note, RENAME COLUMN note TO title',
    'RENAME COLUMN title TO name, ADD title INT, ADD b INT AFTER name',
    'CHANGE title name VARCHAR(60), DROP note, ADD a INT /* , DROP id */ AFTER id',
    "ADD a INT COMMENT 'x, DROP b', RENAME COLUMN note TO `a, b` -- end",
    'ADD हिन्दी INT, ADD 1st INT, ADD after INT AFTER 1st, ADD first INT FIRST',
    'CHANGE note remove INT REMOVE PARTITIONING',
    'ADD a INT, ORDER BY title, note DESC',
    "ENGINE=InnoDB COMMENT 'a, b' ROW_FORMAT=DYNAMIC, ADD a INT",
    'DROP title PARTITION BY HASH (id) PARTITIONS 2',
  ])('makes the columns that were assumed: %s', async (text, { database }) => {
    await database.query(
      'CREATE TABLE film (id INT NOT NULL PRIMARY KEY, title VARCHAR(50), note INT) PARTITION BY HASH (id)',
    )
    const alter = alterOf(text)
    const { target, problems } = assumeTarget(await readDefinition(database, 'film'), alter)
    expect(problems).toEqual([])
    await database.query(`ALTER TABLE film ${alter.text}`)
    const { columns } = await readDefinition(database, 'film')
    expect(target.columns.map(({ name }) => name)).toEqual(columns.map(({ name }) => name))
  })

  test('carries the values to where they were assumed to go', async ({ database }) => {
    await database.query(`CREATE TABLE film (a INT, b INT, c INT); INSERT INTO film VALUES (1, 2, 3)`)
    const alter = alterOf('CHANGE a b INT, CHANGE b a INT FIRST, DROP c, ADD c INT DEFAULT 9')
    const source = await readDefinition(database, 'film')
    await database.query(`ALTER TABLE film ${alter.text}`)
    const values: Readonly<Record<string, number>> = { a: 1, b: 2, c: 3 }
    const expected = assumeTarget(source, alter).target.columns.map((column) => [
      column.name,
      column.source === undefined ? 9 : values[column.source],
    ])
    expect(await database.query('SELECT * FROM film')).toEqual([Object.fromEntries(expected)])
  })

  test('may have clauses of ours in front of it', async ({ database }) => {
    await database.query('CREATE TABLE film (id INT NOT NULL PRIMARY KEY)')
    const { text } = alterOf('ADD a INT -- note')
    await database.query(`ALTER TABLE film ALGORITHM=INPLACE, ${text}`)
    expect((await readDefinition(database, 'film')).columns).toHaveLength(2)
  })
})

const rich = `
  CREATE TABLE actor (id INT NOT NULL PRIMARY KEY);
  CREATE TABLE film (
    id INT NOT NULL,
    number INT NOT NULL AUTO_INCREMENT,
    title VARCHAR(50) DEFAULT 'KEY, (a)' COMMENT 'AUTO_INCREMENT=5',
    actor INT,
    \`o, \`\`d\` INT,
    place POINT NOT NULL,
    PRIMARY KEY (id, number),
    UNIQUE KEY \`ti, tle\` (title(10)) COMMENT 'a, b',
    KEY number (number),
    KEY \`o, \`\`d\` (\`o, \`\`d\`, number),
    FULLTEXT KEY words (title),
    SPATIAL KEY place (place),
    CONSTRAINT film_actor FOREIGN KEY (actor) REFERENCES actor (id),
    CONSTRAINT positive CHECK (id > 0)
  ) ENGINE=InnoDB COMMENT='x AUTO_INCREMENT=5'`

describe('a lean copy of a table', () => {
  test.for(['kept', 'out'] as const)(
    'becomes the same by its clauses, foreign keys %s',
    async (foreignKeys, { database }) => {
      await database.query(rich)
      const shadow = { schema: database.name, table: 'film__rk_new' }
      const source = await readCreate(database, 'film')
      const { family } = testServer()
      const { create, renames } = renameConstraints(source, { family, rename: (name) => `${name}_` })
      const lean = withoutSecondaryIndexes(create, { keep: [], foreignKeys })
      await database.query(String(retargetCreate(lean.create, shadow)))
      const clauses = [...lean.indexClauses, ...lean.foreignKeyClauses]
      await database.query(`ALTER TABLE film__rk_new ${clauses.join(', ')}`)

      expect(lean.indexClauses.join()).not.toContain('KEY `number`')
      const back = new Map(renames.map(({ from, to }) => [to, from]))
      const restored = renameConstraints(await readCreate(database, 'film__rk_new'), {
        family,
        rename: (name) => back.get(name) ?? name,
      })
      expect(comparableCreate(restored.create)).toBe(comparableCreate(source))
    },
  )
})
