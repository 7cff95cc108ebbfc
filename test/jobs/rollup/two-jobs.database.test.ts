import { describe, expect } from 'vitest'
import { openConfiguredJob } from '../../support/configured-job.ts'
import { rollupKind, test } from '../../support/rollup-job.ts'
import { tellRun } from '../../support/tell.ts'

const tables = `CREATE TABLE events (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, post_id INT NOT NULL,
    place INT NOT NULL, viewed_at DATETIME NOT NULL);
  INSERT INTO events (post_id, place, viewed_at) VALUES (1, 1, '2026-05-01'), (1, 2, '2026-05-01'), (2, 1, '2026-05-02')`

describe('two jobs that count the same events', () => {
  test('at the same time: the second one is told to come later, and every event counts once', async ({
    database,
    openRollup,
  }) => {
    await database.query(tables)
    const first = await openRollup({ job: { batch: { rows: 1 }, workers: 1 } })
    const second = await openConfiguredJob({ ...rollupKind, name: 'place-views' }, database, {
      job: { group: { place: 'place' }, into: { table: 'counts_of_places' } },
    })
    const met: unknown[] = []
    const { result } = await first.run({
      holder: 'here:1',
      async reach(point) {
        if (point === 'rollup.batch-committed' && met.length === 0)
          met.push((await second.job.run({ holder: 'there:1' })).result)
      },
    })
    await second.close()
    expect(met).toMatchObject([{ exitCode: 75, effect: 'none', error: { code: 'lease.held' } }])
    expect(result).toMatchObject({ exitCode: 0, counts: { events: 3 } })
    expect(await database.query("SELECT SUM(views) AS views FROM counts WHERE bucket_size = 'day'")).toEqual([
      { views: '3' },
    ])
    expect(await database.query("SHOW TABLES LIKE 'counts_of_places'")).toEqual([])
  })

  test('one after the other: the second one is warned that it sees only what is left', async ({
    database,
    openRollup,
  }) => {
    await database.query(tables)
    const first = await openRollup()
    const other = { group: { place: 'place' }, into: { table: 'counts_of_places' } }
    const second = await openConfiguredJob({ ...rollupKind, name: 'place-views' }, database, { job: other })
    expect(await tellRun(first)).toBe('exit 0')
    expect(await tellRun(second.job)).toBe(`exit 0
warning rollup.sharedEvents: The job post-views counts shop.events too (consume; this one: consume): an event that one of them takes away the other never counts.`)
    // A job that was removed is spoken of no more after a while.
    await database.query('UPDATE rowkeeper_rollup SET updated_at = updated_at - INTERVAL 8 DAY')
    expect(await tellRun(second.job)).toBe('exit 0')
    await second.close()
  })

  test('of which none takes an event away: nothing is said', async ({ database, openRollup }) => {
    await database.query(
      `${tables}; CREATE INDEX by_time ON events (viewed_at); UPDATE events SET viewed_at = UTC_TIMESTAMP()`,
    )
    const source = { table: 'events', strategy: 'recompute', time: 'viewed_at' }
    const first = await openRollup({ job: { source } })
    const other = { source, group: { place: 'place' }, into: { table: 'counts_of_places' } }
    const second = await openConfiguredJob({ ...rollupKind, name: 'place-views' }, database, { job: other })
    expect(await tellRun(first)).toBe('exit 0')
    expect(await tellRun(second.job)).toBe('exit 0')
    await second.close()
    expect(
      await database.query(
        "SELECT place, views FROM counts_of_places WHERE bucket_size = 'month' ORDER BY place",
      ),
    ).toEqual([
      { place: 1, views: '2' },
      { place: 2, views: '1' },
    ])
  })
})
