import { describe, expect } from 'vitest'
import type { TestDatabase } from '../../support/database.ts'
import { test } from '../../support/rollup-job.ts'
import { tellRun } from '../../support/tell.ts'

const tables = `CREATE TABLE events (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, post_id INT NOT NULL, likes TINYINT NOT NULL,
    viewed_at DATETIME NOT NULL, KEY by_time (viewed_at));
  CREATE TABLE posts (id INT NOT NULL PRIMARY KEY, view_count INT UNSIGNED NOT NULL, like_count INT NOT NULL);
  INSERT INTO posts VALUES (1, 1000, 0), (2, 2000, 0)`
const source = { table: 'events', strategy: 'recompute', time: 'viewed_at', last: 3 }
const measures = { views: 'count', likes: 'sum:likes' }
const total = { table: 'posts', columns: { view_count: 'views', like_count: 'likes' } }
/** Hours before now, by the clock of the server. */
const hoursAgo = (hours: number) => `UTC_TIMESTAMP() - INTERVAL ${hours} HOUR`

/** Every counter against the server's own GROUP BY over what is there. */
async function differences({ query }: TestDatabase): Promise<readonly unknown[]> {
  const sizes = [
    ['hour', '%Y-%m-%d %H:00:00'],
    ['day', '%Y-%m-%d 00:00:00'],
    ['month', '%Y-%m-01 00:00:00'],
  ]
  const truth = sizes.map(
    ([
      size,
      format,
    ]) => `SELECT post_id, '${size}' AS bucket_size, CAST(DATE_FORMAT(viewed_at, '${format}') AS DATETIME) AS bucket_start,
      COUNT(*) AS views, SUM(likes) AS likes FROM events GROUP BY 1, 3`,
  )
  return query(`SELECT * FROM (${truth.join(' UNION ALL ')}) AS t LEFT JOIN counts AS c USING (post_id, bucket_size, bucket_start)
    WHERE c.views IS NULL OR c.views <> t.views OR c.likes <> t.likes`)
}

describe('recompute', () => {
  test('sets the counters to what the events say, as often as it runs', async ({ database, openRollup }) => {
    await database.query(`${tables}; INSERT INTO events (post_id, likes, viewed_at) VALUES
      (1, 1, ${hoursAgo(60)}), (1, -1, ${hoursAgo(30)}), (2, 1, ${hoursAgo(2)}), (1, 1, ${hoursAgo(1)}), (1, 1, ${hoursAgo(0)})`)
    const job = await openRollup({ job: { source, measures, total } })
    const first = await job.run()
    expect(first.result.error).toBeUndefined()
    expect(first.result).toMatchObject({ exitCode: 0, counts: { events: 5 } })
    expect(await differences(database)).toEqual([])
    const counters = await database.query('SELECT * FROM counts ORDER BY 1, 2, 3')
    const again = await job.run()
    expect(again.result).toMatchObject({ exitCode: 0 })
    expect(await database.query('SELECT * FROM counts ORDER BY 1, 2, 3')).toEqual(counters)
    expect(await database.query('SELECT * FROM posts ORDER BY id')).toEqual([
      { id: 1, view_count: 1004, like_count: 2 },
      { id: 2, view_count: 2001, like_count: 1 },
    ])
    expect(await database.query('SELECT COUNT(*) AS events FROM events')).toEqual([{ events: '5' }])
  })

  test('follows events that come late, change and go, inside its window', async ({
    database,
    openRollup,
  }) => {
    await database.query(
      `${tables}; INSERT INTO events (post_id, likes, viewed_at) VALUES (1, 1, ${hoursAgo(1)}), (2, 1, ${hoursAgo(1)})`,
    )
    const job = await openRollup({ job: { source, measures, total } })
    await job.run()
    await database.query(`DELETE FROM events WHERE post_id = 2; UPDATE events SET likes = -1;
      INSERT INTO events (post_id, likes, viewed_at) VALUES (1, -1, ${hoursAgo(2)})`)
    expect((await job.run()).result).toMatchObject({ exitCode: 0 })
    expect(await differences(database)).toEqual([])
    expect(
      await database.query('SELECT SUM(views) AS views, SUM(likes) AS likes FROM counts WHERE post_id = 2'),
    ).toEqual([{ views: '0', likes: '0' }])
    expect(await database.query('SELECT view_count, like_count FROM posts ORDER BY id')).toEqual([
      { view_count: 1002, like_count: -2 },
      { view_count: 2000, like_count: 0 },
    ])
  })

  test('sets the counters to nothing when every event is gone', async ({ database, openRollup }) => {
    await database.query(
      `${tables}; INSERT INTO events (post_id, likes, viewed_at) VALUES (1, 1, ${hoursAgo(1)}), (2, -1, ${hoursAgo(0)})`,
    )
    const job = await openRollup({ job: { source, measures, total } })
    expect((await job.plan()).result).toMatchObject({ counts: { events: 2 } })
    await job.run()
    await database.query('DELETE FROM events')
    expect((await job.run()).result).toMatchObject({ exitCode: 0, counts: { events: 0 } })
    expect(await database.query('SELECT * FROM counts WHERE views <> 0 OR likes <> 0')).toEqual([])
    expect(await database.query('SELECT view_count, like_count FROM posts ORDER BY id')).toEqual([
      { view_count: 1000, like_count: 0 },
      { view_count: 2000, like_count: 0 },
    ])
  })

  test('plans nothing for a table that never held an event', async ({ database, openRollup }) => {
    await database.query(tables)
    const job = await openRollup({ job: { source, measures } })
    await job.run()
    expect((await job.plan()).result.detail).toMatchObject({ steps: [] })
  })

  test('refuses --limit, since buckets are set whole', async ({ database, openRollup }) => {
    await database.query(
      `${tables}; INSERT INTO events (post_id, likes, viewed_at) VALUES (1, 1, ${hoursAgo(1)})`,
    )
    const job = await openRollup({ job: { source, measures } })
    expect(await tellRun(job, { limit: 100 })).toBe(`exit 4
rollup.limit: --limit 100 cannot be kept: recompute sets whole buckets, the last 3 of them anew in each run.
next: Leave --limit out. --max-runtime ends a long first run between two buckets, and the next run goes on there.`)
    expect((await job.run()).result).toMatchObject({ exitCode: 0, counts: { events: 1 } })
  })

  test('goes on wherever a run dies', async ({ database, openRollup }) => {
    await database.query(tables)
    const job = await openRollup({ job: { source, measures, total } })
    for (const dies of [
      'ledger.before-commit',
      'ledger.after-commit',
      'rollup.bucket-set',
      'rollup.bucket-summed',
    ]) {
      await database.query(
        `INSERT INTO events (post_id, likes, viewed_at) VALUES (1, 1, ${hoursAgo(50)}), (1, 1, ${hoursAgo(2)}), (2, -1, ${hoursAgo(0)})`,
      )
      let times = 0
      await job.run({
        async reach(point) {
          if (point === dies && ++times === 3) throw new Error(`dies at ${point}`)
        },
      })
      expect(times).toBeGreaterThanOrEqual(3)
    }
    await database.query('DELETE FROM rowkeeper_bucket')
    expect((await job.run()).result).toMatchObject({ exitCode: 0 })
    expect(await differences(database)).toEqual([])
    expect(await database.query('SELECT view_count FROM posts ORDER BY id')).toEqual([
      { view_count: 1008 },
      { view_count: 2004 },
    ])
  })

  test.for(['Asia/Kathmandu', 'America/St_Johns'])(
    'counts by the clock of %s',
    async (timeZone, { database, openRollup }) => {
      await database.query(`${tables}; INSERT INTO events (post_id, likes, viewed_at) VALUES
      (1, 1, '2026-11-01 02:29:59'), (1, 1, '2026-11-01 02:30:00'), (1, 1, '2026-10-31 18:14:59'), (1, 1, '2026-10-31 18:15:00'), (1, 1, '2026-11-01 04:45:00')`)
      const job = await openRollup({
        job: { source, measures, buckets: { sizes: ['day', 'month'], timeZone } },
      })
      expect((await job.run()).result).toMatchObject({ exitCode: 0 })
      const days = await database.query(
        "SELECT bucket_start, views FROM counts WHERE bucket_size = 'day' AND views > 0 ORDER BY 1",
      )
      const expected: Record<string, unknown> = {
        'Asia/Kathmandu': [
          { bucket_start: '2026-10-31 00:00:00', views: '1' },
          { bucket_start: '2026-11-01 00:00:00', views: '4' },
        ],
        'America/St_Johns': [
          { bucket_start: '2026-10-31 00:00:00', views: '3' },
          { bucket_start: '2026-11-01 00:00:00', views: '2' },
        ],
      }
      expect(days).toEqual(expected[timeZone])
    },
  )

  test('says how far it has counted for good, so that archive knows what may go', async ({
    database,
    openRollup,
  }) => {
    await database.query(
      `${tables}; INSERT INTO events (post_id, likes, viewed_at) VALUES (1, 1, ${hoursAgo(1)})`,
    )
    const job = await openRollup({ job: { source, measures } })
    await job.run()
    const [row] = await database.query(
      'SELECT strategy, TIMESTAMPDIFF(HOUR, counted_until, UTC_TIMESTAMP()) AS hours FROM rowkeeper_rollup',
    )
    expect(row).toEqual({ strategy: 'recompute', hours: '2' })
  })

  test('is refused without an index that begins with the time', async ({ database, openRollup }) => {
    await database.query(`${tables}; DROP INDEX by_time ON events`)
    const job = await openRollup({ job: { source, measures } })
    const { result } = await job.plan()
    expect(result).toMatchObject({ exitCode: 4 })
    expect(JSON.stringify(result.error)).toContain('no index begins with the time of events')
  })
})
