import { describe, expect } from 'vitest'
import { test } from '../../../support/archive-job.ts'
import type { TestDatabase } from '../../../support/database.ts'
import { tellPlan, tellRun } from '../../../support/tell.ts'
import { testServer } from '../../../support/test-server.ts'

const orders = `CREATE TABLE orders (
  code VARCHAR(40) NOT NULL PRIMARY KEY, created_at DATETIME NULL, note VARCHAR(20) NOT NULL DEFAULT '', KEY by_age (created_at))`

const twoOld = `INSERT INTO orders (code, created_at) VALUES ('a', '2005-06-01'), ('b', '2005-07-01')`

const isMariadb = () => testServer().family === 'mariadb'

/** Whatever was refused: no row was touched, and no table was made. */
async function expectUntouched(database: TestDatabase, rows = 2): Promise<void> {
  expect(await database.query('SELECT COUNT(*) AS n FROM orders')).toEqual([{ n: String(rows) }])
  expect(await database.query(`SHOW TABLES LIKE 'orders_archive'`)).toEqual([])
}

describe('a live table', () => {
  test('without an index on the age', async ({ database, openArchive }) => {
    await database.query(`${orders}; ${twoOld}; DROP INDEX by_age ON orders`)
    const job = await openArchive()
    expect(await tellPlan(job)).toMatchInlineSnapshot(`
      "exit 4
      archive.indexMissing: No index of orders begins with created_at and can be read in its order, so every batch would read the whole table (about n rows).
      next: CREATE INDEX orders_by_created_at ON orders (created_at)"
    `)
    expect(await tellRun(job)).toContain('exit 4')
    await expectUntouched(database)
  })

  test('whose index on the age is hidden from the optimizer', async ({ database, openArchive }) => {
    const hidden = isMariadb() ? 'IGNORED' : 'INVISIBLE'
    await database.query(`${orders}; ${twoOld}; ALTER TABLE orders ALTER INDEX by_age ${hidden}`)
    const job = await openArchive({ control: 'missing' })
    const text = (await tellPlan(job)).replace('NOT IGNORED', 'VISIBLE')
    expect(text).toMatchInlineSnapshot(`
      "exit 4
      archive.indexHidden: The index by_age, along which the oldest rows would be read, is hidden from the optimizer.
      next: ALTER TABLE \`orders\` ALTER INDEX \`by_age\` VISIBLE"
    `)
    await expectUntouched(database)
  })

  test('whose key the index does not end with, so that the server would sort', async ({
    database,
    openArchive,
  }) => {
    await database.query(
      `${orders}; ${twoOld}; ALTER TABLE orders DROP PRIMARY KEY, ADD PRIMARY KEY (code(10))`,
    )
    const job = await openArchive({ control: 'missing' })
    expect((await tellPlan(job)).replace(/type .*\) along/, 'what it says) along')).toMatchInlineSnapshot(`
      "exit 4
      archive.fullScan: For every batch the server would sort all that is old of orders (about n rows; EXPLAIN says what it says) along by_age.
      next: CREATE INDEX \`orders_for_rowkeeper\` ON \`orders\` (\`created_at\`, \`code\`)"
    `)
    await expectUntouched(database)
    await database.query('CREATE INDEX orders_for_rowkeeper ON orders (created_at, code)')
    expect(await tellPlan(job)).toBe('exit 0')
  })

  test('without a key, or with one of floats', async ({ database, openArchive }) => {
    await database.query(`${orders}; ${twoOld}; ALTER TABLE orders DROP PRIMARY KEY`)
    const job = await openArchive({ control: 'missing' })
    expect(await tellPlan(job)).toMatchInlineSnapshot(`
      "exit 4
      archive.keyMissing: shop.orders has no primary or unique key without NULLs, so a row could not be told from another.
      next: ALTER TABLE orders ADD COLUMN id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY"
    `)
    await database.query(
      'ALTER TABLE orders ADD COLUMN weight DOUBLE NOT NULL; UPDATE orders SET weight = RAND()',
    )
    await database.query('ALTER TABLE orders ADD PRIMARY KEY (weight)')
    expect(await tellPlan(job)).toMatchInlineSnapshot(`
      "exit 4
      archive.keyType: orders.weight is double, and rows are told apart by it: read and sent back, such a value may find another row or none.
      next: Give orders a primary key of whole numbers, dates, text or bytes."
    `)
    await expectUntouched(database)
  })

  test('whose age is no time', async ({ database, openArchive }) => {
    await database.query(`${orders}; ${twoOld}; ALTER TABLE orders MODIFY created_at VARCHAR(19)`)
    const job = await openArchive({ control: 'missing' })
    expect(await tellPlan(job)).toMatchInlineSnapshot(`
      "exit 4
      archive.ageType: orders.created_at cannot be the age: it is a varchar(19): text is ordered by its collation, not by time.
      next: Correct the job in the configuration, then run: rowkeeper config check"
    `)
  })

  test('of another engine', async ({ database, openArchive }) => {
    await database.query(`${orders}; ${twoOld}; ALTER TABLE orders ENGINE=MyISAM`)
    const job = await openArchive({ control: 'missing' })
    expect(await tellPlan(job)).toMatchInlineSnapshot(`
      "exit 4
      archive.engine: shop.orders is kept by MyISAM. Only InnoDB copies and deletes rows in one transaction.
      next: ALTER TABLE \`orders\` ENGINE=InnoDB"
    `)
    await expectUntouched(database)
  })

  test('that is a view', async ({ database, openArchive }) => {
    await database.query(`${orders}; ${twoOld}; CREATE VIEW recent AS SELECT * FROM orders`)
    const job = await openArchive({ control: 'missing', job: { table: 'recent' } })
    expect(await tellPlan(job)).toMatchInlineSnapshot(`
      "exit 4
      archive.notATable: shop.recent is a view; rows are moved between tables.
      next: Correct jobs.old-orders.table in the configuration, then run: rowkeeper config check"
    `)
  })

  test.skipIf(testServer().family === 'mysql')('that keeps history', async ({ database, openArchive }) => {
    await database.query(`${orders}; ${twoOld}; ALTER TABLE orders ADD SYSTEM VERSIONING`)
    const job = await openArchive({ control: 'missing' })
    expect(await tellPlan(job)).toMatchInlineSnapshot(`
        "exit 4
        archive.notATable: shop.orders is system-versioned: the server keeps every deleted row as history, so moving rows out would free nothing.
        next: Correct jobs.old-orders.table in the configuration, then run: rowkeeper config check"
      `)
    await expectUntouched(database)
  })

  test('with rows without an age, when nullAge is refuse', async ({ database, openArchive }) => {
    await database.query(`${orders}; ${twoOld}; INSERT INTO orders (code) VALUES ('c'), ('d')`)
    const job = await openArchive({ control: 'missing', job: { nullAge: 'refuse' } })
    expect(await tellPlan(job)).toMatchInlineSnapshot(`
      "exit 4
      archive.nullAges: created_at is NULL in 2 rows of orders, and nullAge: refuse was asked for.
      next: Fill them: UPDATE \`orders\` SET \`created_at\` = … WHERE \`created_at\` IS NULL. Or let them stay: nullAge: keep"
    `)
    await expectUntouched(database, 4)
  })

  test('that is its own archive table', async ({ database, openArchive }) => {
    await database.query(`${orders}; ${twoOld}`)
    const job = await openArchive({ control: 'missing', job: { into: { table: 'orders' } } })
    expect(await tellPlan(job)).toMatchInlineSnapshot(`
      "exit 4
      archive.sameTable: table and into.table are one table, shop.orders: rows would be moved to where they are deleted.
      next: Correct jobs.old-orders.into.table in the configuration, then run: rowkeeper config check"
    `)
    await expectUntouched(database)
  })
})

describe('a predicate', () => {
  test.for(['stauts = 1', "note = 'x' 'y' z", 'NO_SUCH_FUNCTION(note)'])(
    'that the server does not take: %s',
    async (where, { database, openArchive }) => {
      await database.query(`${orders}; ${twoOld}`)
      const job = await openArchive({ control: 'missing', job: { where } })
      const { result } = await job.plan()
      expect(result).toMatchObject({ exitCode: 4, effect: 'none' })
      expect(result.error?.message).toMatch(
        /archive\.where: The server does not take jobs\.old-orders\.where\. While .*error/,
      )
      await expectUntouched(database)
    },
  )
})

describe('a server', () => {
  test('that logs statements', async ({ database, openArchive }) => {
    await database.query(`${orders}; ${twoOld}`)
    const job = await openArchive({ control: 'missing' })
    await database.query('SET GLOBAL binlog_format = STATEMENT')
    const plan = await tellPlan(job)
    await database.query('SET GLOBAL binlog_format = ROW')
    expect(plan).toMatchInlineSnapshot(`
      "exit 4
      archive.binaryLogFormat: The server writes its binary log as statements (binlog_format is STATEMENT), and so refuses every write at READ COMMITTED, the isolation at which rows are moved.
      next: SET GLOBAL binlog_format = ROW, and the same in the configuration of the server"
    `)
    await expectUntouched(database)
  })

  test('without the tables in which rowkeeper remembers months', async ({ database, openArchive }) => {
    await database.query(`${orders}; ${twoOld}`)
    const job = await openArchive()
    await database.query('DROP TABLE rowkeeper_month')
    expect(await tellPlan(job)).toMatchInlineSnapshot(`"exit 0"`)
    expect(await tellRun(job)).toMatchInlineSnapshot(`
      "exit 4
      state.outdated: rowkeeper's own tables in the schema shop are not of this version: rowkeeper_month are missing.
      next: Bring them up to date with: rowkeeper state install"
    `)
    await expectUntouched(database)
  })
})
