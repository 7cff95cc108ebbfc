import { describe, expect } from 'vitest'
import type { ConfiguredJob } from '../../../support/configured-job.ts'
import type { TestDatabase } from '../../../support/database.ts'
import { test } from '../../../support/rollup-job.ts'

const tables = `CREATE TABLE events (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, post_id INT NOT NULL, viewed_at DATETIME NOT NULL,
    KEY by_time (viewed_at));
  CREATE TABLE posts (id INT NOT NULL PRIMARY KEY, view_count BIGINT NOT NULL); INSERT INTO posts VALUES (1, 0), (2, 0)`
/** By the clock of the server. */
const daysFromNow = (days: number) => `UTC_TIMESTAMP() + INTERVAL ${days} DAY`

async function view({ query }: TestDatabase, days: number): Promise<void> {
  await query(
    `INSERT INTO events (post_id, viewed_at) VALUES (1, ${daysFromNow(days)}), (2, ${daysFromNow(days)})`,
  )
}

/** Runs and then compares. */
async function runAndVerify(job: ConfiguredJob, options: Record<string, string> = {}) {
  const { result } = await job.run()
  expect(result.error).toBeUndefined()
  return job.verb('verify', options)
}

const sizes = (...names: readonly string[]) => ({ job: { buckets: { sizes: names } } })

describe('verify compares only what was kept when it was counted', () => {
  test('where a larger size came later', async ({ database, openRollup }) => {
    await database.query(tables)
    const job = await openRollup(sizes('hour'))
    await view(database, -1)
    expect((await runAndVerify(job)).result).toMatchObject({
      exitCode: 0,
      detail: { keptSince: { hour: null } },
    })
    await job.configure(sizes('hour', 'day'))
    expect((await job.verb('verify')).report?.sections).toContainEqual(
      expect.objectContaining({ items: ['day: no run has kept this size yet, so it was not compared.'] }),
    )
    await view(database, -1)
    await view(database, 2)
    const { result, report } = await runAndVerify(job)
    expect(result).toMatchObject({ exitCode: 0, counts: { wrong: 0, wrongDays: 0 } })
    expect(JSON.stringify(report)).toMatch(/day: kept since \d{4}-\d\d-\d\d \d\d:\d\d; what lies before/)
    await database.query(`UPDATE counts SET views = views + 1 WHERE bucket_size = 'day'`)
    expect((await job.verb('verify')).result).toMatchObject({
      exitCode: 3,
      counts: { wrong: 2, wrongDays: 0 },
    })
  })

  test('where a smaller size came later, and repairs nothing of what was before', async ({
    database,
    openRollup,
  }) => {
    await database.query(tables)
    const job = await openRollup(sizes('day'))
    await view(database, -1)
    await job.run()
    await job.configure(sizes('hour', 'day'))
    await view(database, -1)
    await view(database, 2)
    expect((await runAndVerify(job, { repair: 'true' })).result).toMatchObject({
      exitCode: 0,
      counts: { wrong: 0, wrongDays: 0, repaired: 0 },
    })
    expect(await database.query("SELECT SUM(views) AS views FROM counts WHERE bucket_size = 'day'")).toEqual([
      { views: '6' },
    ])
    await database.query(`UPDATE counts SET views = views + 1 WHERE bucket_size = 'hour'`)
    expect((await job.verb('verify')).result).toMatchObject({ exitCode: 3, counts: { wrongDays: 1 } })
  })

  test('where a size was left out for a while', async ({ database, openRollup }) => {
    await database.query(tables)
    const job = await openRollup(sizes('hour', 'day'))
    await view(database, -1)
    await job.run()
    await job.configure(sizes('hour'))
    await view(database, -1)
    await job.run()
    await job.configure(sizes('hour', 'day'))
    await view(database, -1)
    expect((await runAndVerify(job)).result).toMatchObject({
      exitCode: 0,
      counts: { wrong: 0, wrongDays: 0 },
    })
  })

  test('where the counters begin anew in another table, in another way', async ({ database, openRollup }) => {
    await database.query(tables)
    const job = await openRollup()
    await view(database, -1)
    await job.run()
    await job.configure({
      job: { into: { table: 'others' }, source: { table: 'events', strategy: 'rotate', time: 'viewed_at' } },
    })
    await view(database, -1)
    expect((await runAndVerify(job)).result).toMatchObject({
      exitCode: 0,
      counts: { wrong: 0, wrongDays: 0 },
    })
  })
})

const total = { table: 'posts', columns: { view_count: 'views' } }

describe('verify compares totals with the sums of counters', () => {
  test('of objects that began at nothing', async ({ database, openRollup }) => {
    await database.query(tables)
    const job = await openRollup({ job: { total } })
    await view(database, -1)
    expect((await runAndVerify(job)).result).toMatchObject({ exitCode: 0, counts: { wrongTotals: 0 } })
    await database.query('UPDATE posts SET view_count = view_count + 3 WHERE id = 2')
    const { result, report } = await job.verb('verify')
    expect(result).toMatchObject({
      exitCode: 3,
      counts: { wrongTotals: 1 },
      detail: { totals: [{ object: '2', column: 'view_count', total: '4', counters: '1' }] },
    })
    expect(report?.headline).toBe('post-views: counts was compared: 1 total not the sum of the counters.')
    expect(JSON.stringify((await job.verb('verify', { from: '2026-01-01' })).report)).toContain(
      'Totals were not compared: they are of all days',
    )
  })

  test('of objects that are told by texts, which compare by other rules', async ({
    database,
    openRollup,
  }) => {
    await database.query(`CREATE TABLE events (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, viewed_at DATETIME NOT NULL,
        post_id VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_bin NOT NULL);
      CREATE TABLE posts (id VARCHAR(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci NOT NULL PRIMARY KEY, view_count INT NULL);
      INSERT INTO posts VALUES ('é', 0), ('b', NULL); INSERT INTO events (post_id, viewed_at) VALUES ('é', NOW())`)
    const job = await openRollup({ job: { total } })
    expect((await runAndVerify(job)).result).toMatchObject({ exitCode: 0, counts: { wrongTotals: 0 } })
    await database.query("UPDATE posts SET view_count = 2 WHERE id = 'é'")
    expect((await job.verb('verify')).result).toMatchObject({
      detail: { totals: [{ object: 'é', total: '2' }] },
    })
  })

  test('and claims nothing where they were something before', async ({ database, openRollup }) => {
    await database.query(`${tables}; UPDATE posts SET view_count = 1000`)
    const job = await openRollup({ job: { total } })
    await view(database, -1)
    const { result, report } = await runAndVerify(job)
    expect(result).toMatchObject({ exitCode: 0, counts: { wrongTotals: 0 } })
    expect(JSON.stringify(report)).toContain('Totals were not compared: they were something already')
  })
})

describe('verify where runs recompute', () => {
  const recompute = { source: { table: 'events', strategy: 'recompute', time: 'viewed_at', last: 3 } }
  const hoursAgo = (hours: number) => `UTC_TIMESTAMP() - INTERVAL ${hours} HOUR`
  const insert = (...hours: readonly number[]) =>
    `INSERT INTO events (post_id, viewed_at) VALUES ${hours.map((ago) => `(1, ${hoursAgo(ago)})`).join(', ')}`

  test.for(['UTC', 'Asia/Kathmandu'])(
    'compares buckets that are set for good with the rows of events, by the clock of %s',
    async (timeZone, { database, openRollup }) => {
      await database.query(`${tables}; ${insert(120, 100, 80, 5, 4, 3, 1)}`)
      const job = await openRollup({ job: { ...recompute, buckets: { sizes: ['hour', 'day'], timeZone } } })
      const { result, report } = await runAndVerify(job, { from: '2020-01-01' })
      expect(result).toMatchObject({ exitCode: 0, counts: { wrong: 0, wrongDays: 0 } })
      expect(JSON.stringify(report)).toContain('compared with the rows of events from')
      // What a run will still count is no finding, nor what went with the oldest rows.
      await database.query(`${insert(1)}; DELETE FROM events ORDER BY viewed_at LIMIT 1`)
      expect((await job.verb('verify', { from: '2020-01-01' })).result).toMatchObject({ exitCode: 0 })
      // Too late for the last three buckets.
      await database.query(insert(4))
      const late = await job.verb('verify')
      expect(late.result).toMatchObject({ exitCode: 3, counts: { wrongDays: 1 } })
      expect(JSON.stringify(late.report)).toContain(
        'A rebuild counts them anew, and so does a run whose source.last reaches back there',
      )
      await database.query(insert(80))
      expect((await job.verb('verify')).result).toMatchObject({ counts: { wrongDays: 1 } })
      expect((await job.verb('verify', { from: '2020-01-01' })).result).toMatchObject({
        counts: { wrongDays: 2 },
      })
      await job.configure({
        job: {
          source: { ...recompute.source, last: 200 },
          buckets: { sizes: ['hour', 'day'], timeZone },
        },
      })
      await job.run()
      await job.configure({ job: { ...recompute, buckets: { sizes: ['hour', 'day'], timeZone } } })
      await job.run()
      expect((await job.verb('verify', { from: '2020-01-01' })).result).toMatchObject({ exitCode: 0 })
    },
  )
})
