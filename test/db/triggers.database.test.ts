import { describe, expect } from 'vitest'
import { canSeeTriggers, readTriggers } from '../../src/db/triggers.ts'
import { type TestDatabase, test } from '../support/database.ts'
import { withAccount } from './account.ts'
import { withReader } from './open.ts'

async function look(database: TestDatabase, table: string, url = database.url) {
  const name = { schema: database.name, table }
  return withReader(url, ({ read }) =>
    read(async (session) => ({
      triggers: await readTriggers(session, name),
      canSee: await canSeeTriggers(session, name),
    })),
  )
}

/** One by one: MySQL takes the semicolon between statements for a part of the body. */
async function create(database: TestDatabase): Promise<void> {
  await database.query('CREATE TABLE `Or.ders` (id INT); CREATE TABLE `or.ders` (id INT)')
  for (const trigger of [
    'second AFTER DELETE ON `Or.ders` FOR EACH ROW SET @second = OLD.id',
    '`fir``st` BEFORE DELETE ON `Or.ders` FOR EACH ROW SET @first = OLD.id',
    'third AFTER DELETE ON `Or.ders` FOR EACH ROW FOLLOWS second SET @third = OLD.id',
    'made BEFORE INSERT ON `Or.ders` FOR EACH ROW SET NEW.id = NEW.id + 1',
    'elsewhere AFTER UPDATE ON `or.ders` FOR EACH ROW SET @x = 1',
  ]) {
    await database.query(`CREATE TRIGGER ${trigger}`)
  }
}

describe('triggers', () => {
  test('come in the order in which they fire', async ({ database }) => {
    await create(database)
    const { triggers, canSee } = await look(database, 'Or.ders')
    expect(triggers).toEqual([
      { name: 'made', timing: 'BEFORE', event: 'INSERT', body: 'SET NEW.id = NEW.id + 1' },
      { name: 'fir`st', timing: 'BEFORE', event: 'DELETE', body: 'SET @first = OLD.id' },
      { name: 'second', timing: 'AFTER', event: 'DELETE', body: 'SET @second = OLD.id' },
      { name: 'third', timing: 'AFTER', event: 'DELETE', body: 'SET @third = OLD.id' },
    ])
    expect(canSee).toBe(true)
  })

  test.for([
    { grants: ['SELECT ON %.*'], isSeen: false },
    { grants: ['SELECT, TRIGGER ON %.*'], isSeen: true },
    { grants: ['ALL ON %.*'], isSeen: true },
    { grants: ['SELECT ON %.*', 'TRIGGER ON %.`Or.ders`'], isSeen: true },
    { grants: ['SELECT ON %.*', 'TRIGGER ON %.`or.ders`'], isSeen: false },
    { grants: ['SELECT, TRIGGER ON *.*'], isSeen: true },
  ])('are seen and known to be seen, or neither: $grants', async ({ grants, isSeen }, { database }) => {
    await create(database)
    const own = grants.map((grant) => grant.replace('%', database.name))
    const { triggers, canSee } = await withAccount(database, own, (url) => look(database, 'Or.ders', url))
    expect([triggers.length > 0, canSee]).toEqual([isSeen, isSeen])
  })

  test('are seen through a role', async ({ database }) => {
    await create(database)
    await database.query(`CREATE ROLE rkt_role; GRANT TRIGGER ON ${database.name}.* TO rkt_role`)
    try {
      const seen = await withAccount(database, [`SELECT ON ${database.name}.*`], async (url) => {
        const account = `'${database.name}'@'127.0.0.1'`
        await database.query(`GRANT rkt_role TO ${account}`)
        const before = await look(database, 'Or.ders', url)
        // MySQL says TO, MariaDB says FOR.
        await database
          .query(`SET DEFAULT ROLE rkt_role TO ${account}`)
          .catch(() => database.query(`SET DEFAULT ROLE rkt_role FOR ${account}`))
        return [before, await look(database, 'Or.ders', url)]
      })
      expect(seen.map(({ triggers, canSee }) => [triggers.length, canSee])).toEqual([
        [0, false],
        [4, true],
      ])
    } finally {
      await database.query('DROP ROLE rkt_role')
    }
  })
})
