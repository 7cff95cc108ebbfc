import { describe, expect } from 'vitest'
import type { TestDatabase } from '../../../support/database.ts'
import { test } from '../../../support/rollup-job.ts'

/** Post 1 has most views, post 2 most viewers: v1 comes to it on both days. */
async function insertEvents(database: TestDatabase) {
  await database.query(`CREATE TABLE events (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, post_id INT NOT NULL,
      viewer VARCHAR(20) NOT NULL, viewed_at DATETIME NOT NULL);
    INSERT INTO events (post_id, viewer, viewed_at) VALUES
      (1, 'v1', '2026-04-01 01:00'), (1, 'v1', '2026-04-01 01:10'), (1, 'v1', '2026-04-01 02:00'), (1, 'v1', '2026-04-02'),
      (2, 'v1', '2026-04-01'), (2, 'v1', '2026-04-02'), (2, 'v2', '2026-04-02'),
      (3, 'v1', '2026-05-01')`)
}

const uniques = (kind: string) => ({
  job: { measures: { views: 'count', viewers: 'unique:viewer' }, uniques: kind },
})

describe('rollup top', () => {
  test('lists the newest bucket of the largest size, or the one asked for', async ({
    database,
    openRollup,
  }) => {
    await insertEvents(database)
    const job = await openRollup()
    expect((await job.verb('top')).report?.headline).toBe('post-views: nothing was counted yet.')
    await job.run()
    const newest = await job.verb('top')
    expect(newest.result.detail).toEqual({
      measure: 'views',
      size: 'month',
      of: 'month of 2026-05-01',
      top: [{ group: ['3'], amount: '1' }],
    })
    const hour = await job.verb('top', { size: 'hour', at: '2026-04-01 01:30' })
    expect(hour.result.detail).toMatchObject({
      of: 'hour of 2026-04-01 01:00',
      top: [{ group: ['1'], amount: '2' }],
    })
    expect(hour.report?.sections).toEqual([
      { type: 'bars', title: 'Highest views, hour of 2026-04-01 01:00', bars: [{ label: '1', value: 2 }] },
    ])
  })

  test('adds the buckets of several days up', async ({ database, openRollup }) => {
    await insertEvents(database)
    const job = await openRollup()
    await job.run()
    const { result } = await job.verb('top', { from: '2026-04-01', to: '2026-04-03', rows: '1' })
    expect(result.detail).toMatchObject({
      of: 'by day, from 2026-04-01 and before 2026-04-03',
      top: [{ group: ['1'], amount: '4' }],
    })
  })

  test('merges estimates of several days, where a sum would count a viewer twice', async ({
    database,
    openRollup,
  }) => {
    await insertEvents(database)
    const job = await openRollup(uniques('estimated'))
    await job.run()
    const { result } = await job.verb('top', { from: '2026-04-01', measure: 'viewers' })
    expect(result.detail.top).toEqual([
      { group: ['2'], amount: '2' },
      { group: ['1'], amount: '1' },
      { group: ['3'], amount: '1' },
    ])
  })

  test('does not add different values of several days up', async ({ database, openRollup }) => {
    await insertEvents(database)
    const job = await openRollup(uniques('exact'))
    await job.run()
    const { result } = await job.verb('top', { from: '2026-04-01', measure: 'viewers' })
    expect(result).toMatchObject({ exitCode: 64, error: { code: 'usage.uniquesOfSeveral' } })
    const one = await job.verb('top', { size: 'day', at: '2026-04-02', measure: 'viewers', rows: '1' })
    expect(one.result.detail.top).toEqual([{ group: ['2'], amount: '2' }])
  })

  test.for([
    [{ size: '15min' }, 'the job counts by hour, day, month'],
    [{ measure: 'likes' }, 'the job counts views'],
    [{ rows: '0' }, 'a whole number from 1 to 1000'],
    [{ at: 'today' }, 'a time is written like'],
    [{ at: '2026-02-30' }, 'a time is written like'],
    [{ size: 'month', from: '2026-04-02' }, 'a month begins on 2026-04-01'],
    [{ at: '2026-04-02', from: '2026-04-02' }, 'it is one bucket'],
  ] as const)('refuses %o', async ([options, message], { database, openRollup }) => {
    await insertEvents(database)
    const job = await openRollup({ control: 'missing' })
    const { result } = await job.verb('top', options)
    expect(result).toMatchObject({ exitCode: 64 })
    expect(result.error?.message).toContain(message)
  })
})
