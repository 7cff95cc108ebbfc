import { describe, expect } from 'vitest'
import { type AgeOptions, monthOfValue, monthStart } from '../../../../jobs/archive/partitions/age.ts'
import { compareForArchive } from '../../../../jobs/archive/partitions/compare.ts'
import { type Month, monthsFrom, nextMonth } from '../../../../jobs/archive/partitions/months.ts'
import type { MonthlyTable } from '../../../../jobs/archive/partitions/partition-map.ts'
import { raw, statement } from '../../../../src/db/statement.ts'
import { type TestDatabase, test } from '../../../support/database.ts'
import { testServer } from '../../../support/test-server.ts'
import { withBench, zone } from './bench.ts'

const isMysql = () => testServer().family === 'mysql'

/** Every row’s age, by the partition it lies in. */
async function readAges(database: TestDatabase, { partitions }: MonthlyTable) {
  const ages = new Map<Month | undefined, readonly string[]>()
  for (const { name, month } of partitions) {
    const rows = await database.query(`SELECT created_at FROM orders_archive PARTITION (\`${name}\`)`)
    ages.set(month, [...(ages.get(month) ?? []), ...rows.map((row) => String(row.created_at))])
  }
  return ages
}

/** The partitions the server would read for a condition. */
async function readPruned(database: TestDatabase, where: string, values: readonly unknown[]) {
  const explain = isMysql() ? 'EXPLAIN FORMAT=TRADITIONAL' : 'EXPLAIN PARTITIONS'
  const [row] = await database.query(`${explain} SELECT * FROM orders_archive WHERE ${where}`, values)
  return String(row?.partitions).split(',')
}

interface Kind {
  readonly columnType: string
  readonly options?: Partial<AgeOptions>
  /** Ages one unit before, at and after a month’s beginning. */
  readonly around: (start: string) => readonly string[]
  /** MySQL reads every partition when FLOOR stands in between. */
  readonly isPruned?: () => boolean
}

const wallClock = (step: string) => (start: string) => [
  `'${start}' - INTERVAL ${step}`,
  `'${start}'`,
  `'${start}' + INTERVAL ${step}`,
]
const number = (start: string) => [`${start} - 1`, start, `${start} + 1`]

const kinds: readonly Kind[] = [
  { columnType: 'DATE', around: wallClock('1 DAY') },
  { columnType: 'DATETIME', around: wallClock('1 SECOND') },
  { columnType: 'DATETIME(6)', options: { columnZone: 'UTC' }, around: wallClock('1 MICROSECOND') },
  { columnType: 'TIMESTAMP', around: wallClock('1 SECOND') },
  { columnType: 'TIMESTAMP(3)', around: wallClock('1000 MICROSECOND'), isPruned: () => !isMysql() },
  { columnType: 'INT UNSIGNED', options: { unit: 'seconds' }, around: number },
  { columnType: 'BIGINT', options: { unit: 'milliseconds' }, around: number },
]

/** One table, as either family prints it. */
const fromMariadb = `CREATE TABLE \`orders\` (
  \`id\` bigint(20) unsigned NOT NULL AUTO_INCREMENT,
  \`created_at\` datetime DEFAULT NULL,
  \`name\` varchar(50) DEFAULT NULL,
  \`latin\` varchar(50) CHARACTER SET latin1 COLLATE latin1_swedish_ci DEFAULT NULL,
  \`amount\` decimal(20,4) DEFAULT -1.5000,
  \`updated_at\` timestamp NOT NULL DEFAULT current_timestamp() ON UPDATE current_timestamp(),
  \`twice\` decimal(21,4) GENERATED ALWAYS AS (\`amount\` * 2) VIRTUAL,
  PRIMARY KEY (\`id\`),
  UNIQUE KEY \`name\` (\`name\`)
) ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci`
const fromMysql = `CREATE TABLE \`orders\` (
  \`id\` bigint unsigned NOT NULL AUTO_INCREMENT,
  \`created_at\` datetime DEFAULT NULL,
  \`name\` varchar(50) COLLATE utf8mb4_unicode_ci DEFAULT NULL,
  \`latin\` varchar(50) CHARACTER SET latin1 COLLATE latin1_swedish_ci DEFAULT NULL,
  \`amount\` decimal(20,4) DEFAULT '-1.5000',
  \`updated_at\` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  \`twice\` decimal(21,4) GENERATED ALWAYS AS ((\`amount\` * 2)) VIRTUAL,
  PRIMARY KEY (\`id\`),
  UNIQUE KEY \`name\` (\`name\`)
) /*!50100 TABLESPACE \`innodb_file_per_table\` */ ENGINE=InnoDB AUTO_INCREMENT=7 DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci`

describe('an archive table', () => {
  test.for(kinds)('holds months of $columnType', async (kind, { database }) => {
    await database.query(
      `CREATE TABLE orders (id INT AUTO_INCREMENT PRIMARY KEY, created_at ${kind.columnType} NULL)`,
    )
    await withBench(database, kind.options ?? {}, async (bench) => {
      const { age } = bench
      const { statements } = await bench.plan(['2005-05', '2005-06'])
      await bench.send(statements)
      expect(compareForArchive(bench.source, await bench.archive(), age)).toEqual([])
      const starts = monthsFrom('2005-05', '2005-07').map((month) => String(monthStart(month, age, zone)))
      const inside = starts.flatMap(kind.around).slice(1, -2)
      await database.query(`INSERT INTO orders (created_at) VALUES ${inside.map((at) => `(${at})`).join()}`)
      await database.query('INSERT INTO orders_archive SELECT * FROM orders')
      expect(await bench.makeRoom(['2005-02', '2005-06', '2005-09'], '2005-10')).toEqual([
        'add',
        'before the first',
      ])
      const table = await bench.months()
      expect(table.partitions.map(({ covers, month }) => [covers, month])).toEqual(
        monthsFrom('2005-02', '2005-10').map((month) => ['month', month]),
      )
      const ages = await readAges(database, table)
      expect([...ages.values()].flat()).toHaveLength(inside.length)
      for (const [month, found] of ages) {
        expect(found.map((value) => monthOfValue(value, age, zone))).toEqual(found.map(() => month))
      }
      const range = ['2005-06', nextMonth('2005-06')].map((month) => monthStart(month, age, zone))
      const pruned = await readPruned(database, 'created_at >= ? AND created_at < ?', range)
      if (kind.isPruned?.() ?? true) expect(pruned).toEqual(['p200506'])
      expect(await bench.makeRoom(['2005-02', '2005-09'], '2005-10')).toEqual([])
    })
  })

  test('has no clock in its age where the server would add one', async ({ database }) => {
    await database.query('CREATE TABLE orders (id INT PRIMARY KEY, created_at TIMESTAMP NULL)')
    await withBench(database, {}, async (bench) => {
      const { statements } = await bench.plan(['2005-05'])
      const set = (value: number) =>
        statement('test.set', raw(`SET SESSION explicit_defaults_for_timestamp = ${value}`))
      await bench.send([set(0), ...statements, set(1)])
      const { columns } = await bench.archive()
      expect(columns.find(({ name }) => name === 'created_at')).toMatchObject({
        isNullable: false,
        onUpdateNow: false,
      })
    })
  })

  test('is made of whatever the live table is made of', async ({ database }) => {
    const mysql = ", `fn` VARCHAR(9) DEFAULT (CONCAT('x', ',y')), `j2` JSON, KEY `of it` ((`hid` + 1))"
    const mariadb = ", `fn` VARCHAR(9) DEFAULT CONCAT('x', ',y'), `u` UUID, UNIQUE KEY `long one` (`body`)"
    await database.query(`
      CREATE TABLE parents (id INT PRIMARY KEY);
      CREATE TABLE orders (
        \`id\` BIGINT UNSIGNED NOT NULL COMMENT 'it''s, the (key)' AUTO_INCREMENT,
        \`we\`\`ird, name\` VARCHAR(50) CHARACTER SET latin1 COLLATE latin1_german1_ci DEFAULT 'a,b)'
          COMMENT 'FOREIGN KEY; -- /* no */ "q" \\\\ \\n',
        \`e\` ENUM('a','b,c',')','it''s') NOT NULL DEFAULT 'b,c',
        \`created_at\` DATETIME(3) NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3) COMMENT 'age, NOT NULL',
        \`updated_at\` TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
        \`amount\` DECIMAL(65,30) DEFAULT -1.5,
        \`body\` TEXT, \`j\` JSON, \`bits\` BIT(9), \`blob\` LONGBLOB, \`hid\` INT INVISIBLE,
        \`twice\` DECIMAL(65,30) AS (amount * 2) VIRTUAL,
        \`thrice\` INT AS (parent_id * 3) STORED COMMENT 'st',
        \`parent_id\` INT${isMysql() ? mysql : mariadb},
        PRIMARY KEY (\`id\`),
        UNIQUE KEY \`e\` (\`e\`, \`we\`\`ird, name\`(10) DESC) COMMENT 'UNIQUE, too',
        UNIQUE KEY \`with_age\` (\`created_at\`, \`id\`),
        KEY \`parent\` (\`parent_id\`),
        FULLTEXT KEY \`words\` (\`body\`),
        CONSTRAINT \`fk, odd\` FOREIGN KEY (\`parent_id\`) REFERENCES \`parents\` (\`id\`),
        CONSTRAINT \`positive\` CHECK (\`amount\` > -100)
      ) ENGINE=InnoDB AUTO_INCREMENT=777 ROW_FORMAT=DYNAMIC COMMENT='table ) AUTO_INCREMENT=5 PARTITION BY';
      INSERT INTO orders (created_at, e, body) VALUES ('2005-05-31 23:59:59.999', ')', 'x'), ('2005-06-01', 'a', 'y')`)
    await withBench(database, {}, async (bench) => {
      const plan = await bench.plan(['2005-05', '2005-06'])
      await bench.send(plan.statements)
      expect([...plan.leftOut, ...plan.changed]).toEqual([
        'AUTO_INCREMENT of id',
        ...(isMysql() ? [] : ['unique index long one over long values']),
        'FULLTEXT index words',
        'foreign key fk, odd',
        'check positive',
        'created_at NOT NULL, without its default, without ON UPDATE',
        'PRIMARY extended by created_at',
        'e a plain index',
      ])
      const archive = await bench.archive()
      expect(compareForArchive(bench.source, archive, bench.age)).toEqual([])
      const kept = (name: string) => ({ ...archive.columns.find((column) => column.name === name) })
      expect([kept('hid').isInvisible, kept('thrice').generation]).toEqual([true, 'stored'])
      const columns = bench.source.columns.filter(({ isGenerated }) => !isGenerated)
      const list = columns.map(({ name }) => `\`${name.replaceAll('`', '``')}\``).join()
      await database.query(`INSERT INTO orders_archive (${list}) SELECT ${list} FROM orders`)
      expect(await database.query('SELECT * FROM orders_archive ORDER BY id')).toEqual(
        await database.query('SELECT * FROM orders ORDER BY id'),
      )
    })
  })

  test('is made of what the other family says of its live table', async ({ database }) => {
    await database.query(`
      CREATE TABLE orders (
        id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT, created_at DATETIME NULL, name VARCHAR(50) COLLATE utf8mb4_unicode_ci,
        latin VARCHAR(50) CHARACTER SET latin1 COLLATE latin1_swedish_ci, amount DECIMAL(20,4) DEFAULT -1.5,
        updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
        twice DECIMAL(21,4) AS (amount * 2) VIRTUAL, PRIMARY KEY (id), UNIQUE KEY name (name)
      ) COLLATE utf8mb4_unicode_ci`)
    await withBench(database, {}, async (bench) => {
      const plan = await bench.plan(['2005-05'], isMysql() ? fromMariadb : fromMysql)
      await bench.send(plan.statements)
      expect(compareForArchive(bench.source, await bench.archive(), bench.age)).toEqual([])
    })
  })

  test('of a partitioned table takes its partitions by exchange', async ({ database }) => {
    await database.query(`
      CREATE TABLE orders (id INT AUTO_INCREMENT, created_at DATE NOT NULL, PRIMARY KEY (id, created_at))
        PARTITION BY RANGE COLUMNS (created_at) (
          PARTITION p1 VALUES LESS THAN ('2005-06-01'), PARTITION p2 VALUES LESS THAN ('2005-07-01'));
      INSERT INTO orders (created_at) VALUES ('2005-05-03'), ('2005-06-01')`)
    await withBench(database, {}, async (bench) => {
      await bench.send((await bench.plan(['2005-05', '2005-06'])).statements)
      await database.query(`
        CREATE TABLE held LIKE orders; ALTER TABLE held REMOVE PARTITIONING;
        ALTER TABLE orders EXCHANGE PARTITION p1 WITH TABLE held;
        ALTER TABLE orders_archive EXCHANGE PARTITION p200505 WITH TABLE held`)
      expect(await database.query('SELECT created_at FROM orders_archive')).toEqual([
        { created_at: '2005-05-03' },
      ])
    })
  })
})

describe('a table somebody else partitioned', () => {
  interface Case {
    readonly columnType: string
    readonly options?: Partial<AgeOptions>
    readonly by: string
    readonly bounds: readonly string[]
    readonly done: readonly string[]
    /** Rows that were there: one a month from January to July 2005. */
    readonly rowOf: (month: Month) => string
  }
  const day = (month: Month) => `'${month}-15'`
  const cases: readonly Case[] = [
    {
      columnType: 'DATE',
      by: 'RANGE COLUMNS (created_at)',
      bounds: ["('2005-02-01')", "('2005-06-01')", '(MAXVALUE)'],
      done: ['several months in one', 'behind MAXVALUE'],
      rowOf: day,
    },
    {
      columnType: 'DATETIME',
      by: 'RANGE (TO_DAYS(created_at))',
      bounds: ['(0)', "(TO_DAYS('2005-06-01'))", 'MAXVALUE'],
      done: ['before the first', 'behind MAXVALUE'],
      rowOf: day,
    },
    {
      columnType: 'DATETIME',
      by: 'RANGE (TO_SECONDS(created_at))',
      bounds: ["(TO_SECONDS('2005-05-01'))", "(TO_SECONDS('2005-08-01'))"],
      done: ['add', 'before the first', 'several months in one'],
      rowOf: day,
    },
    {
      columnType: 'BIGINT UNSIGNED',
      options: { unit: 'seconds' },
      by: 'RANGE (created_at)',
      bounds: ['(1117551600)', '(18446744073709551615)'],
      done: ['before the first', 'several months in one'],
      rowOf: (month) => `UNIX_TIMESTAMP('${month}-15')`,
    },
  ]

  test.for(cases)('by $by, $columnType, gets its months', async (one, { database }) => {
    const { columnType, options, by, bounds, done, rowOf } = one
    const partitions = bounds.map((bound, at) => `PARTITION x${at} VALUES LESS THAN ${bound}`)
    const rows = monthsFrom('2005-01', '2005-07').map((month) => `(1, ${rowOf(month)})`)
    await database.query(`
      CREATE TABLE orders (id INT, created_at ${columnType} NOT NULL, PRIMARY KEY (id, created_at));
      CREATE TABLE orders_archive LIKE orders;
      ALTER TABLE orders_archive PARTITION BY ${by} (${partitions.join()});
      INSERT INTO orders_archive VALUES ${rows.join()}`)
    await withBench(database, options ?? {}, async (bench) => {
      const months = monthsFrom('2005-01', '2005-07')
      expect(await bench.makeRoom(months, '2005-08')).toEqual(done)
      const table = await bench.months()
      const ages = await readAges(database, table)
      expect(months.map((month) => ages.get(month)?.length)).toEqual(months.map(() => 1))
      expect(table.partitions.some(({ month }) => month === '2005-08')).toBe(true)
      expect(await bench.makeRoom(months, '2005-08')).toEqual([])
    })
  })

  test('has a month again that was dropped in the middle', async ({ database }) => {
    await database.query('CREATE TABLE orders (id INT PRIMARY KEY, created_at DATE NOT NULL)')
    await withBench(database, {}, async (bench) => {
      await bench.send((await bench.plan(monthsFrom('2005-04', '2005-06'))).statements)
      await database.query('ALTER TABLE orders_archive DROP PARTITION p200505')
      expect(await bench.makeRoom(['2005-05'], '2005-06')).toEqual(['in the middle'])
      const { partitions } = await bench.months()
      expect(partitions.map(({ name, covers }) => [name, covers])).toEqual([
        ['p200504', 'month'],
        ['p200505', 'month'],
        ['p200506', 'month'],
      ])
    })
  })
})
