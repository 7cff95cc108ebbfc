import { describe, expect } from 'vitest'
import type { TestDatabase } from '../../../support/database.ts'
import { test } from '../../../support/rollup-job.ts'
import { tellRun } from '../../../support/tell.ts'

const events = `CREATE TABLE events (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, post_id INT NOT NULL,
  viewed_at DATETIME NOT NULL, viewer VARCHAR(40) NULL, likes INT NOT NULL DEFAULT 0)`
const twoEvents = `INSERT INTO events (post_id, viewed_at, likes) VALUES (7, '2026-04-01', -1), (7, '2026-04-01', -1)`

const counts = (more: string, key = 'PRIMARY KEY (post_id, bucket_size, bucket_start)') =>
  `CREATE TABLE counts (post_id INT NOT NULL, bucket_size VARCHAR(8) NOT NULL, bucket_start DATETIME NOT NULL, ${more},
    ${key}, KEY by_bucket (bucket_size, bucket_start))`

/** Neither an event is gone, nor anything counted, nor an entry in the ledger. */
async function expectUncounted({ query }: TestDatabase): Promise<void> {
  expect(await query('SELECT COUNT(*) AS n FROM events')).toEqual([{ n: '2' }])
  expect(await query('SELECT * FROM counts')).toEqual([])
  expect(await query('SELECT * FROM rowkeeper_counted')).toEqual([])
}

interface Case {
  readonly what: string
  readonly table: string
  readonly job?: Readonly<Record<string, unknown>>
  readonly says: string
}

const views = 'views BIGINT NOT NULL DEFAULT 0'

const cases: readonly Case[] = [
  {
    what: 'without the column of a measure',
    table: counts('clicks INT NOT NULL DEFAULT 0'),
    says: `exit 4
rollup.counterColumns: shop.counts has no column views.
next: Add it, or name another table, which is then made: Correct jobs.post-views.into.table in the configuration, then run: rowkeeper config check`,
  },
  {
    what: 'with a second unique key',
    table: counts(`${views}, code INT NOT NULL DEFAULT 0, UNIQUE KEY by_code (code)`),
    says: `exit 4
rollup.counterKeys: Beside (post_id, bucket_size, bucket_start), shop.counts has the unique key by_code: an upsert could change another row than the one that is meant.
next: Let (post_id, bucket_size, bucket_start) be the primary key and the only unique one of counts.`,
  },
  {
    what: 'with a number of its own for a key',
    table: counts(
      `${views}, id INT NOT NULL AUTO_INCREMENT`,
      'PRIMARY KEY (id), KEY (post_id, bucket_size, bucket_start)',
    ),
    says: `exit 4
rollup.counterKeys: No unique key of shop.counts is (post_id, bucket_size, bucket_start), so the same counter would be inserted again and again.
next: Let (post_id, bucket_size, bucket_start) be the primary key and the only unique one of counts.`,
  },
  {
    what: 'that was made before bots were a series',
    table: counts(views),
    job: { filters: { bots: { column: 'viewer' } } },
    says: `exit 4
rollup.counterColumns: shop.counts has no column series.`,
  },
  {
    what: 'whose sum cannot fall below 0',
    table: counts(`${views}, likes INT UNSIGNED NOT NULL DEFAULT 0`),
    job: { measures: { views: 'count', likes: 'sum:likes' } },
    says: `exit 4
rollup.unsignedSum: likes of shop.counts is unsigned: a bucket in which more is taken back than given could not be written.
next: ALTER TABLE counts MODIFY likes BIGINT NOT NULL DEFAULT 0`,
  },
  {
    what: 'without room for a sketch',
    table: counts(`${views}, viewers BIGINT NOT NULL DEFAULT 0, viewers_sketch VARBINARY(500) NULL`),
    job: { measures: { views: 'count', viewers: 'unique:viewer' }, uniques: 'estimated' },
    says: `exit 4
rollup.sketchColumn: viewers_sketch of shop.counts must hold 2048 bytes or NULL.
next: ALTER TABLE counts MODIFY viewers_sketch BLOB NULL`,
  },
  {
    what: 'whose different values were estimated, when they are to be exact',
    table: counts(`${views}, viewers BIGINT NOT NULL DEFAULT 0, viewers_sketch BLOB NULL`),
    job: { measures: { views: 'count', viewers: 'unique:viewer' } },
    says: `exit 4
rollup.uniquesSwitched: viewers of shop.counts was estimated until now (it has viewers_sketch); exact knows none of the values that were met before.
next: Name uniques: estimated, or another counter table: Correct jobs.post-views.into.table in the configuration, then run: rowkeeper config check. While nothing is counted yet: ALTER TABLE counts DROP COLUMN viewers_sketch`,
  },
  {
    what: 'whose different values were exact, when they are to be estimated',
    table: counts(`${views}, viewers BIGINT NOT NULL DEFAULT 0`),
    job: { measures: { views: 'count', viewers: 'unique:viewer' }, uniques: 'estimated' },
    says: `exit 4
rollup.uniquesSwitched: viewers of shop.counts was counted exactly until now (it has no viewers_sketch); a sketch cannot be made of what was counted before.
next: Name uniques: exact, or another counter table: Correct jobs.post-views.into.table in the configuration, then run: rowkeeper config check. While nothing is counted yet: ALTER TABLE counts ADD COLUMN viewers_sketch BLOB NULL`,
  },
  {
    what: 'beside a table of another kind where seen things are kept',
    table: `${counts(`${views}, viewers BIGINT NOT NULL DEFAULT 0`)}; CREATE TABLE counts_seen (id INT PRIMARY KEY)`,
    job: { measures: { views: 'count', viewers: 'unique:viewer' } },
    says: `exit 4
rollup.seenTable: shop.counts_seen is where the job remembers what it has seen, but it has no column kind, starts, digest, claim, made_at.
next: Give it another name (RENAME TABLE counts_seen TO …): the job then makes its own.`,
  },
]

describe('a counter table is refused', () => {
  for (const { what, table, job = {}, says } of cases)
    test(what, async ({ database, openRollup }) => {
      await database.query(`${events}; ${twoEvents}; ${table}`)
      expect(await tellRun(await openRollup({ job }))).toContain(says)
      await expectUncounted(database)
    })
})

test('a counter table without an index for stretches of time is used, with a warning', async ({
  database,
  openRollup,
}) => {
  await database.query(`${events}; ${twoEvents}; ${counts(views)}; DROP INDEX by_bucket ON counts`)
  expect(await tellRun(await openRollup())).toBe(`exit 0
warning rollup.counterIndex: No index of shop.counts begins with (bucket_size, bucket_start): reading a stretch of time reads all counters.`)
})

describe('numbers that do not fit', () => {
  test('into a counter: nothing is counted, and every event is there', async ({ database, openRollup }) => {
    await database.query(`${events}; ${counts('views TINYINT NOT NULL DEFAULT 0')};
      INSERT INTO counts VALUES (7, 'day', '2026-04-01', 126)`)
    await database.query(twoEvents)
    const text = await tellRun(await openRollup({ job: { buckets: { sizes: ['day'] } } }))
    expect(text).toContain('exit 65')
    expect(text).toContain('rollup.outOfRange: What was counted does not fit into shop.counts (views): ')
    expect(text).toContain('The events of this batch are not counted, and still there.')
    expect(await database.query('SELECT COUNT(*) AS n FROM events')).toEqual([{ n: '2' }])
    expect(await database.query('SELECT views FROM counts')).toEqual([{ views: 126 }])
    expect(await database.query('SELECT * FROM rowkeeper_counted')).toEqual([])
  })

  test('into an unsigned total: neither the total nor a counter has changed', async ({
    database,
    openRollup,
  }) => {
    await database.query(`${events}; ${twoEvents};
      CREATE TABLE posts (id INT PRIMARY KEY, like_count INT UNSIGNED NOT NULL); INSERT INTO posts VALUES (7, 1)`)
    const job = await openRollup({
      job: {
        measures: { likes: 'sum:likes' },
        total: { table: 'posts', columns: { like_count: 'likes' } },
      },
    })
    const text = await tellRun(job)
    expect(text).toContain('exit 65')
    expect(text).toContain('rollup.outOfRange: What was counted does not fit into shop.posts (like_count): ')
    expect(text).toContain('ALTER TABLE shop.posts MODIFY … BIGINT NOT NULL DEFAULT 0')
    expect(await database.query('SELECT like_count FROM posts')).toEqual([{ like_count: 1 }])
    await expectUncounted(database)
  })

  test('a sketch that is none: the run says so and changes nothing', async ({ database, openRollup }) => {
    await database.query(
      `${events}; INSERT INTO events (post_id, viewed_at, viewer) VALUES (7, '2026-04-01', 'a')`,
    )
    const job = await openRollup({
      job: { measures: { viewers: 'unique:viewer' }, uniques: 'estimated', buckets: { sizes: ['day'] } },
    })
    await job.run()
    await database.query(
      `UPDATE counts SET viewers_sketch = 'what?'; ${twoEvents}; UPDATE events SET viewer = 'b'`,
    )
    const text = await tellRun(job)
    expect(text).toContain('exit 65')
    expect(text).toContain(
      'rollup.sketch: A value of shop.counts.viewers_sketch is no sketch of different values.',
    )
    expect(await database.query('SELECT viewers FROM counts')).toEqual([{ viewers: '1' }])
    expect(await database.query('SELECT COUNT(*) AS n FROM events')).toEqual([{ n: '2' }])
  })
})
