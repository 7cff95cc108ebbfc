import { describe, expect } from 'vitest'
import { describeGrant, findMissingPrivileges, type Privilege } from '../../src/db/privileges.ts'
import { type TestDatabase, test } from '../support/database.ts'
import { withReader } from './open.ts'

const all: readonly Privilege[] = [
  'SELECT',
  'INSERT',
  'UPDATE',
  'DELETE',
  'CREATE',
  'ALTER',
  'DROP',
  'LOCK TABLES',
]

/** The URL of an account that has just these rights in the test's database, each in MySQL's own words. */
async function openAccount(database: TestDatabase, grants: readonly string[]): Promise<string> {
  const account = `'${database.name.slice(0, 20)}'@'127.0.0.1'`
  await database.query(`CREATE USER ${account} IDENTIFIED BY 'secret'`)
  for (const grant of grants) await database.query(`GRANT ${grant} TO ${account}`)
  const url = new URL(database.url)
  url.username = database.name.slice(0, 20)
  url.password = 'secret'
  return url.href
}

const dropAccount = (database: TestDatabase) =>
  database.query(`DROP USER '${database.name.slice(0, 20)}'@'127.0.0.1'`)

describe('what the account may not do', () => {
  test('is found for each right alone, on a table and on one that is still to be made', async ({
    database,
  }) => {
    await database.query('CREATE TABLE orders (id INT PRIMARY KEY)')
    const url = await openAccount(database, [`SELECT, CREATE, LOCK TABLES ON ${database.name}.*`])
    const missing = ['INSERT', 'UPDATE', 'DELETE', 'ALTER', 'DROP']
    await withReader(url, ({ read }) =>
      read(async (session) => {
        for (const table of ['orders', 'orders_archive']) {
          const name = { schema: database.name, table }
          expect(await findMissingPrivileges(session, name, all)).toEqual(missing)
        }
      }),
    )
    await dropAccount(database)
    expect(await database.query('SHOW TABLES')).toHaveLength(1)
  })

  test('is told as statements that give it, each right on its own level', async ({ database }) => {
    const url = await openAccount(database, [`SELECT ON ${database.name}.*`])
    const told = await withReader(url, ({ read }) =>
      read((session) =>
        describeGrant(session, { schema: 'shop', table: 'orders' }, [
          'ALTER',
          'LOCK TABLES',
          'DROP',
          'PROCESS',
        ]),
      ),
    )
    const to = `TO '${database.name.slice(0, 20)}'@'127.0.0.1'`
    expect(told.split('; ')).toEqual([
      `GRANT ALTER, DROP ON \`shop\`.\`orders\` ${to}`,
      `GRANT LOCK TABLES ON \`shop\`.* ${to}`,
      `GRANT PROCESS ON *.* ${to}`,
    ])
    await dropAccount(database)
  })
})

test('rights of a role count while it is active', async ({ database }) => {
  const role = `role_${database.name.slice(4, 16)}`
  await database.query(`CREATE ROLE ${role}`)
  await database.query(`GRANT ALL PRIVILEGES ON ${database.name}.* TO ${role}`)
  const url = await openAccount(database, [`${role}`])
  const account = `'${database.name.slice(0, 20)}'@'127.0.0.1'`
  const [{ version } = {}] = await database.query('SELECT VERSION() AS version')
  const preposition = String(version).includes('MariaDB') ? 'FOR' : 'TO'
  await database.query(`SET DEFAULT ROLE ${role} ${preposition} ${account}`)
  const missing = await withReader(url, ({ read }) =>
    read((session) => findMissingPrivileges(session, { schema: database.name, table: 'orders' }, all)),
  )
  expect(missing).toEqual([])
  await dropAccount(database)
  await database.query(`DROP ROLE ${role}`)
})
