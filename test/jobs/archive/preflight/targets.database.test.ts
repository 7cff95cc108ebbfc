import { describe, expect } from 'vitest'
import { test } from '../../../support/archive-job.ts'
import { tellPlan, tellRun } from '../../../support/tell.ts'

const orders = `CREATE TABLE orders (
  id BIGINT NOT NULL PRIMARY KEY, created_at DATETIME NULL, note VARCHAR(40) NULL, paid DECIMAL(12,2) NOT NULL DEFAULT 0,
  KEY by_age (created_at));
  INSERT INTO orders (id, created_at, note) VALUES (1, '2005-06-01', 'a'), (2, '2005-07-01', 'b')`

const archived = (columns: string, partitions: string) => `CREATE TABLE orders_archive (
  id BIGINT NOT NULL, created_at DATETIME NOT NULL, ${columns}, PRIMARY KEY (id, created_at)) ${partitions}`

const asWritten = 'note VARCHAR(40) NULL, paid DECIMAL(12,2) NOT NULL DEFAULT 0'
const monthly = `PARTITION BY RANGE COLUMNS (created_at) (PARTITION p200506 VALUES LESS THAN ('2005-07-01'))`

describe('an archive table', () => {
  test('narrower, of another collation, without a column, and with one that wants a value', async ({
    database,
    openArchive,
  }) => {
    await database.query(
      `${orders}; ALTER TABLE orders ADD COLUMN status VARCHAR(9) NOT NULL DEFAULT '';
      ${archived('note VARCHAR(20) NULL, status VARCHAR(9) COLLATE utf8mb4_bin NOT NULL, reason VARCHAR(9) NOT NULL', monthly)}`,
    )
    const job = await openArchive()
    expect(await tellRun(job)).toMatchInlineSnapshot(`
      "exit 4
      archive.definition: orders_archive.note cannot take orders.note: varchar(40) does not fit into varchar(20).
      archive.definition: orders_archive has no column paid, and that of orders would be lost.
      archive.definition: orders_archive.status cannot take orders.status: it has the collation utf8mb4_bin instead of utf8mb4_default.
      archive.definition: orders_archive.reason wants a value of every row, and orders has no such column.
      next: ALTER TABLE \`shop\`.\`orders_archive\` MODIFY COLUMN \`note\` varchar(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_default NULL
      ALTER TABLE \`shop\`.\`orders_archive\` ADD COLUMN \`paid\` decimal(12,2) NOT NULL
      ALTER TABLE \`shop\`.\`orders_archive\` MODIFY COLUMN \`status\` varchar(9) CHARACTER SET utf8mb4 COLLATE utf8mb4_default NOT NULL
      ALTER TABLE \`shop\`.\`orders_archive\` MODIFY COLUMN \`reason\` varchar(9) NULL"
    `)
    expect(await database.query('SELECT COUNT(*) AS n FROM orders')).toEqual([{ n: '2' }])
  })

  const cuts = [
    ['not partitioned', ''],
    ['by hash', 'PARTITION BY HASH (id) PARTITIONS 4'],
    ['by another column', 'PARTITION BY RANGE (id) (PARTITION p0 VALUES LESS THAN (1000))'],
    ['by years', 'PARTITION BY RANGE (YEAR(created_at)) (PARTITION p0 VALUES LESS THAN (2006))'],
    [
      'with subpartitions',
      `PARTITION BY RANGE (TO_DAYS(created_at)) SUBPARTITION BY HASH (id) SUBPARTITIONS 2 (PARTITION p0 VALUES LESS THAN (732493))`,
    ],
  ] as const
  test('that is cut in another way, or not at all', async ({ database, openArchive }) => {
    await database.query(orders)
    const job = await openArchive({ control: 'missing' })
    const said: string[] = []
    for (const [name, partitions] of cuts) {
      await database.query(`DROP TABLE IF EXISTS orders_archive; ${archived(asWritten, partitions)}`)
      said.push(`${name}: ${await tellPlan(job)}`)
    }
    expect(said).toMatchInlineSnapshot(`
      [
        "not partitioned: exit 4
      archive.notPartitioned: The archive table orders_archive has no partitions, so no month could be proven or taken out.
      next: Name another table than orders_archive under into: one that does not exist is made, with a partition for each month.",
        "by hash: exit 4
      archive.partitioning: orders_archive cannot hold months: it is partitioned by HASH (id), and only ranges follow each other in time.
      next: Name another table than orders_archive under into: one that does not exist is made, with a partition for each month.",
        "by another column: exit 4
      archive.partitioning: orders_archive cannot hold months: it is partitioned by RANGE (id), which cannot hold the months of created_at.
      next: Name another table than orders_archive under into: one that does not exist is made, with a partition for each month.",
        "by years: exit 4
      archive.partitioning: orders_archive cannot hold months: it is partitioned by RANGE (year(created_at)), which cannot hold the months of created_at.
      next: Name another table than orders_archive under into: one that does not exist is made, with a partition for each month.",
        "with subpartitions: exit 4
      archive.partitioning: orders_archive cannot hold months: its partitions have subpartitions; a month must be one piece.
      next: Name another table than orders_archive under into: one that does not exist is made, with a partition for each month.",
      ]
    `)
  })

  test('with triggers', async ({ database, openArchive }) => {
    await database.query(`${orders}; ${archived(asWritten, monthly)};
      CREATE TRIGGER \`stamp it\` BEFORE INSERT ON orders_archive FOR EACH ROW SET NEW.note = 'archived'`)
    const job = await openArchive({ control: 'missing' })
    expect(await tellPlan(job)).toMatchInlineSnapshot(`
      "exit 4
      archive.archiveTriggers: The archive table orders_archive has triggers: stamp it (BEFORE INSERT). They would change rows on their way, or act on them a second time.
      next: DROP TRIGGER \`stamp it\`"
    `)
    await database.query('DROP TRIGGER `stamp it`')
    expect(await tellPlan(job)).toBe('exit 0')
  })

  test('that cannot be made, since the live table has places', async ({ database, openArchive }) => {
    await database.query(`${orders}; ALTER TABLE orders ADD COLUMN place POINT NULL`)
    const job = await openArchive({ control: 'missing' })
    expect(await tellPlan(job)).toMatchInlineSnapshot(`
      "exit 4
      archive.cannotBeMade: orders_archive cannot be made: place: neither server partitions a table with spatial columns (error 1178).
      next: Keep that in a table of its own, then run: rowkeeper plan old-orders"
    `)
  })
})

describe('children', () => {
  const sakila = `
    CREATE TABLE rental (rental_id INT NOT NULL PRIMARY KEY, rental_date DATETIME NOT NULL, KEY (rental_date));
    CREATE TABLE payment (payment_id INT NOT NULL PRIMARY KEY, rental_id INT NULL,
      CONSTRAINT fk_payment_rental FOREIGN KEY (rental_id) REFERENCES rental (rental_id) ON DELETE SET NULL);
    INSERT INTO rental VALUES (1, '2005-06-01'); INSERT INTO payment VALUES (7, 1)`
  const rentals = {
    table: 'rental',
    age: { column: 'rental_date', olderThan: '13 months' },
    into: { table: 'rental_archive' },
  }

  test('that are not listed are refused, and move when they are listed as advised', async ({
    database,
    openArchive,
  }) => {
    await database.query(sakila)
    const job = await openArchive({ job: rentals })
    expect(await tellRun(job)).toMatchInlineSnapshot(`
      "exit 4
      archive.foreignKeys: Other tables refer to rows of rental: payment by rental_id (fk_payment_rental, ON DELETE SET NULL). Deleting a row would change theirs without a word (SET NULL).
      next: Let their rows move too. In jobs.old-orders: children: [{ table: payment, key: [rental_id] }]"
    `)
    expect(await database.query('SELECT rental_id FROM payment')).toEqual([{ rental_id: 1 }])
    await job.configure({ job: { ...rentals, children: [{ table: 'payment', key: ['rental_id'] }] } })
    expect(await tellPlan(job)).toBe('exit 0')
  })

  test('without an index on the key of the row above', async ({ database, openArchive }) => {
    await database.query(
      `${sakila}; ALTER TABLE payment DROP FOREIGN KEY fk_payment_rental, DROP KEY fk_payment_rental`,
    )
    const children = [{ table: 'payment', key: ['rental_id'] }]
    const job = await openArchive({ control: 'missing', job: { ...rentals, children } })
    expect(await tellPlan(job)).toMatchInlineSnapshot(`
      "exit 4
      archive.childIndexMissing: No index of payment begins with rental_id, so every batch would read the whole table (about n rows) and lock it.
      next: CREATE INDEX \`payment_by_parent\` ON \`payment\` (\`rental_id\`)"
    `)
    await database.query('CREATE INDEX payment_by_parent ON payment (rental_id)')
    expect(await tellPlan(job)).toBe('exit 0')
  })

  test('whose archive tables have the same faults are refused with the same words', async ({
    database,
    openArchive,
  }) => {
    await database.query(`${sakila}; CREATE TABLE payment_archive (payment_id SMALLINT NOT NULL PRIMARY KEY)`)
    const job = await openArchive({
      control: 'missing',
      job: { ...rentals, children: [{ table: 'payment', key: ['rental_id'] }] },
    })
    const text = (await tellPlan(job)).replaceAll(/int\(\d+\)/g, 'int')
    expect(text).toMatchInlineSnapshot(`
      "exit 4
      archive.notPartitioned: The archive table payment_archive has no partitions, so no month could be proven or taken out.
      archive.definition: payment_archive.payment_id cannot take payment.payment_id: int does not fit into smallint.
      archive.definition: payment_archive has no column rental_id, and that of payment would be lost.
      archive.definition: payment_archive has no column rowkeeper_age, which says in which month the row above lies.
      next: Name another table than payment_archive under into: one that does not exist is made, with a partition for each month.
      ALTER TABLE \`shop\`.\`payment_archive\` MODIFY COLUMN \`payment_id\` int NOT NULL
      ALTER TABLE \`shop\`.\`payment_archive\` ADD COLUMN \`rental_id\` int NULL
      ALTER TABLE \`shop\`.\`payment_archive\` ADD COLUMN \`rowkeeper_age\` datetime NOT NULL"
    `)
  })
})

describe('what is told, and refused to nobody', () => {
  test('triggers that will fire, and a newest row in the future', async ({ database, openArchive }) => {
    await database.query(`${orders}; INSERT INTO orders (id, created_at) VALUES (3, UTC_TIMESTAMP() + INTERVAL 9 HOUR);
      CREATE TRIGGER farewell AFTER DELETE ON orders FOR EACH ROW SET @gone = OLD.id`)
    const job = await openArchive({ control: 'missing' })
    const text = (await tellPlan(job)).replace(/lies .* in the future/, 'lies so long in the future')
    expect(text).toMatchInlineSnapshot(`
      "exit 0
      warning archive.deleteTriggers: Every row that is moved out of orders fires farewell.
      warning archive.dateTimeZone: The newest created_at lies so long in the future when read in UTC. Either it is meant so, or the application writes in another zone; then rows would be moved at the wrong hour."
    `)
  })
})

describe('another database', () => {
  test('may not be the same table by another way, and gets the same checks', async ({
    database,
    openArchive,
  }) => {
    await database.query(`${orders}; ${archived('note VARCHAR(20) NULL, paid DECIMAL(12,2)', monthly)}`)
    const databases = { cold: { url: database.url } }
    const job = await openArchive({
      control: 'missing',
      job: { into: { database: 'cold', table: 'orders' } },
      databases,
    })
    expect(await tellPlan(job)).toMatchInlineSnapshot(`
      "exit 4
      archive.sameTable: table and into.table are one table, shop.orders: rows would be moved to where they are deleted.
      next: Correct jobs.old-orders.into.table in the configuration, then run: rowkeeper config check"
    `)
    await job.configure({ job: { into: { database: 'cold', table: 'orders_archive' } }, databases })
    expect(await tellPlan(job)).toMatchInlineSnapshot(`
      "exit 4
      archive.definition: orders_archive.note cannot take orders.note: varchar(40) does not fit into varchar(20).
      next: ALTER TABLE \`shop\`.\`orders_archive\` MODIFY COLUMN \`note\` varchar(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_default NULL"
    `)
    await job.configure({ job: { into: { database: 'cold', table: 'orders_of_old' } }, databases })
    const { saved } = await job.plan()
    expect(JSON.stringify(saved?.plan)).toContain('cold is on the same server.')
  })

  test('gets no column that cannot be carried', async ({ database, openArchive }) => {
    await database.query(`${orders}; ALTER TABLE orders ADD COLUMN place POINT NULL`)
    const databases = { cold: { url: database.url } }
    const job = await openArchive({
      control: 'missing',
      job: { into: { database: 'cold', table: 'orders_archive' } },
      databases,
    })
    expect(await tellPlan(job)).toMatchInlineSnapshot(`
      "exit 4
      archive.cannotBeMade: orders_archive cannot be made: place: neither server partitions a table with spatial columns (error 1178).
      archive.uncarriable: orders.place cannot be carried to another server exactly: no exact form is known for a value of type point.
      next: Keep that in a table of its own, then run: rowkeeper plan old-orders
      Keep the archive table on the same server: remove into.database, or name one of the same family."
    `)
  })
})
