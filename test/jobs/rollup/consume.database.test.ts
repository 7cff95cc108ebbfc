import { describe, expect } from 'vitest'
import type { TestDatabase } from '../../support/database.ts'
import { test } from '../../support/rollup-job.ts'

const eventTable = `CREATE TABLE events (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  post_id BIGINT UNSIGNED NOT NULL, viewed_at DATETIME NOT NULL, likes TINYINT NOT NULL DEFAULT 0)`

async function countersOf(database: TestDatabase, columns = 'views') {
  const rows = await database.query(
    `SELECT post_id, bucket_size, bucket_start, ${columns} FROM counts ORDER BY post_id, bucket_size, bucket_start`,
  )
  return rows.map((row) => Object.values(row).join(' '))
}

describe('consume', () => {
  test('adds every event to its hour, day and month and deletes it', async ({ database, openRollup }) => {
    await database.query(`${eventTable}; INSERT INTO events (post_id, viewed_at) VALUES
      (7, '2026-03-31 23:59:59'), (7, '2026-04-01 00:00:00'), (9, '2026-04-01 00:30:00'), (7, '2026-04-01 00:59:00')`)
    const job = await openRollup()
    const { result } = await job.run()
    expect(result).toMatchObject({
      status: 'succeeded',
      exitCode: 0,
      counts: { events: 4, filtered: 0, keys: 9, batches: 1, remaining: 0 },
    })
    expect(await countersOf(database)).toEqual([
      '7 day 2026-03-31 00:00:00 1',
      '7 day 2026-04-01 00:00:00 2',
      '7 hour 2026-03-31 23:00:00 1',
      '7 hour 2026-04-01 00:00:00 2',
      '7 month 2026-03-01 00:00:00 1',
      '7 month 2026-04-01 00:00:00 2',
      '9 day 2026-04-01 00:00:00 1',
      '9 hour 2026-04-01 00:00:00 1',
      '9 month 2026-04-01 00:00:00 1',
    ])
    expect(await database.query('SELECT COUNT(*) AS events FROM events')).toEqual([{ events: '0' }])
  })

  test('adds to what an earlier run counted', async ({ database, openRollup }) => {
    const job = await openRollup({ job: { buckets: { sizes: ['day'] } } })
    await database.query(
      `${eventTable}; INSERT INTO events (post_id, viewed_at) VALUES (7, '2026-04-01 10:00:00')`,
    )
    await job.run()
    await database.query(
      `INSERT INTO events (post_id, viewed_at) VALUES (7, '2026-04-01 11:00:00'), (7, '2026-04-01')`,
    )
    await job.run()
    expect(await countersOf(database)).toEqual(['7 day 2026-04-01 00:00:00 3'])
  })

  test('keeps a total on the objects, and says which it does not find', async ({ database, openRollup }) => {
    await database.query(`${eventTable};
      CREATE TABLE posts (id BIGINT UNSIGNED NOT NULL PRIMARY KEY, view_count INT UNSIGNED NOT NULL DEFAULT 0,
        like_count INT NOT NULL DEFAULT 0, touched TIMESTAMP(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6));
      INSERT INTO posts (id, view_count, like_count, touched) VALUES (7, 100, 5, '2020-01-01'), (8, 1, 1, '2020-01-01');
      INSERT INTO events (post_id, viewed_at, likes) VALUES (7, '2026-04-01', 1), (7, '2026-04-02', -1), (7, '2026-04-02', -1), (404, '2026-04-02', 1)`)
    const job = await openRollup({
      job: {
        measures: { views: 'count', likes: 'sum:likes' },
        total: { table: 'posts', key: 'id', columns: { view_count: 'views', like_count: 'likes' } },
      },
    })
    const { result } = await job.run()
    expect(result).toMatchObject({
      exitCode: 0,
      detail: { unknownObjects: { objects: 1, samples: ['404'] } },
    })
    expect(await database.query('SELECT id, view_count, like_count, touched FROM posts ORDER BY id')).toEqual(
      [
        { id: '7', view_count: 103, like_count: 4, touched: '2020-01-01 00:00:00.000000' },
        { id: '8', view_count: 1, like_count: 1, touched: '2020-01-01 00:00:00.000000' },
      ],
    )
    expect(await countersOf(database, 'views, likes')).toContain('7 month 2026-04-01 00:00:00 3 -1')
  })

  test('counts by the clock of the declared zone', async ({ database, openRollup }) => {
    await database.query(`CREATE TABLE events (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, post_id INT NOT NULL, viewed_at TIMESTAMP NOT NULL);
      SET time_zone = '+00:00';
      INSERT INTO events (post_id, viewed_at) VALUES (1, '2026-05-01 18:14:59'), (1, '2026-05-01 18:15:00')`)
    const job = await openRollup({
      job: { buckets: { sizes: ['day', '15min'], timeZone: 'Asia/Kathmandu' } },
    })
    await job.run()
    expect(await countersOf(database)).toEqual([
      '1 15min 2026-05-01 23:45:00 1',
      '1 15min 2026-05-02 00:00:00 1',
      '1 day 2026-05-01 00:00:00 1',
      '1 day 2026-05-02 00:00:00 1',
    ])
  })
})
