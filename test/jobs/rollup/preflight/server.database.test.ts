import { describe, expect } from 'vitest'
import { withAccount } from '../../../db/account.ts'
import type { TestDatabase } from '../../../support/database.ts'
import { test } from '../../../support/rollup-job.ts'
import { tellPlan, tellRun } from '../../../support/tell.ts'
import { testServer } from '../../../support/test-server.ts'

const tables = `CREATE TABLE events (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, post_id INT NOT NULL,
    viewed_at DATETIME NOT NULL, viewer INT NULL);
  CREATE TABLE posts (id INT PRIMARY KEY, view_count INT NOT NULL); INSERT INTO posts VALUES (7, 0);
  INSERT INTO events (post_id, viewed_at, viewer) VALUES (7, '2026-04-01', 1), (7, '2026-04-01', 2)`

const job = {
  measures: { views: 'count', viewers: 'unique:viewer' },
  total: { table: 'posts', columns: { view_count: 'views' } },
}

const rights = {
  events: ['SELECT', 'DELETE'],
  counts: ['SELECT', 'INSERT', 'UPDATE', 'CREATE'],
  counts_seen: ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'CREATE'],
  posts: ['SELECT', 'UPDATE'],
} as const

type Table = keyof typeof rights

/** Everything that counting takes, but one. */
async function grantsBut(
  { name, query }: TestDatabase,
  table?: Table,
  right?: string,
): Promise<readonly string[]> {
  const control = await query(`SHOW TABLES LIKE 'rowkeeper%'`)
  const own = control.map((row) => `SELECT, INSERT, UPDATE, DELETE ON ${name}.${Object.values(row)[0]}`)
  // MySQL alone wants it, to tell how many old row versions wait to be cleaned up.
  const process = testServer().family === 'mysql' ? ['PROCESS ON *.*'] : []
  const others = Object.entries(rights).map(([of, all]) => {
    const left = all.filter((one) => of !== table || one !== right)
    return `${left.join(', ')} ON ${name}.${of}`
  })
  return [...own, ...process, ...others]
}

describe('an account', () => {
  for (const [table, all] of Object.entries(rights) as [Table, readonly string[]][])
    test(`is refused without each right on ${table}, and what gives it is named`, async ({
      database,
      openRollup,
    }) => {
      await database.query(tables)
      const rollup = await openRollup({ job })
      for (const right of all.filter((one) => one !== 'CREATE')) {
        const grants = await grantsBut(database, table, right)
        const text = await withAccount(database, grants, (url) => tellRun(rollup, { url }))
        expect(text).toContain(`exit 4\nrollup.privileges: The account may not ${right} on shop.${table}.`)
        expect(text).toContain(`GRANT ${right} ON \`shop\`.\`${table}\` TO`)
      }
      expect(await database.query('SELECT COUNT(*) AS n FROM events')).toEqual([{ n: '2' }])
      expect(await database.query("SHOW TABLES LIKE 'counts%'")).toEqual([])
    })

  test('is refused without CREATE where tables are to be made', async ({ database, openRollup }) => {
    await database.query(tables)
    const rollup = await openRollup({ job })
    const grants = [`SELECT, INSERT, UPDATE, DELETE ON ${database.name}.*`]
    const text = await withAccount(database, grants, (url) => tellRun(rollup, { url }))
    expect(text).toContain('exit 4\nrollup.privileges: The account may not CREATE on shop.counts.')
    expect(text).toContain('rollup.privileges: The account may not CREATE on shop.counts_seen.')
  })

  test('with exactly these rights counts', async ({ database, openRollup }) => {
    await database.query(tables)
    const rollup = await openRollup({ job })
    const grants = await grantsBut(database)
    expect(await withAccount(database, grants, (url) => tellRun(rollup, { url }))).toBe('exit 0')
    expect(await database.query('SELECT view_count FROM posts')).toEqual([{ view_count: 2 }])
    expect(await database.query('SELECT DISTINCT views, viewers FROM counts')).toEqual([
      { views: '2', viewers: '2' },
    ])
  })
})

describe('a server', () => {
  test('that logs statements is refused', async ({ database, openRollup }) => {
    await database.query(tables)
    const rollup = await openRollup({ control: 'missing' })
    await database.query('SET GLOBAL binlog_format = STATEMENT')
    const text = await tellPlan(rollup).finally(() => database.query('SET GLOBAL binlog_format = ROW'))
    expect(text).toBe(`exit 4
rollup.binaryLogFormat: The server writes its binary log as statements (binlog_format is STATEMENT), and so refuses every write at READ COMMITTED, the isolation at which events are counted.
next: SET GLOBAL binlog_format = ROW, and the same in the configuration of the server`)
    expect(await database.query('SELECT COUNT(*) AS n FROM events')).toEqual([{ n: '2' }])
  })
})
