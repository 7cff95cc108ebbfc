import { describe, expect } from 'vitest'
import { withAccount } from '../../../db/account.ts'
import { type ArchiveJob, test } from '../../../support/archive-job.ts'
import { tellPlan, tellRun } from '../../../support/tell.ts'
import { testServer } from '../../../support/test-server.ts'

const orders = `CREATE TABLE orders (id BIGINT NOT NULL PRIMARY KEY, created_at DATETIME NOT NULL, KEY (created_at));
  INSERT INTO orders VALUES (1, '2005-06-01'), (2, '2005-07-01')`

/** Everything that moving rows takes, and the rights on rowkeeper's own tables. */
async function grantsOf({ database }: ArchiveJob, rights: readonly string[]): Promise<readonly string[]> {
  const tables = await database.query(`SHOW TABLES LIKE 'rowkeeper%'`)
  const own = tables.map(
    (row) => `SELECT, INSERT, UPDATE, DELETE ON ${database.name}.${Object.values(row)[0]}`,
  )
  const global = rights.filter((right) => right === 'PROCESS').map((right) => `${right} ON *.*`)
  const others = rights.filter((right) => right !== 'PROCESS')
  return [...own, ...global, `${others.join(', ')} ON ${database.name}.*`]
}

/** MySQL alone wants PROCESS, to tell how many old row versions wait to be cleaned up. */
const needed = [
  'SELECT',
  'INSERT',
  'DELETE',
  'CREATE',
  'ALTER',
  ...(testServer().family === 'mysql' ? ['PROCESS'] : []),
]

describe('an account', () => {
  test('without one of the rights is refused with the statement that gives it', async ({
    database,
    openArchive,
  }) => {
    await database.query(orders)
    const job = await openArchive()
    const said: string[] = []
    for (const missing of needed) {
      const grants = await grantsOf(
        job,
        needed.filter((right) => right !== missing),
      )
      said.push(await withAccount(database, grants, (url) => tellRun(job, { url })))
    }
    expect(said.slice(0, 5)).toMatchInlineSnapshot(`
      [
        "exit 4
      archive.privileges: The account may not SELECT on shop.orders.
      archive.privileges: The account may not SELECT on shop.orders_archive.
      next: GRANT SELECT ON \`shop\`.\`orders\` TO 'shop'@'127.0.0.1'
      GRANT SELECT ON \`shop\`.\`orders_archive\` TO 'shop'@'127.0.0.1'",
        "exit 4
      archive.privileges: The account may not INSERT on shop.orders_archive.
      next: GRANT INSERT ON \`shop\`.\`orders_archive\` TO 'shop'@'127.0.0.1'",
        "exit 4
      archive.privileges: The account may not DELETE on shop.orders.
      next: GRANT DELETE ON \`shop\`.\`orders\` TO 'shop'@'127.0.0.1'",
        "exit 4
      archive.privileges: The account may not CREATE on shop.orders_archive.
      next: GRANT CREATE ON \`shop\`.\`orders_archive\` TO 'shop'@'127.0.0.1'",
        "exit 4
      archive.privileges: The account may not ALTER on shop.orders_archive.
      next: GRANT ALTER ON \`shop\`.\`orders_archive\` TO 'shop'@'127.0.0.1'",
      ]
    `)
    expect(
      said
        .slice(5)
        .every((text) => /^exit 4\n.*history list length.*\nnext: .*GRANT PROCESS ON \*\.\*/.test(text)),
    ).toBe(true)
    expect(await database.query('SELECT COUNT(*) AS n FROM orders')).toEqual([{ n: '2' }])
    const ended = await withAccount(database, await grantsOf(job, needed), (url) => tellRun(job, { url }))
    expect(ended).toBe('exit 0')
    expect(await database.query('SELECT COUNT(*) AS n FROM orders_archive')).toEqual([{ n: '2' }])
  })

  test('that may only read may plan; what it may not see is told', async ({ database, openArchive }) => {
    await database.query(orders)
    const job = await openArchive({ control: 'missing' })
    const [plan, notes] = await withAccount(database, [`SELECT ON ${database.name}.*`], async (url) => {
      const { report } = await job.plan({ url })
      return [await tellPlan(job, { url }), JSON.stringify(report)]
    })
    expect(plan).toBe('exit 0')
    expect(notes).toContain('Triggers of orders are not known: the account lacks TRIGGER.')
    expect(notes).toContain('PROCESS would tell')
  })

  test('that may not see who refers to the rows is refused by those names', async ({
    database,
    openArchive,
  }) => {
    await database.query(`${orders}; CREATE TABLE refunds (id INT PRIMARY KEY, order_id BIGINT NULL,
      FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE SET NULL)`)
    const job = await openArchive({ control: 'missing' })
    const grants = [`SELECT ON ${database.name}.orders`, 'PROCESS ON *.*']
    expect(await withAccount(database, grants, (url) => tellPlan(job, { url }))).toMatchInlineSnapshot(`
      "exit 4
      archive.foreignKeysHidden: Tables that the account may not see refer to rows of orders: shop.refunds. Deleting a row may change theirs.
      next: Let the account see them, then they are told with what a DELETE does: GRANT SELECT ON shop.refunds TO …"
    `)
  })

  test('needs more to take months out again', async ({ database, openArchive }) => {
    await database.query(orders)
    const job = await openArchive({ job: { into: { table: 'orders_archive', keep: '60 months' } } })
    const text = await withAccount(database, await grantsOf(job, needed), (url) => tellRun(job, { url }))
    expect(text).toMatchInlineSnapshot(`
      "exit 4
      archive.privileges: The account may not DROP or LOCK TABLES on shop.orders_archive.
      archive.privileges: The account may not DROP on new tables in shop.
      next: GRANT DROP ON \`shop\`.\`orders_archive\` TO 'shop'@'127.0.0.1'; GRANT LOCK TABLES ON \`shop\`.* TO 'shop'@'127.0.0.1'
      GRANT DROP ON \`shop\`.* TO 'shop'@'127.0.0.1'"
    `)
  })
  test('needs more to exchange whole months, and to drop what they leave', async ({
    database,
    openArchive,
  }) => {
    await database.query(`${orders}; ALTER TABLE orders DROP PRIMARY KEY, ADD PRIMARY KEY (created_at, id);
      ALTER TABLE orders PARTITION BY RANGE COLUMNS (created_at) (PARTITION p202506 VALUES LESS THAN ('2025-07-01'))`)
    const job = await openArchive()
    const text = await withAccount(database, await grantsOf(job, needed), (url) => tellRun(job, { url }))
    expect(text).toMatchInlineSnapshot(`
      "exit 4
      archive.privileges: The account may not DROP or LOCK TABLES on shop.orders.
      archive.privileges: The account may not DROP on shop.orders_archive.
      archive.privileges: The account may not DROP on new tables in shop.
      next: GRANT DROP ON \`shop\`.\`orders\` TO 'shop'@'127.0.0.1'; GRANT LOCK TABLES ON \`shop\`.* TO 'shop'@'127.0.0.1'
      GRANT DROP ON \`shop\`.\`orders_archive\` TO 'shop'@'127.0.0.1'
      GRANT DROP ON \`shop\`.* TO 'shop'@'127.0.0.1'"
    `)
  })
})
