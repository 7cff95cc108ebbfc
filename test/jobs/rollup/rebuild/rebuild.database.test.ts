import { describe, expect } from 'vitest'
import { test } from '../../../support/rollup-job.ts'
import {
  dayBefore,
  days,
  findWrong,
  findWrongTotals,
  insertEvents,
  measures,
  source,
  tables,
  total,
} from './fixture.ts'

describe('rollup rebuild', () => {
  test('shows by day what differs, and sets it: counters of every size, and totals', async ({
    database,
    openRollup,
  }) => {
    await database.query(tables)
    await insertEvents(database, [
      [1, 1, 0.5, 24 * 40],
      [1, 1, -1.25, 24 * 10],
      [2, 1, 1, 24 * 10],
      [2, 1, null, 24 * 9],
      [3, 1, 1, 2],
    ])
    const job = await openRollup({ job: { source, measures, total, buckets: days } })
    await job.run()
    // Late ones, one that changes, and one that goes: of days that no run counts any more.
    await insertEvents(database, [
      [1, 1, 1, 24 * 10],
      [1, 1, 1, 24 * 10],
      [3, 1, 2.25, 24 * 9],
    ])
    await database.query('UPDATE events SET likes = 3 WHERE id = 3; DELETE FROM events WHERE id = 4')
    const [from, to, first, second] = await Promise.all(
      [20, 5, 11, 10].map((count) => dayBefore(database, count)),
    )
    const asked = { from, to }
    const before = await database.query('SELECT * FROM counts ORDER BY 1, 2, 3')

    const seen = await job.verb('rebuild', { ...asked, dryRun: 'true' })
    expect(seen.result).toMatchObject({
      exitCode: 0,
      counts: { wrongDays: 2, wrong: 4, set: 0 },
      detail: {
        days: [
          { day: first, counters: 2, changes: { views: '2', likes: '4.00' } },
          { day: second, counters: 2, changes: { views: '0', likes: '2.25' } },
        ],
      },
      next: [`rowkeeper rollup rebuild post-views --from ${from} --to ${to}`],
    })
    expect(seen.report?.headline).toBe('post-views: 4 counters by day of counts would change.')
    expect(await database.query('SELECT * FROM counts ORDER BY 1, 2, 3')).toEqual(before)

    const done = await job.verb('rebuild', asked)
    expect(done.result.error).toBeUndefined()
    expect(done.result).toMatchObject({
      exitCode: 0,
      status: 'succeeded',
      detail: { days: seen.result.detail.days },
    })
    expect(await findWrong(database, ['day', 'month'])).toEqual([])
    expect(await findWrongTotals(database)).toEqual([])
    expect(await database.query("SHOW TABLES LIKE 'counts\\_\\_rk%'")).toEqual([])

    const again = await job.verb('rebuild', asked)
    expect(again.result).toMatchObject({ exitCode: 0, counts: { wrongDays: 0, set: 0 } })
    expect(again.report?.headline).toBe('post-views: counts held what the events say; nothing was changed.')
    expect((await job.run()).result).toMatchObject({ exitCode: 0 })
    expect(await findWrong(database, ['day', 'month'])).toEqual([])
  })

  test('sets larger counters right that are wrong by themselves, and leaves other days alone', async ({
    database,
    openRollup,
  }) => {
    await database.query(tables)
    await insertEvents(database, [
      [1, 1, 1, 24 * 12],
      [1, 1, 1, 24 * 10],
      [2, 1, 1, 24 * 8],
    ])
    const job = await openRollup({ job: { source, measures, buckets: days } })
    await job.run()
    const other = await dayBefore(database, 9)
    const [from, to] = [await dayBefore(database, 12), await dayBefore(database, 10)]
    const month = (await dayBefore(database, 11)).replace(/\d\d$/, '01')
    await database.query(`UPDATE counts SET views = views + 5 WHERE bucket_size = 'month' AND bucket_start = '${month}';
      UPDATE counts SET views = 7 WHERE bucket_size = 'day' AND bucket_start = '${other}'`)
    expect((await job.verb('rebuild', { from, to })).result).toMatchObject({
      exitCode: 0,
      counts: { wrongDays: 0, wrong: 0 },
    })
    // The other day stays as it was, and the month is the sum of its days.
    expect(
      await database.query(
        `SELECT views FROM counts WHERE bucket_start = '${other}' AND bucket_size = 'day'`,
      ),
    ).toEqual([{ views: '7' }])
    expect(
      await database.query(`SELECT months.post_id FROM counts AS months WHERE bucket_size = 'month' AND bucket_start = '${month}' AND views <>
        (SELECT SUM(views) FROM counts AS days WHERE bucket_size = 'day' AND days.post_id = months.post_id
          AND DATE_FORMAT(days.bucket_start, '%Y-%m-01') = months.bucket_start)`),
    ).toEqual([])
  })

  test('counts the running bucket as far as it has come, by several columns and hours', async ({
    database,
    openRollup,
  }) => {
    await database.query(tables)
    await database.query(`INSERT INTO events (post_id, place, likes, viewed_at) VALUES
      (1, 1, 1, UTC_TIMESTAMP() - INTERVAL 30 HOUR), (1, 2, 1, UTC_TIMESTAMP() - INTERVAL 30 HOUR), (1, 1, 1, UTC_TIMESTAMP())`)
    const job = await openRollup({
      job: {
        ...{ source, measures },
        group: { post_id: 'post_id', place: 'place' },
        total: { ...total, of: 'post_id' },
        buckets: { sizes: ['hour', 'day'] },
      },
    })
    await job.run()
    await database.query('UPDATE counts SET views = 9, likes = 4')
    const [from, to] = [await dayBefore(database, 3), await dayBefore(database, -5)]
    const { result } = await job.verb('rebuild', { from, to })
    expect(result.error).toBeUndefined()
    expect(result).toMatchObject({ exitCode: 0 })
    expect(
      await database.query(
        'SELECT place, bucket_size, SUM(views) AS views, SUM(likes) AS likes FROM counts GROUP BY 1, 2 ORDER BY 1, 2',
      ),
    ).toEqual([
      { place: 1, bucket_size: 'day', views: '2', likes: '2.00' },
      { place: 1, bucket_size: 'hour', views: '2', likes: '2.00' },
      { place: 2, bucket_size: 'day', views: '1', likes: '1.00' },
      { place: 2, bucket_size: 'hour', views: '1', likes: '1.00' },
    ])
    // 27 counters of views became 3: totals follow by the difference.
    expect(await database.query('SELECT view_count FROM posts WHERE id = 1')).toEqual([
      { view_count: 1003 - 24 },
    ])
  })

  test.for(['Asia/Kathmandu', 'America/St_Johns'])(
    'counts the days of the clock of %s',
    async (timeZone, { database, openRollup }) => {
      await database.query(tables)
      await database.query(`INSERT INTO events (post_id, place, likes, viewed_at)
        SELECT 1, 1, 1, UTC_DATE() - INTERVAL (hours.a * 10 + units.b) HOUR + INTERVAL 20 MINUTE FROM
          (SELECT 0 AS a UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION SELECT 7) AS hours,
          (SELECT 0 AS b UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9) AS units`)
      const job = await openRollup({
        job: { source, measures, buckets: { sizes: ['hour', 'day'], timeZone } },
      })
      await job.run()
      const counters = await database.query('SELECT * FROM counts ORDER BY 1, 2, 3')
      await database.query('UPDATE counts SET views = views + 1')
      const [from, to] = [await dayBefore(database, 10), await dayBefore(database, -1)]
      expect((await job.verb('rebuild', { from, to })).result).toMatchObject({ exitCode: 0 })
      expect(await database.query('SELECT * FROM counts ORDER BY 1, 2, 3')).toEqual(counters)
    },
  )

  test('reports objects that have no row to keep a total on', async ({ database, openRollup }) => {
    await database.query(tables)
    await insertEvents(database, [[1, 1, 1, 24 * 10]])
    const job = await openRollup({ job: { source, measures, total, buckets: days } })
    await job.run()
    await insertEvents(database, [[99, 1, 1, 24 * 9]])
    const [from, to] = [await dayBefore(database, 20), await dayBefore(database, 5)]
    const { result, report } = await job.verb('rebuild', { from, to })
    expect(result).toMatchObject({ exitCode: 0, detail: { unknownObjects: { objects: 1, samples: ['99'] } } })
    expect(JSON.stringify(report)).toContain('1 object has no row there to keep a total on.')
  })

  test('lets no run count meanwhile, and waits for none', async ({ database, openRollup }) => {
    await database.query(tables)
    await insertEvents(database, [[1, 1, 1, 24 * 10]])
    const job = await openRollup({ job: { source, measures, total, buckets: days } })
    await job.run()
    await insertEvents(database, [[1, 1, 1, 24 * 9]])
    const [from, to] = [await dayBefore(database, 20), await dayBefore(database, 5)]
    const met: unknown[] = []
    await job.verb(
      'rebuild',
      { from, to },
      {
        holder: 'here:1',
        async reach(point) {
          if (point === 'rollup.shadow-compared' && met.length === 0)
            met.push((await job.run({ holder: 'there:1' })).result)
        },
      },
    )
    expect(met).toMatchObject([{ exitCode: 75, error: { code: 'lease.held' } }])
    expect(await findWrong(database, ['day', 'month'])).toEqual([])
    expect(await findWrongTotals(database)).toEqual([])
  })

  test('sets many objects in several transactions, each with all of its buckets and its total', async ({
    database,
    openRollup,
  }) => {
    await database.query(tables)
    await database.query(`INSERT INTO events (post_id, place, likes, viewed_at)
      WITH RECURSIVE posts_of AS (SELECT 1 AS id UNION ALL SELECT id + 1 FROM posts_of WHERE id < 900)
      SELECT id, 1, 1, UTC_DATE() - INTERVAL 10 DAY FROM posts_of;
      INSERT IGNORE INTO posts SELECT DISTINCT post_id, post_id * 1000, 0 FROM events`)
    await database.query(`INSERT INTO events (post_id, place, likes, viewed_at)
      WITH RECURSIVE steps AS (SELECT 1 AS id UNION ALL SELECT id + 1 FROM steps WHERE id < 9)
      SELECT post_id, 1, 1, viewed_at + INTERVAL steps.id HOUR FROM events, steps`)
    const job = await openRollup({ job: { source, measures, total, buckets: { sizes: ['hour', 'day'] } } })
    await job.run()
    await database.query(
      'INSERT INTO events (post_id, place, likes, viewed_at) SELECT post_id, 1, 1, viewed_at FROM events',
    )
    const [from, to] = [await dayBefore(database, 12), await dayBefore(database, 8)]
    await job.verb(
      'rebuild',
      { from, to },
      {
        async reach(point) {
          if (point === 'rollup.piece-swapped') throw new Error('dies between two of them')
        },
      },
    )
    const left = (await findWrongTotals(database)).length
    expect(left).toBeGreaterThan(0)
    expect(left).toBeLessThan(900)
    let pieces = 0
    const { result } = await job.verb(
      'rebuild',
      { from, to },
      {
        async reach(point) {
          if (point !== 'rollup.piece-swapped') return
          pieces += 1
          // Whatever is set by now fits what belongs to it.
          expect(
            await database.query(`SELECT id FROM posts JOIN (SELECT post_id, SUM(views) AS views FROM counts WHERE bucket_size = 'day' GROUP BY 1) AS d
            ON d.post_id = id JOIN (SELECT post_id, SUM(views) AS views FROM counts WHERE bucket_size = 'hour' GROUP BY 1) AS h ON h.post_id = id
            WHERE h.views <> d.views OR view_count <> id * 1000 + d.views`),
          ).toEqual([])
        },
      },
    )
    expect(result).toMatchObject({ exitCode: 0, counts: { wrongDays: 1 } })
    expect(result.counts.set).toBe(left * 11)
    expect(pieces).toBe(1)
    expect(await findWrong(database, ['hour', 'day'])).toEqual([])
    expect(await findWrongTotals(database)).toEqual([])
  })
})
