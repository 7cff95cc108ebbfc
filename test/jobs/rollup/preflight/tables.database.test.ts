import { describe, expect } from 'vitest'
import type { TestDatabase } from '../../../support/database.ts'
import { test } from '../../../support/rollup-job.ts'
import { tellPlan, tellRun } from '../../../support/tell.ts'

const columns = `id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, post_id INT NOT NULL, viewed_at DATETIME NOT NULL,
  viewer VARCHAR(40) NULL, weight FLOAT NOT NULL DEFAULT 1, likes INT NOT NULL DEFAULT 0`
const events = `CREATE TABLE events (${columns}); INSERT INTO events (post_id, viewed_at) VALUES (7, '2026-04-01'), (8, '2026-04-01')`

/** Whatever was refused: no event is gone, and no table was made. */
async function expectUntouched({ query }: TestDatabase): Promise<void> {
  expect(await query('SELECT COUNT(*) AS n FROM events')).toEqual([{ n: '2' }])
  expect(await query(`SHOW TABLES LIKE 'counts%'`)).toEqual([])
}

interface Case {
  readonly what: string
  readonly before?: string
  readonly job: Readonly<Record<string, unknown>>
  readonly says: string
}

const source = { table: 'events', strategy: 'consume', key: 'id', time: 'viewed_at' }

const cases: readonly Case[] = [
  {
    what: 'a table that is not there',
    job: { source: { ...source, table: 'event' } },
    says: `exit 4
rollup.tableMissing: There is no table shop.event, or the account may not see it.
next: Correct the job in the configuration, then run: rowkeeper config check`,
  },
  {
    what: 'columns that are not there, with those that may be meant',
    job: {
      source: { ...source, time: 'view_at' },
      filters: { bots: { column: 'agent' }, repeats: { viewer: 'viewr', window: '30m' } },
    },
    says: `exit 4
rollup.columnMissing: shop.events has no column view_at, agent, viewr. Did you mean viewed_at, viewer? It has: id, post_id, viewed_at, viewer, weight, likes.
next: Correct jobs.post-views in the configuration, then run: rowkeeper config check`,
  },
  {
    what: 'a view',
    before: 'CREATE VIEW seen_events AS SELECT * FROM events',
    job: { source: { ...source, table: 'seen_events' } },
    says: `exit 4
rollup.notATable: shop.seen_events is a view, not an ordinary table.
next: Correct jobs.post-views.source.table in the configuration, then run: rowkeeper config check`,
  },
  {
    what: 'one table for events and counters',
    job: { into: { table: 'events' } },
    says: `exit 4
rollup.sameTable: source.table and into.table are one table, shop.events; events, counters and totals each need their own.
next: Correct jobs.post-views.into.table in the configuration, then run: rowkeeper config check`,
  },
  {
    what: 'a sum of FLOAT',
    job: { measures: { weight: 'sum:weight' } },
    says: `exit 4
rollup.sumType: events.weight is float; only whole numbers and DECIMAL add up to the same in every order.
next: Correct jobs.post-views.measures in the configuration, then run: rowkeeper config check`,
  },
  {
    what: 'a group of FLOAT',
    job: { group: { weight: 'weight' } },
    says: `exit 4
rollup.groupType: events.weight is float; counters cannot be kept by it exactly.
next: Correct jobs.post-views.group in the configuration, then run: rowkeeper config check`,
  },
  {
    what: 'a key that several events may have',
    before: 'CREATE INDEX by_post ON events (post_id)',
    job: { source: { ...source, key: 'post_id' } },
    says: `exit 4
rollup.key: (post_id) is no unique key of events, so one event cannot be told from another.
next: Name the primary key: Correct jobs.post-views.source.key in the configuration, then run: rowkeeper config check`,
  },
  {
    what: 'a unique key that may hold NULL',
    before: 'CREATE UNIQUE INDEX by_viewer ON events (viewer)',
    job: { source: { ...source, key: 'viewer' } },
    says: `exit 4
rollup.key: (viewer) may hold NULL, or values that are not exact of events, so one event cannot be told from another.
next: Name the primary key: Correct jobs.post-views.source.key in the configuration, then run: rowkeeper config check`,
  },
  {
    what: 'a time that is none',
    job: { source: { ...source, time: 'viewer' } },
    says: 'rollup.timeType: events.viewer cannot be the time of events:',
  },
  {
    what: 'a measure under a name of rowkeeper',
    job: { measures: { bucket_size: 'count' } },
    says: `exit 4
rollup.sameColumn: The counter table cannot have bucket_size twice; series, bucket_size, bucket_start are its own.
next: Correct jobs.post-views.measures in the configuration, then run: rowkeeper config check`,
  },
  {
    what: 'a total of different values',
    before: 'CREATE TABLE posts (id INT PRIMARY KEY, viewers INT NOT NULL)',
    job: {
      measures: { viewers: 'unique:viewer' },
      total: { table: 'posts', columns: { viewers: 'viewers' } },
    },
    says: `exit 4
rollup.uniqueTotal: viewers counts different values, and those of several times do not add up to a total.
next: Correct jobs.post-views.total.columns in the configuration, then run: rowkeeper config check`,
  },
  {
    what: 'a total by a column that is no key',
    before: 'CREATE TABLE posts (id INT NOT NULL, views INT NOT NULL)',
    job: { total: { table: 'posts', columns: { views: 'views' } } },
    says: `exit 4
rollup.totalKey: id alone is no unique key of posts, so one event could count for several rows.
next: Correct jobs.post-views.total.key in the configuration, then run: rowkeeper config check`,
  },
  {
    what: 'a window that does not divide the smallest bucket',
    job: { filters: { repeats: { viewer: 'viewer', window: '24h' } } },
    says: `exit 4
rollup.repeatWindow: Windows of 1 d do not divide a bucket of one hour, so in one that reaches into two buckets the view would be counted in either, whichever event is met first.
next: Name a number of minutes that divides hour, or count larger buckets: Correct jobs.post-views.filters.repeats.window in the configuration, then run: rowkeeper config check`,
  },
  {
    what: 'events with a foreign key to them that are to be deleted',
    before:
      'CREATE TABLE notes (id INT PRIMARY KEY, event_id BIGINT UNSIGNED NULL, FOREIGN KEY (event_id) REFERENCES events (id) ON DELETE SET NULL)',
    job: {},
    says: `exit 4
rollup.strategy: consume does not fit shop.events: shop.notes has a foreign key to the events, which would stop counted events from being deleted, or lose its own rows with them.
next: Remove the obstacle, or name another strategy: Correct jobs.post-views.source.strategy in the configuration, then run: rowkeeper config check`,
  },
]

describe('preflight refuses', () => {
  for (const { what, before = 'DO 1', job, says } of cases)
    test(what, async ({ database, openRollup }) => {
      await database.query(`${events}; ${before}`)
      const rollup = await openRollup({ job })
      expect(await tellRun(rollup)).toContain(says)
      expect(await tellPlan(rollup)).toContain('exit 4')
      await expectUntouched(database)
    })
})

describe('preflight warns', () => {
  test('of a trigger that would fire, and goes on', async ({ database, openRollup }) => {
    await database.query(`${events}; CREATE TABLE gone (id BIGINT);
      CREATE TRIGGER on_delete AFTER DELETE ON events FOR EACH ROW INSERT INTO gone VALUES (OLD.id)`)
    const rollup = await openRollup()
    expect(await tellRun(rollup)).toBe(`exit 0
warning rollup.deleteTrigger: The trigger on_delete of events fires for every event that is counted and deleted.`)
    expect(await database.query('SELECT COUNT(*) AS n FROM gone')).toEqual([{ n: '2' }])
  })

  test('of measures that one event of a window decides', async ({ database, openRollup }) => {
    await database.query(events)
    const rollup = await openRollup({
      job: {
        measures: { views: 'count', likes: 'sum:likes', viewers: 'unique:viewer' },
        filters: { repeats: { viewer: 'viewer', window: '30m' } },
      },
    })
    expect(await tellPlan(rollup)).toBe(`exit 0
warning rollup.repeatValues: likes would be read from one event of each viewer and window alone, whichever is met first: repeats are in no measure.`)
  })
})
