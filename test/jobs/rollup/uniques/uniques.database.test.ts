import { describe, expect } from 'vitest'
import { test } from '../../../support/rollup-job.ts'
import { countersOf, eventTable, insertEvents } from '../filters/events.ts'

const measures = { views: 'count', viewers: 'unique:viewer' }
const visits = [
  { post: 7, at: '2026-04-01 10:00:00', viewer: 'ann' },
  { post: 7, at: '2026-04-01 10:05:00', viewer: 'bob' },
  { post: 7, at: '2026-04-01 11:00:00', viewer: 'ann' },
  { post: 7, at: '2026-04-02 10:00:00', viewer: 'ann' },
  { post: 7, at: '2026-04-02 10:00:00', viewer: null },
  { post: 8, at: '2026-04-02 10:00:00', viewer: 'ann' },
]
const expected = [
  '7 day 2026-04-01 00:00:00 3 2',
  '7 day 2026-04-02 00:00:00 2 1',
  '7 hour 2026-04-01 10:00:00 2 2',
  '7 hour 2026-04-01 11:00:00 1 1',
  '7 hour 2026-04-02 10:00:00 2 1',
  '7 month 2026-04-01 00:00:00 5 2',
  '8 day 2026-04-02 00:00:00 1 1',
  '8 hour 2026-04-02 10:00:00 1 1',
  '8 month 2026-04-01 00:00:00 1 1',
]

describe('different values', () => {
  for (const uniques of ['exact', 'estimated']) {
    test(`${uniques}: each bucket has those of its own, a month not the sum of its days`, async ({
      database,
      openRollup,
    }) => {
      await database.query(eventTable)
      await insertEvents(database, visits)
      const job = await openRollup({ job: { measures, uniques } })
      expect((await job.run()).result.exitCode).toBe(0)
      expect(await countersOf(database, 'views, viewers')).toEqual(expected)
    })

    test(`${uniques}: batches and later runs add only what a bucket did not have`, async ({
      database,
      openRollup,
    }) => {
      await database.query(eventTable)
      const job = await openRollup({ job: { measures, uniques, batch: { rows: 1 } } })
      await insertEvents(database, visits.slice(0, 3))
      await job.run()
      await insertEvents(database, visits.slice(3))
      await job.run()
      expect(await countersOf(database, 'views, viewers')).toEqual(expected)
    })

    test(`${uniques}: values differ as their bytes do, and NULL is none`, async ({
      database,
      openRollup,
    }) => {
      await database.query(eventTable)
      const at = '2026-04-01 10:00:00'
      await insertEvents(
        database,
        ['ann', 'ANN', 'ann ', '', 'ånn', 'ann', null, null].map((viewer) => ({ post: 7, at, viewer })),
      )
      const job = await openRollup({ job: { measures, uniques, buckets: { sizes: ['month'] } } })
      await job.run()
      expect(await countersOf(database, 'views, viewers')).toEqual(['7 month 2026-04-01 00:00:00 8 5'])
    })
  }
})
