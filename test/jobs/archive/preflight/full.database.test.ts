import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openArchiveJob } from '../../../support/archive-job.ts'
import type { TestDatabase } from '../../../support/database.ts'
import { type OwnServer, startOwnServer } from '../../../support/own-server.ts'
import { tellRun } from '../../../support/tell.ts'
import { testServer } from '../../../support/test-server.ts'

/**
 * A full disk without filling one: InnoDB tells both in the same words. MariaDB gets one file for all tables that may not
 * grow; MySQL keeps every partition in a file of its own, and no file may.
 */
const isMariadb = testServer().family === 'mariadb'
const fileLimit = 32 * 1024 * 1024
const options = isMariadb
  ? {
      flags: [
        '--skip-log-bin',
        '--innodb-data-file-path=ibdata1:12M:autoextend:max:24M',
        '--innodb-undo-tablespaces=3',
      ],
    }
  : {
      flags: ['--skip-log-bin'],
      prelude: `trap "" XFSZ; ulimit -f ${fileLimit / 512}`,
    }

let server: OwnServer

beforeAll(async () => {
  server = await startOwnServer(undefined, options)
})

afterAll(async () => {
  await server.stop()
})

async function seed({ query }: TestDatabase): Promise<void> {
  await query(`
    CREATE TABLE digits (d INT NOT NULL); INSERT INTO digits VALUES (0), (1), (2), (3), (4), (5), (6), (7), (8), (9);
    CREATE TABLE orders (id BIGINT NOT NULL PRIMARY KEY, created_at DATETIME NOT NULL, note VARCHAR(2000), KEY (created_at));
    INSERT INTO orders SELECT a.d * 100 + b.d * 10 + c.d, '2025-06-01', REPEAT('x', 2000) FROM digits a, digits b, digits c;
    ${isMariadb ? 'SET GLOBAL innodb_file_per_table = 0' : 'DO 0'};
    CREATE TABLE orders_archive (id BIGINT NOT NULL, created_at DATETIME NOT NULL, note VARCHAR(2000),
      PRIMARY KEY (id, created_at), KEY (created_at))
      PARTITION BY RANGE COLUMNS (created_at) (PARTITION p202506 VALUES LESS THAN ('2025-07-01'));
    CREATE TABLE filler LIKE orders;
    ${isMariadb ? 'SET GLOBAL innodb_file_per_table = 1' : 'DO 0'}`)
}

/** Until there is room for not even a megabyte. What is left the server needs for itself, to give room back. */
async function fill({ query }: TestDatabase): Promise<void> {
  const table = isMariadb ? 'filler' : 'orders_archive'
  for (let round = 1; ; round++) {
    const rows = `SELECT id - ${round * 1000}, created_at, note FROM orders WHERE id < 500`
    if (await query(`INSERT INTO ${table} ${rows}`).then(() => false, isFull)) return
  }
}

function isFull(error: { errno?: number }): boolean {
  if (error.errno !== 1114) throw error
  return true
}

/** MariaDB gives the pages of a dropped table back when it purges. */
const makeRoom = ({ query }: TestDatabase) =>
  query(
    isMariadb
      ? 'DROP TABLE filler; SET GLOBAL innodb_max_purge_lag_wait = 0'
      : 'ALTER TABLE orders_archive TRUNCATE PARTITION p202506',
  )

describe('a disk that is full', () => {
  test('ends the run with the words of the server and nothing lost; with room the next one moves all', async () => {
    const database = await server.createDatabase('crammed')
    const { job, close } = await openArchiveJob(database)
    try {
      await seed(database)
      await fill(database)
      expect(await tellRun(job)).toMatchInlineSnapshot(`
        "exit 1
        database.resource: While running archive.copy-between: The table 'orders_archive' is full (error 1114).
        next: Make room on the server before running it again."
      `)
      expect(await database.query('SELECT COUNT(*) AS n FROM orders')).toEqual([{ n: '1000' }])
      expect(await database.query('SELECT COUNT(*) AS n FROM orders_archive WHERE id >= 0')).toEqual([
        { n: '0' },
      ])
      await makeRoom(database)
      expect(await tellRun(job)).toBe('exit 0')
      expect(await database.query('SELECT COUNT(*) AS n FROM orders_archive WHERE id >= 0')).toEqual([
        { n: '1000' },
      ])
    } finally {
      await close()
    }
  })
})
