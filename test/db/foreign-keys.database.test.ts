import { describe, expect } from 'vitest'
import { readCreateTable } from '../../src/db/create-table.ts'
import { type ForeignKeys, readForeignKeys } from '../../src/db/foreign-keys.ts'
import { type TestDatabase, test } from '../support/database.ts'
import { withAccount } from './account.ts'
import { withReader } from './open.ts'

async function read(database: TestDatabase, table: string, url = database.url): Promise<ForeignKeys> {
  return withReader(url, ({ read }) =>
    read((session) => readForeignKeys(session, { schema: database.name, table })),
  )
}

/** Two parents whose names differ by case, a child of both, a child in another schema, a table above itself. */
const family = (schema: string) => `
  CREATE TABLE grand (id INT PRIMARY KEY);
  CREATE TABLE \`Par.ent\` (a INT, \`select\` VARCHAR(5), grand INT, PRIMARY KEY (a, \`select\`),
    CONSTRAINT \`to grand\` FOREIGN KEY (grand) REFERENCES grand (id) ON DELETE SET NULL ON UPDATE CASCADE);
  CREATE TABLE \`par.ent\` (a INT, b VARCHAR(5), PRIMARY KEY (a, b));
  CREATE TABLE child (id INT PRIMARY KEY, x INT, \`y\`\`z\` VARCHAR(5),
    CONSTRAINT \`a\`\`b.c\` FOREIGN KEY (x, \`y\`\`z\`) REFERENCES \`Par.ent\` (a, \`select\`) ON DELETE CASCADE,
    CONSTRAINT other FOREIGN KEY (x, \`y\`\`z\`) REFERENCES \`par.ent\` (a, b));
  CREATE TABLE Child (x INT, y VARCHAR(5), CONSTRAINT twin FOREIGN KEY (x, y) REFERENCES \`par.ent\` (a, b));
  CREATE TABLE above (id INT PRIMARY KEY, up INT, CONSTRAINT up FOREIGN KEY (up) REFERENCES above (id));
  CREATE DATABASE \`${schema}.far\`;
  CREATE TABLE \`${schema}.far\`.\`order\` (x INT, y VARCHAR(5),
    CONSTRAINT far FOREIGN KEY (x, y) REFERENCES \`${schema}\`.\`Par.ent\` (a, \`select\`) ON UPDATE SET NULL)`

async function withFamily(database: TestDatabase, work: () => Promise<void>): Promise<void> {
  await database.query(family(database.name))
  try {
    await work()
  } finally {
    await database.query(`DROP DATABASE \`${database.name}.far\``)
  }
}

describe('foreign keys', () => {
  test('are found on both sides, with what they do, in every schema', ({ database }) =>
    withFamily(database, async () => {
      const schema = database.name
      const { outgoing, incoming } = await read(database, 'Par.ent')
      expect(outgoing).toEqual([
        {
          name: 'to grand',
          table: { schema, table: 'Par.ent' },
          columns: ['grand'],
          referenced: { schema, table: 'grand' },
          referencedColumns: ['id'],
          onDelete: 'SET NULL',
          onUpdate: 'CASCADE',
        },
      ])
      expect(incoming).toEqual([
        {
          name: 'a`b.c',
          table: { schema, table: 'child' },
          columns: ['x', 'y`z'],
          referenced: { schema, table: 'Par.ent' },
          referencedColumns: ['a', 'select'],
          onDelete: 'CASCADE',
          onUpdate: 'RESTRICT',
        },
        {
          name: 'far',
          table: { schema: `${schema}.far`, table: 'order' },
          columns: ['x', 'y'],
          referenced: { schema, table: 'Par.ent' },
          referencedColumns: ['a', 'select'],
          onDelete: 'RESTRICT',
          onUpdate: 'SET NULL',
        },
      ])
    }))

  test('come from each of two children whose names differ by case alone', ({ database }) =>
    withFamily(database, async () => {
      const { incoming } = await read(database, 'par.ent')
      expect(incoming.map(({ name, table }) => [name, table.table])).toEqual(
        expect.arrayContaining([
          ['twin', 'Child'],
          ['other', 'child'],
        ]),
      )
      expect(incoming).toHaveLength(2)
    }))

  test('to itself are on both sides', ({ database }) =>
    withFamily(database, async () => {
      const { outgoing, incoming } = await read(database, 'above')
      expect(outgoing.map(({ name }) => name)).toEqual(['up'])
      expect(incoming).toEqual(outgoing)
    }))

  test('show what a DELETE does to an account that may only SELECT', ({ database }) =>
    withFamily(database, async () => {
      const { incoming, outgoing } = await withAccount(
        database,
        [`SELECT ON \`${database.name}\`.*`],
        (url) => read(database, 'Par.ent', url),
      )
      expect(incoming.map(({ name, onDelete }) => [name, onDelete])).toEqual([['a`b.c', 'CASCADE']])
      expect(outgoing[0]?.onDelete).toBe('SET NULL')
    }))

  test('show to an account that may do but one thing with the child', ({ database }) =>
    withFamily(database, async () => {
      const grants = [
        `SELECT ON \`${database.name}\`.\`Par.ent\``,
        `SELECT (id), DELETE ON \`${database.name}\`.child`,
      ]
      const { incoming } = await withAccount(database, grants, (url) => read(database, 'Par.ent', url))
      expect(incoming.map(({ name, columns }) => [name, columns])).toEqual([['a`b.c', ['x', 'y`z']]])
    }))
})

describe('CREATE TABLE', () => {
  test('is told with quoted names, also where the server is set to leave the quotes out', async ({
    database,
  }) => {
    await database.query('CREATE TABLE plain (id INT PRIMARY KEY); SET GLOBAL sql_quote_show_create = 0')
    try {
      const text = await withReader(database.url, ({ read }) =>
        read((session) => readCreateTable(session, { schema: database.name, table: 'plain' })),
      )
      expect(text).toMatch(/^CREATE TABLE `plain` \(\n {2}`id` int/)
    } finally {
      await database.query('SET GLOBAL sql_quote_show_create = 1')
    }
  })

  test('is not told of a view', async ({ database }) => {
    await database.query('CREATE VIEW seen AS SELECT 1 AS one')
    const reading = withReader(database.url, ({ read }) =>
      read((session) => readCreateTable(session, { schema: database.name, table: 'seen' })),
    )
    await expect(reading).rejects.toMatchObject({ code: 'catalog.notATable', exitCode: 4 })
  })
})
