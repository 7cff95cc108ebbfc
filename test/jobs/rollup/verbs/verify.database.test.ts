import { describe, expect } from 'vitest'
import type { TestDatabase } from '../../../support/database.ts'
import { test } from '../../../support/rollup-job.ts'

const eventTable = `CREATE TABLE events (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  post_id BIGINT UNSIGNED NOT NULL, viewed_at DATETIME NOT NULL, likes TINYINT NOT NULL DEFAULT 0)`

const likes = { job: { measures: { views: 'count', likes: 'sum:likes' } } }

/** Two posts over the end of a month; likes of the second fall below zero. */
async function insertEvents(database: TestDatabase) {
  await database.query(`INSERT INTO events (post_id, viewed_at, likes) VALUES
    (7, '2026-03-31 23:59:59', 1), (7, '2026-04-01 00:00:00', 1), (7, '2026-04-01 00:30:00', 0),
    (9, '2026-04-01 05:30:00', -1), (9, '2026-04-02 05:30:00', -1)`)
}

describe('rollup verify', () => {
  test('finds nothing where nothing is wrong, and changes nothing', async ({ database, openRollup }) => {
    await database.query(eventTable)
    await insertEvents(database)
    const job = await openRollup(likes)
    await job.run()
    const { result, report } = await job.verb('verify', { repair: 'true' })
    expect(result).toMatchObject({
      exitCode: 0,
      counts: { months: 2, wrongDays: 0, wrong: 0, repaired: 0 },
      next: [],
    })
    expect(report?.headline).toBe('post-views: counts is right.')
  })

  test('says so before anything was counted', async ({ database, openRollup }) => {
    await database.query(eventTable)
    const job = await openRollup()
    expect((await job.verb('verify')).result).toMatchObject({ exitCode: 0, counts: { months: 0 } })
  })

  test('finds larger counters that differ, shows what it would add, and adds it', async ({
    database,
    openRollup,
  }) => {
    await database.query(eventTable)
    await insertEvents(database)
    const job = await openRollup(likes)
    await job.run()
    const right = await database.query('SELECT * FROM counts ORDER BY post_id, bucket_size, bucket_start')
    await database.query(`UPDATE counts SET views = views + 5 WHERE post_id = 7 AND bucket_size = 'day' AND bucket_start = '2026-04-01';
      UPDATE counts SET likes = likes + 3 WHERE post_id = 9 AND bucket_size = 'month';
      DELETE FROM counts WHERE post_id = 7 AND bucket_size = 'month' AND bucket_start = '2026-03-01'`)
    const seen = await job.verb('verify', { repair: 'true', dryRun: 'true' })
    expect(seen.result).toMatchObject({
      exitCode: 3,
      counts: { wrong: 3, repaired: 0, wrongDays: 0 },
      next: ['rowkeeper rollup verify post-views --repair'],
      detail: {
        difference: { views: '6', likes: '4' },
        worst: [
          { group: ['7'], size: 'day', missing: { views: '-5', likes: '0' }, fate: 'repairable' },
          { group: ['9'], size: 'month', missing: { views: '0', likes: '-3' } },
          { group: ['7'], size: 'month', start: '2026-03-01 00:00:00', missing: { views: '1', likes: '1' } },
        ],
      },
    })
    const repaired = await job.verb('verify', { repair: 'true' })
    expect(repaired.result).toMatchObject({ exitCode: 0, counts: { wrong: 0, repaired: 3 } })
    expect(await database.query('SELECT * FROM counts ORDER BY post_id, bucket_size, bucket_start')).toEqual(
      right,
    )
  })

  test('repairs nothing of a day whose smallest counters are wrong', async ({ database, openRollup }) => {
    await database.query(eventTable)
    await insertEvents(database)
    const job = await openRollup(likes)
    await job.run()
    await database.query(`UPDATE counts SET views = views + 1 WHERE post_id = 9 AND bucket_size = 'hour' AND bucket_start = '2026-04-01 05:00:00';
      UPDATE counts SET views = views + 1 WHERE bucket_size = 'day' AND bucket_start = '2026-04-02'`)
    const { result, report } = await job.verb('verify', { repair: 'true' })
    expect(result).toMatchObject({
      exitCode: 3,
      counts: { wrongDays: 1, wrong: 2, repaired: 1 },
      detail: { days: [{ day: '2026-04-01', measure: 'views', ledger: '3', counters: '4' }] },
    })
    expect(JSON.stringify(report)).toContain('nothing of these days is repaired')
    expect(
      await database.query(
        `SELECT bucket_start, views FROM counts WHERE post_id = 9 AND bucket_size = 'day' ORDER BY bucket_start`,
      ),
    ).toEqual([
      { bucket_start: '2026-04-01 00:00:00', views: '1' },
      { bucket_start: '2026-04-02 00:00:00', views: '1' },
    ])
  })

  test('compares sizes only where runs recompute, and repairs nothing there', async ({
    database,
    openRollup,
  }) => {
    await database.query(`${eventTable}; CREATE INDEX by_time ON events (viewed_at)`)
    await database.query(`INSERT INTO events (post_id, viewed_at) VALUES (1, UTC_TIMESTAMP())`)
    const job = await openRollup({
      job: { source: { table: 'events', strategy: 'recompute', key: 'id', time: 'viewed_at' } },
    })
    expect((await job.run()).result).toMatchObject({ exitCode: 0 })
    const { result, report } = await job.verb('verify')
    expect(result).toMatchObject({ exitCode: 0, counts: { wrong: 0, wrongDays: 0 } })
    expect(JSON.stringify(report)).toContain('Runs that recompute keep no ledger')
    await database.query(`UPDATE counts SET views = views + 1 WHERE bucket_size = 'month'`)
    expect((await job.verb('verify')).result).toMatchObject({
      exitCode: 3,
      counts: { wrong: 1 },
      next: ['rowkeeper run post-views'],
    })
    expect((await job.verb('verify', { repair: 'true' })).result).toMatchObject({
      exitCode: 4,
      error: { code: 'rollup.repairSets' },
    })
  })

  test('looks at a share of the objects', async ({ database, openRollup }) => {
    await database.query(eventTable)
    await database.query(
      `INSERT INTO events (post_id, viewed_at) VALUES ${Array.from({ length: 400 }, (_, post) => `(${post}, '2026-04-01')`).join(', ')}`,
    )
    const job = await openRollup()
    await job.run()
    await database.query(`UPDATE counts SET views = views + 1 WHERE bucket_size = 'month'`)
    const { result } = await job.verb('verify', { sample: '50%' })
    expect(result.counts.wrong).toBeGreaterThan(120)
    expect(result.counts.wrong).toBeLessThan(280)
  })

  test('looks at the months that days belong to', async ({ database, openRollup }) => {
    await database.query(eventTable)
    await insertEvents(database)
    const job = await openRollup()
    await job.run()
    const { result } = await job.verb('verify', { from: '2026-04-02' })
    expect(result).toMatchObject({
      counts: { months: 1 },
      detail: { windows: [{ from: '2026-04-01', to: '2026-05-01' }] },
    })
  })

  test.for([
    ['Asia/Kathmandu', '2026-04-30 18:14:59', '2026-04-30 18:15:00'],
    ['America/St_Johns', '2026-03-08 05:29:00', '2026-03-08 05:31:00'],
  ] as const)('agrees with the days of %s', async ([timeZone, ...times], { database, openRollup }) => {
    await database.query(eventTable)
    await database.query(
      `INSERT INTO events (post_id, viewed_at) VALUES ${times.map((time) => `(1, '${time}')`).join(', ')}`,
    )
    const job = await openRollup({ job: { buckets: { sizes: ['15min', 'day', 'month'], timeZone } } })
    await job.run()
    expect((await job.verb('verify')).result).toMatchObject({
      exitCode: 0,
      counts: { wrong: 0, wrongDays: 0 },
    })
    await database.query(`UPDATE counts SET views = views + 1 WHERE bucket_size = 'month'`)
    expect((await job.verb('verify')).result.counts.wrong).toBeGreaterThan(0)
  })

  test.for([
    [{ sample: '1%', repair: 'true' }, 'a repair rests on every day and key that it touches'],
    [{ sample: '120%' }, 'a share is written like 1%'],
    [{ from: '2026-02-30' }, 'a day is written like 2026-03-29'],
    [{ from: '2026-04-02', to: '2026-04-02' }, 'is not later'],
  ] as const)('refuses %o', async ([options, message], { database, openRollup }) => {
    await database.query(eventTable)
    const job = await openRollup()
    const { result } = await job.verb('verify', options)
    expect(result).toMatchObject({ exitCode: 64, effect: 'none' })
    expect(result.error?.message).toContain(message)
  })
})
