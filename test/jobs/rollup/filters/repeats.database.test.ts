import { describe, expect } from 'vitest'
import { test } from '../../../support/rollup-job.ts'
import { countersOf, eventTable, insertEvents } from './events.ts'

const repeats = { repeats: { viewer: 'viewer', window: '30m' } }

describe('repeats', () => {
  test('the same viewer counts once for an object in one window', async ({ database, openRollup }) => {
    await database.query(eventTable)
    await insertEvents(database, [
      { post: 7, at: '2026-04-01 10:00:00', viewer: 'ann' },
      { post: 7, at: '2026-04-01 10:29:59', viewer: 'ann' },
      { post: 7, at: '2026-04-01 10:30:00', viewer: 'ann' },
      { post: 7, at: '2026-04-01 10:00:00', viewer: 'bob' },
      { post: 8, at: '2026-04-01 10:00:00', viewer: 'ann' },
    ])
    const job = await openRollup({ job: { buckets: { sizes: ['day'] }, filters: repeats } })
    const { result } = await job.run()
    expect(result).toMatchObject({ exitCode: 0, counts: { events: 5, filtered: 1, keys: 2 } })
    expect(await countersOf(database)).toEqual(['7 day 2026-04-01 00:00:00 3', '8 day 2026-04-01 00:00:00 1'])
    expect(
      await database.query('SELECT SUM(events) AS events, SUM(filtered) AS filtered FROM rowkeeper_counted'),
    ).toEqual([{ events: '4', filtered: '1' }])
  })

  test('nobody never repeats, and ANN is not ann', async ({ database, openRollup }) => {
    await database.query(eventTable)
    const at = '2026-04-01 10:00:00'
    await insertEvents(
      database,
      [null, null, null, 'ann', 'ANN', 'ann ', ''].map((viewer) => ({ post: 7, at, viewer })),
    )
    const job = await openRollup({ job: { buckets: { sizes: ['day'] }, filters: repeats } })
    await job.run()
    expect(await countersOf(database)).toEqual(['7 day 2026-04-01 00:00:00 7'])
  })

  test('are known over batches and runs, also where a whole batch is one', async ({
    database,
    openRollup,
  }) => {
    await database.query(eventTable)
    const visit = { post: 7, at: '2026-04-01 10:00:00', viewer: 'ann' }
    const job = await openRollup({
      job: { buckets: { sizes: ['day'] }, filters: repeats, batch: { rows: 2 }, workers: 1 },
    })
    await insertEvents(database, [visit, visit, visit, visit, visit])
    const first = await job.run()
    expect(first.result.counts).toMatchObject({ events: 5, filtered: 4 })
    await insertEvents(database, [visit, { ...visit, viewer: 'bob' }])
    const second = await job.run()
    expect(second.result.counts).toMatchObject({ events: 2, filtered: 1 })
    expect(await countersOf(database)).toEqual(['7 day 2026-04-01 00:00:00 2'])
    expect(
      await database.query('SELECT SUM(events) AS events, SUM(filtered) AS filtered FROM rowkeeper_counted'),
    ).toEqual([{ events: '2', filtered: '5' }])
  })

  test('of bots do not make a viewer seen', async ({ database, openRollup }) => {
    await database.query(eventTable)
    const visit = { post: 7, at: '2026-04-01 10:00:00', viewer: 'ann' }
    await insertEvents(database, [
      { ...visit, agent: 'curl/8.0' },
      { ...visit, agent: 'curl/8.0' },
      visit,
      visit,
    ])
    const job = await openRollup({
      job: { buckets: { sizes: ['day'] }, filters: { ...repeats, bots: { column: 'agent' } } },
    })
    const { result } = await job.run()
    expect(result.counts).toMatchObject({ events: 4, filtered: 3 })
    expect(await countersOf(database, 'series, views')).toEqual([
      '7 day 2026-04-01 00:00:00 bots 2',
      '7 day 2026-04-01 00:00:00 people 1',
    ])
  })
})
