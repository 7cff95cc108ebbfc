import { describe, expect } from 'vitest'
import { test } from '../../support/migrate-job.ts'
import { tellPlan, tellRun } from '../../support/tell.ts'
import { makeItems } from './items.ts'
import { findLeftovers } from './live/rows.ts'

/** What is refused before anything is made: the table is as it was, and nothing stands beside it. */
const cases = [
  {
    name: 'no table',
    create: 'CREATE TABLE other (id INT PRIMARY KEY)',
    id: 'migrate.noTable',
  },
  {
    name: 'a view',
    create: 'CREATE TABLE other (id INT PRIMARY KEY); CREATE VIEW items AS SELECT * FROM other',
    id: 'migrate.notATable',
  },
  {
    name: 'another engine',
    create: 'CREATE TABLE items (id INT PRIMARY KEY, amount INT NOT NULL) ENGINE = MyISAM',
    id: 'migrate.engine',
  },
  {
    name: 'a table that others refer to',
    create: `CREATE TABLE items (id INT PRIMARY KEY, amount INT NOT NULL);
      CREATE TABLE parts (id INT PRIMARY KEY, item INT, FOREIGN KEY (item) REFERENCES items (id))`,
    id: 'migrate.referenced',
  },
  {
    name: 'a child whose rows go with their parent',
    create: `CREATE TABLE shops (id INT PRIMARY KEY);
      CREATE TABLE items (id INT PRIMARY KEY, amount INT NOT NULL, shop INT, FOREIGN KEY (shop) REFERENCES shops (id) ON DELETE CASCADE)`,
    id: 'migrate.cascade',
  },
  {
    name: 'triggers of its own',
    create: `CREATE TABLE items (id INT PRIMARY KEY, amount INT NOT NULL);
      CREATE TRIGGER tidy BEFORE INSERT ON items FOR EACH ROW SET NEW.amount = ABS(NEW.amount)`,
    id: 'migrate.triggers',
  },
  {
    name: 'a name that is taken',
    create:
      'CREATE TABLE items (id INT PRIMARY KEY, amount INT NOT NULL); CREATE TABLE items__rk_old (id INT)',
    id: 'migrate.retiredKept',
  },
  {
    name: 'leftovers of a migration that is not written down',
    create:
      'CREATE TABLE items (id INT PRIMARY KEY, amount INT NOT NULL); CREATE TABLE items__rk_log (id INT)',
    id: 'migrate.leftovers',
  },
] as const

describe('a migration is refused before anything is made', () => {
  for (const { name, create, id } of cases) {
    test(name, async ({ database, openMigrate }) => {
      await database.query(create)
      const before = await database.query('SHOW TABLES')
      const job = await openMigrate({
        job: { alter: 'MODIFY COLUMN amount BIGINT NOT NULL' },
        control: 'missing',
      })
      const told = await tellPlan(job)
      expect(told).toContain('exit 4')
      expect(told).toContain(id)
      expect(await database.query('SHOW TABLES')).toEqual(before)
    })
  }

  const changes = [
    ['RENAME TO things', 'migrate.alter'],
    ['ADD COLUMN x INT, ALGORITHM=INPLACE', 'migrate.alter'],
    ['ADD COLUMN x INT; DROP TABLE items', 'migrate.alter'],
    ['DROP COLUMN nosuch', 'migrate.'],
  ] as const
  for (const [alter, id] of changes) {
    test(`the change: ${alter}`, async ({ database, openMigrate }) => {
      await makeItems(database, 10)
      const job = await openMigrate({ job: { alter }, control: 'missing' })
      const told = await tellPlan(job)
      expect(told).toContain('exit 4')
      expect(told).toContain(id)
    })
  }

  test('what the server does not understand, in its words', async ({ database, openMigrate }) => {
    await makeItems(database, 10)
    const job = await openMigrate({ job: { alter: 'ADD COLUMN price MONEY NOT NULL' } })
    const told = await tellRun(job)
    expect(told).toContain('exit 4')
    expect(told).toContain('migrate.notUnderstood')
    expect(await findLeftovers(database)).toEqual([])
  })

  test('no key that both definitions have', async ({ database, openMigrate }) => {
    await database.query(
      'CREATE TABLE items (id INT NULL, amount INT NOT NULL); INSERT INTO items VALUES (1, 1)',
    )
    const job = await openMigrate({ job: { alter: 'MODIFY COLUMN amount BIGINT NOT NULL' } })
    const told = await tellRun(job)
    expect(told).toContain('exit 4')
    expect(told).toContain('no unique key in common')
    expect(await findLeftovers(database)).toEqual([])
  })

  test('a rename that nobody approved', async ({ database, openMigrate }) => {
    await makeItems(database, 10)
    const alter = 'CHANGE COLUMN amount price BIGINT NOT NULL'
    const job = await openMigrate({ job: { alter } })
    expect(await tellRun(job)).toContain('The change renames amount to price')
    await job.configure({ job: { alter, approveRenames: true } })
    expect((await job.run()).result.exitCode).toBe(0)
    expect(await database.query('SELECT CAST(price AS CHAR) AS price FROM items WHERE id = 7')).toEqual([
      { price: '7' },
    ])
  })

  test('another change while one is under way or kept', async ({ database, openMigrate }) => {
    await makeItems(database, 10)
    const job = await openMigrate()
    await job.run()
    await job.configure({ job: { alter: 'MODIFY COLUMN name VARCHAR(80) NOT NULL' } })
    const told = await tellRun(job)
    expect(told).toContain('migrate.underWay')
    expect(told).toContain('rowkeeper migrate finish')
  })

  const rights = ['ALTER', 'CREATE', 'DELETE', 'DROP', 'INSERT', 'LOCK TABLES', 'SELECT', 'TRIGGER'] as const
  for (const right of rights) {
    test(`without the right to ${right}`, async ({ database, openMigrate }) => {
      await makeItems(database, 10)
      const job = await openMigrate()
      const account = `'rk_${right.toLowerCase().replace(' ', '_')}'@'%'`
      const others = rights.filter((one) => one !== right)
      await database.query(
        `DROP USER IF EXISTS ${account}; CREATE USER ${account} IDENTIFIED BY 'few-Rights-1'; GRANT PROCESS ON *.* TO ${account}`,
      )
      try {
        await database.query(
          `GRANT ${others.join(', ')} ON ${database.name}.items TO ${account}`.replace('LOCK TABLES, ', ''),
        )
        await database.query(`GRANT ${others.join(', ')} ON ${database.name}.* TO ${account}`)
        const url = new URL(database.url)
        url.username = account.slice(1, account.indexOf("'", 1))
        url.password = 'few-Rights-1'
        const told = await tellRun(job, { url: url.toString() })
        expect(told).toMatch(/exit (4|69|77)/)
        expect(told).toContain(right === 'SELECT' ? 'SELECT' : right)
        expect(await findLeftovers(database)).toEqual([])
      } finally {
        await database.query(`DROP USER ${account}`)
      }
    })
  }
})
