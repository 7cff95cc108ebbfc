import { describe, expect } from 'vitest'
import { readTable } from '../../src/db/catalog.ts'
import { readServerTime } from '../../src/db/server.ts'
import { raw, type Statement, sql, statement } from '../../src/db/statement.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { test } from '../support/database.ts'
import { testServer } from '../support/test-server.ts'
import { withReader, withWriter } from './open.ts'

function run(text: string): Statement {
  return statement('test.run', sql`${raw(text)}`)
}

describe('a reader', () => {
  test.for([
    'INSERT INTO numbers VALUES (2)',
    'UPDATE numbers SET n = 3',
    'DELETE FROM numbers',
    'REPLACE INTO numbers VALUES (4)',
    'TRUNCATE numbers',
    'DROP TABLE numbers',
    'ALTER TABLE numbers ADD COLUMN m INT',
    'CREATE TABLE others (n INT)',
    'CREATE TABLE others AS SELECT * FROM numbers',
    'CREATE TEMPORARY TABLE others (n INT)',
    'RENAME TABLE numbers TO others',
    "LOAD DATA INFILE '/none' INTO TABLE numbers",
    'CREATE INDEX n ON numbers (n)',
  ])('is refused by the server (1792): %s', async (text, { database }) => {
    await database.query('CREATE TABLE numbers (n INT PRIMARY KEY); INSERT INTO numbers VALUES (1)')
    await withReader(database.url, async ({ read }) => {
      await expect(read((session) => session.rows(run(text)))).rejects.toMatchObject({
        kind: 'wrongServer',
        number: 1792,
      })
      expect(await read((session) => session.rows(run('SELECT * FROM numbers')))).toEqual([{ n: 1 }])
    })
    expect(await database.query('SHOW TABLES')).toHaveLength(1)
  })

  test('runs one statement at a time: a second one behind a semicolon is a syntax error', async ({
    database,
  }) => {
    await withReader(database.url, async ({ read }) => {
      await expect(read((session) => session.rows(run('SELECT 1; SELECT 2')))).rejects.toMatchObject({
        number: 1064,
      })
    })
  })
})

describe('a snapshot', () => {
  test('sees one instant, and the session sees the present again after it', async ({ database }) => {
    await database.query('CREATE TABLE numbers (n INT); INSERT INTO numbers VALUES (1)')
    const count = run('SELECT COUNT(*) AS n FROM numbers')
    await withReader(database.url, async ({ read }) => {
      await read(async (session) => {
        const seen = await session.snapshot(async (snapshot) => {
          const first = await snapshot.rows(count)
          await database.query('INSERT INTO numbers VALUES (2)')
          return [first, await snapshot.rows(count)]
        })
        expect(seen).toEqual([[{ n: '1' }], [{ n: '1' }]])
        expect(await session.rows(count)).toEqual([{ n: '2' }])
      })
    })
  })

  test('ends with its work, also when that fails', async ({ database }) => {
    await database.query('CREATE TABLE numbers (n INT)')
    await withReader(database.url, async ({ read }) => {
      const failing = read((session) =>
        session.snapshot(async (snapshot) => {
          await snapshot.rows(run('SELECT * FROM numbers'))
          throw new Error('work failed')
        }),
      )
      await expect(failing).rejects.toThrow('work failed')
      // A snapshot left open would keep the table's metadata lock and let this time out.
      await database.query('SET SESSION lock_wait_timeout = 2; ALTER TABLE numbers ADD COLUMN m INT')
    })
  })
})

/** What an administrator may have set for everybody. Root is exempt from init_connect; other accounts keep theirs. */
const hostile = `SET SESSION
  sql_mode = IF(CURRENT_USER() LIKE 'rkt_hostile%', 'ANSI_QUOTES,NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT', @@sql_mode),
  autocommit = IF(CURRENT_USER() LIKE 'rkt_hostile%', 0, @@autocommit),
  time_zone = IF(CURRENT_USER() LIKE 'rkt_hostile%', '+09:00', @@time_zone),
  sql_safe_updates = IF(CURRENT_USER() LIKE 'rkt_hostile%', 1, @@sql_safe_updates),
  foreign_key_checks = IF(CURRENT_USER() LIKE 'rkt_hostile%', 0, @@foreign_key_checks)`

describe('a session', () => {
  test('has our settings whatever the server gives to new ones', async ({ database }) => {
    await database.query(
      `CREATE USER 'rkt_hostile'@'%' IDENTIFIED BY 'pw'; GRANT ALL ON ${database.name}.* TO 'rkt_hostile'@'%';
      SET GLOBAL init_connect = ${JSON.stringify(hostile)}; CREATE TABLE notes (note VARCHAR(20))`,
    )
    try {
      const url = `mysql://rkt_hostile:pw@127.0.0.1:${testServer().port}/${database.name}`
      await withWriter(url, async (writer, { read }) => {
        const settings = run(`SELECT @@SESSION.sql_mode AS mode, @@SESSION.autocommit AS autocommit,
          @@SESSION.time_zone AS zone, @@SESSION.sql_safe_updates AS safe, @@SESSION.foreign_key_checks AS checks`)
        for (const look of [
          () => read((session) => session.rows(settings)),
          () => writer.use((session) => session.rows(settings)),
        ]) {
          const [row] = await look()
          expect(String(row?.mode).split(',').toSorted()).toEqual([
            ...[
              'ERROR_FOR_DIVISION_BY_ZERO',
              'NO_AUTO_VALUE_ON_ZERO',
              'NO_ENGINE_SUBSTITUTION',
              'STRICT_ALL_TABLES',
            ],
          ])
          expect([row?.autocommit, row?.zone, row?.safe, row?.checks].map(String)).toEqual([
            '1',
            '+00:00',
            '0',
            '1',
          ])
        }
        const text = `"it's" \\' \\\\`
        await writer.use((session) =>
          session.change(statement('test.insert', sql`INSERT INTO notes VALUES (${text})`)),
        )
        expect(await database.query('SELECT note FROM notes')).toEqual([{ note: text }])
      })
    } finally {
      await database.query("SET GLOBAL init_connect = ''; DROP USER 'rkt_hostile'@'%'")
    }
  })

  test('is at READ COMMITTED, waits for locks as long as configured, and reads in utf8mb4', async ({
    database,
  }) => {
    await withReader(
      database.url,
      async ({ read }) => {
        const variables =
          "'transaction_isolation','tx_isolation','innodb_lock_wait_timeout','lock_wait_timeout','character_set_client','character_set_results','character_set_connection'"
        const rows = await read((session) =>
          session.rows(run(`SHOW VARIABLES WHERE Variable_name IN (${variables})`)),
        )
        const found = Object.fromEntries(rows.map((row) => [row.Variable_name, row.Value]))
        expect(found.transaction_isolation ?? found.tx_isolation).toBe('READ-COMMITTED')
        expect(found).toMatchObject({
          innodb_lock_wait_timeout: '7',
          lock_wait_timeout: '7',
          character_set_client: 'utf8mb4',
          character_set_connection: 'utf8mb4',
          character_set_results: 'utf8mb4',
        })
      },
      { config: { timeouts: { lockWait: '7s' } } },
    )
  })

  test('keeps no function name from being a column', async ({ database }) => {
    await database.query('CREATE TABLE t (`count` INT, `sum` INT); INSERT INTO t VALUES (1, 2)')
    await withReader(database.url, async ({ read }) => {
      expect(await read((session) => session.rows(run('SELECT count, sum FROM t')))).toEqual([
        { count: 1, sum: 2 },
      ])
    })
  })
})

describe('the server’s clock', () => {
  test('is read in UTC', async ({ database }) => {
    await withReader(database.url, async ({ read }) => {
      const time = await read(readServerTime)
      expect(time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
      expect(Math.abs(Date.parse(time) - systemClock.now().getTime())).toBeLessThan(5000)
    })
  })
})

describe('the catalogue', () => {
  const create = `CREATE TABLE Orders (
    Id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, status ENUM('NEW','IT''S') NOT NULL DEFAULT 'NEW',
    note VARCHAR(20) COLLATE utf8mb4_bin NULL, twice INT GENERATED ALWAYS AS (1 + 1) STORED, made TIMESTAMP NOT NULL,
    UNIQUE KEY by_note (note, status))`

  test('tells a table as the server has it', async ({ database }) => {
    await database.query(create)
    await withReader(database.url, async ({ read }) => {
      const table = await read((session) => readTable(session, { schema: database.name, table: 'Orders' }))
      expect(table).toMatchObject({ name: { schema: database.name, table: 'Orders' }, engine: 'InnoDB' })
      expect(
        table?.columns.map(({ name, dataType, isNullable, isGenerated }) => [
          name,
          dataType,
          isNullable,
          isGenerated,
        ]),
      ).toEqual([
        ['Id', 'bigint', false, false],
        ['status', 'enum', false, false],
        ['note', 'varchar', true, false],
        ['twice', 'int', true, true],
        ['made', 'timestamp', false, false],
      ])
      expect(table?.indexes).toMatchObject([
        { name: 'by_note', isUnique: true, columns: ['note', 'status'] },
        { name: 'PRIMARY', isUnique: true, columns: ['Id'] },
      ])
    })
  })

  test('has a hash that changes with the definition and with nothing else', async ({ database }) => {
    await database.query(create)
    await withReader(database.url, async ({ read }) => {
      const hash = async () =>
        (await read((session) => readTable(session, { schema: database.name, table: 'Orders' })))?.hash
      const first = await hash()
      await database.query("INSERT INTO Orders (note, made) VALUES ('x', NOW()); ANALYZE TABLE Orders")
      expect(await hash()).toBe(first)
      await database.query('ALTER TABLE Orders ADD INDEX by_made (made)')
      expect(await hash()).not.toBe(first)
    })
  })

  test('knows no table that is not there', async ({ database }) => {
    await withReader(database.url, async ({ read }) => {
      expect(
        await read((session) => readTable(session, { schema: database.name, table: 'none' })),
      ).toBeUndefined()
    })
  })
})
