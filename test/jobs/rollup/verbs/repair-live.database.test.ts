import { describe, expect } from 'vitest'
import { test } from '../../../support/rollup-job.ts'

const events = `INSERT INTO events (post_id, viewed_at) VALUES ${Array.from(
  { length: 1200 },
  (_, index) => `(${index % 600}, '2026-04-01 12:00:00')`,
).join(', ')}`

const daysAgainstHours = `SELECT COUNT(*) AS counters, CAST(SUM(views) AS CHAR) AS views FROM counts
  WHERE bucket_size = 'day' AND views = (SELECT SUM(hours.views) FROM counts AS hours
    WHERE hours.post_id = counts.post_id AND hours.bucket_size = 'hour')`

describe('rollup verify --repair', () => {
  test('keeps what a run counts between the look and the repair', async ({ database, openRollup }) => {
    await database.query(
      'CREATE TABLE events (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, post_id INT NOT NULL, viewed_at DATETIME NOT NULL)',
    )
    await database.query(events)
    const job = await openRollup()
    await job.run()
    await database.query(`UPDATE counts SET views = views - 1 WHERE bucket_size = 'day'`)
    let runs = 0
    const { result } = await job.verb(
      'verify',
      { repair: 'true' },
      {
        // 500 of 600 are repaired by now, the others were looked at before what this run counts.
        reach: async (point) => {
          if (point !== 'rollup.counters-repaired' || runs > 0) return
          runs += 1
          await database.query(events)
          expect((await job.run()).result).toMatchObject({ exitCode: 0, counts: { events: 1200 } })
        },
      },
    )
    expect(runs).toBe(1)
    expect(result).toMatchObject({ exitCode: 0, counts: { repaired: 600 } })
    expect(await database.query(daysAgainstHours)).toEqual([{ counters: '600', views: '2400' }])
  })

  test('goes on where one before died', async ({ database, openRollup }) => {
    await database.query(
      'CREATE TABLE events (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, post_id INT NOT NULL, viewed_at DATETIME NOT NULL)',
    )
    await database.query(events)
    const job = await openRollup()
    await job.run()
    await database.query(`DELETE FROM counts WHERE bucket_size = 'day'`)
    const broken = await job.verb(
      'verify',
      { repair: 'true' },
      {
        reach: async (point) => {
          if (point === 'rollup.counters-repaired') throw new Error('broken here')
        },
      },
    )
    expect(broken.result.exitCode).not.toBe(0)
    expect((await job.verb('verify', { repair: 'true' })).result).toMatchObject({
      exitCode: 0,
      counts: { repaired: 100 },
    })
    expect(await database.query(daysAgainstHours)).toEqual([{ counters: '600', views: '1200' }])
  })
})
