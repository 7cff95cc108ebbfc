import { expect } from 'vitest'
import { readForeignKeys } from '../../src/db/foreign-keys.ts'
import { readReferringTables } from '../../src/db/referring-tables.ts'
import { readTableKind } from '../../src/db/table-kind.ts'
import { test } from '../support/database.ts'
import { withAccount } from './account.ts'
import { withReader } from './open.ts'

test('tables that the account may not see are told from InnoDB, with PROCESS', async ({ database }) => {
  await database.query(`
    CREATE TABLE \`a.B é\` (id INT PRIMARY KEY);
    CREATE TABLE \`c#d\` (id INT PRIMARY KEY, a INT, FOREIGN KEY (a) REFERENCES \`a.B é\` (id) ON DELETE SET NULL)`)
  const parent = { schema: database.name, table: 'a.B é' }
  const seen = (grants: readonly string[]) =>
    withAccount(database, grants, (url) =>
      withReader(url, ({ read }) =>
        read(async (session) => ({
          incoming: (await readForeignKeys(session, parent)).incoming.length,
          referring: await readReferringTables(session, parent),
        })),
      ),
    )
  const own = `SELECT, DELETE ON ${database.name}.\`a.B é\``
  expect(await seen([own])).toEqual({ incoming: 0, referring: undefined })
  expect(await seen([own, 'PROCESS ON *.*'])).toEqual({
    incoming: 0,
    referring: [{ schema: database.name, table: 'c#d' }],
  })
})

test('a view is told from a table, and both from nothing', async ({ database }) => {
  await database.query('CREATE TABLE orders (id INT PRIMARY KEY); CREATE VIEW recent AS SELECT * FROM orders')
  await withReader(database.url, ({ read }) =>
    read(async (session) => {
      const kindOf = (table: string) => readTableKind(session, { schema: database.name, table })
      expect([await kindOf('orders'), await kindOf('recent'), await kindOf('none')]).toEqual([
        'table',
        'view',
        undefined,
      ])
    }),
  )
})
