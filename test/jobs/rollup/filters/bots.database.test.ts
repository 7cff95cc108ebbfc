import { describe, expect } from 'vitest'
import { test } from '../../../support/rollup-job.ts'
import { countersOf, eventTable, insertEvents } from './events.ts'

const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'
const googlebot = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)'
const at = '2026-04-01 10:00:00'

describe('bots', () => {
  test('are counted as a series of their own and are in no total', async ({ database, openRollup }) => {
    await database.query(`${eventTable};
      CREATE TABLE posts (id INT NOT NULL PRIMARY KEY, view_count INT NOT NULL); INSERT INTO posts VALUES (7, 100)`)
    await insertEvents(database, [
      { post: 7, at, viewer: 'a', agent: firefox },
      { post: 7, at, viewer: 'b', agent: googlebot },
      { post: 7, at, viewer: 'c', agent: 'OurOwnProbe/3 (firefox)' },
      { post: 7, at, viewer: 'd', agent: null },
      { post: 7, at, viewer: 'e', agent: '  ' },
    ])
    const job = await openRollup({
      job: {
        buckets: { sizes: ['day'] },
        filters: { bots: { column: 'agent', also: ['ownprobe'] } },
        total: { table: 'posts', columns: { view_count: 'views' } },
      },
    })
    const { result } = await job.run()
    expect(result).toMatchObject({ exitCode: 0, counts: { events: 5, filtered: 2, keys: 2 } })
    expect(await countersOf(database, 'series, views')).toEqual([
      '7 day 2026-04-01 00:00:00 bots 2',
      '7 day 2026-04-01 00:00:00 people 3',
    ])
    expect(await database.query('SELECT view_count FROM posts')).toEqual([{ view_count: 103 }])
  })

  test('count like everybody where the job does not filter them', async ({ database, openRollup }) => {
    await database.query(eventTable)
    await insertEvents(database, [
      { post: 7, at, viewer: 'a', agent: firefox },
      { post: 7, at, viewer: 'b', agent: googlebot },
    ])
    const job = await openRollup({ job: { buckets: { sizes: ['day'] } } })
    const { result } = await job.run()
    expect(result.counts).toMatchObject({ events: 2, filtered: 0 })
    expect(await countersOf(database)).toEqual(['7 day 2026-04-01 00:00:00 2'])
    expect(await database.query("SHOW COLUMNS FROM counts LIKE 'series'")).toEqual([])
  })

  test('have different values of their own', async ({ database, openRollup }) => {
    await database.query(eventTable)
    await insertEvents(database, [
      { post: 7, at, viewer: 'a', agent: firefox },
      { post: 7, at, viewer: 'a', agent: googlebot },
      { post: 7, at, viewer: 'b', agent: googlebot },
    ])
    const job = await openRollup({
      job: {
        buckets: { sizes: ['day'] },
        measures: { views: 'count', viewers: 'unique:viewer' },
        filters: { bots: { column: 'agent' } },
      },
    })
    await job.run()
    expect(await countersOf(database, 'series, views, viewers')).toEqual([
      '7 day 2026-04-01 00:00:00 bots 2 2',
      '7 day 2026-04-01 00:00:00 people 1 1',
    ])
  })
})
