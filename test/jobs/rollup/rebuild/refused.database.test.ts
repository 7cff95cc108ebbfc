import { describe, expect } from 'vitest'
import { archive } from '../../../../jobs/archive/job.ts'
import { openConfiguredJob } from '../../../support/configured-job.ts'
import { test } from '../../../support/rollup-job.ts'
import { dayBefore, days, insertEvents, measures, source, tables, total } from './fixture.ts'

describe('rollup rebuild is refused', () => {
  test.for(['consume', 'rotate'])(
    'where runs take events away: %s',
    async (strategy, { database, openRollup }) => {
      await database.query(tables)
      await insertEvents(database, [[1, 1, 1, 24]])
      const job = await openRollup({ job: { source: { ...source, strategy }, measures } })
      await job.run()
      const before = await database.query('SELECT * FROM counts ORDER BY 1, 2, 3')
      for (const dryRun of [undefined, 'true'])
        expect(
          (await job.verb('rebuild', { from: '2026-03-01', to: '2026-03-02', dryRun })).result,
        ).toMatchObject({
          exitCode: 4,
          effect: 'none',
          error: { code: 'rollup.rebuildGone', message: expect.stringContaining(`(${strategy})`) },
        })
      expect(await database.query('SELECT * FROM counts ORDER BY 1, 2, 3')).toEqual(before)
    },
  )

  test('where the ledger says that events were taken away until now, or added from elsewhere', async ({
    database,
    openRollup,
  }) => {
    await database.query(tables)
    await insertEvents(database, [[1, 1, 1, 24 * 5]])
    const job = await openRollup({
      job: { source: { ...source, strategy: 'consume' }, measures, buckets: { sizes: ['day'] } },
    })
    await job.run()
    const asked = { from: await dayBefore(database, 9), to: await dayBefore(database, 2) }
    await job.configure({ job: { source, measures, buckets: { sizes: ['day'] } } })
    expect((await job.verb('rebuild', asked)).result).toMatchObject({
      exitCode: 4,
      error: { message: expect.stringContaining('rollup.strategyChanged') },
    })
    // Another counter table, so that runs may recompute; what was counted before is of rows that are gone.
    await insertEvents(database, [
      [1, 1, 1, 24 * 12],
      [1, 1, 1, 24 * 5],
    ])
    await job.configure({
      job: { source, measures, buckets: { sizes: ['day'] }, into: { table: 'counts_anew' } },
    })
    expect((await job.run()).result).toMatchObject({ exitCode: 0 })
    expect((await job.verb('rebuild', asked)).result).toMatchObject({
      exitCode: 4,
      error: { code: 'rollup.rebuildGone', message: expect.stringContaining('the ledger says') },
    })
    const later = { from: await dayBefore(database, 4), to: await dayBefore(database, 2) }
    expect((await job.verb('rebuild', later)).result).toMatchObject({ exitCode: 0 })
  })

  test('where rows of that time were archived, also when some of them stay', async ({
    database,
    openRollup,
  }) => {
    await database.query(tables)
    await insertEvents(database, [
      [1, 1, 1, 24 * 100],
      [2, 1, 1, 24 * 100],
      [1, 1, 1, 24 * 5],
    ])
    const job = await openRollup({ job: { source, measures, buckets: days } })
    await job.run()
    const kind = {
      job: archive,
      name: 'old-events',
      defaults: {
        kind: 'archive',
        database: 'shop',
        table: 'events',
        age: { column: 'viewed_at', olderThan: '30 days' },
        where: 'post_id = 1',
        into: { table: 'events_archive' },
      },
    }
    const other = await openConfiguredJob(kind, database)
    expect((await other.job.run()).result).toMatchObject({ exitCode: 0, counts: { archived: 1 } })
    await other.close()
    const old = { from: await dayBefore(database, 60), to: await dayBefore(database, 40) }
    expect((await job.verb('rebuild', old)).result).toMatchObject({
      exitCode: 4,
      error: {
        code: 'rollup.rebuildGone',
        message: expect.stringContaining('the archive job old-events has moved rows from before'),
        hint: expect.stringContaining('Name later days'),
      },
    })
    const later = { from: await dayBefore(database, 29), to: await dayBefore(database, 2) }
    expect((await job.verb('rebuild', later)).result).toMatchObject({ exitCode: 0, counts: { wrong: 0 } })
  })

  test('where old rows were removed, whoever did it', async ({ database, openRollup }) => {
    await database.query(tables)
    await insertEvents(database, [
      [1, 1, 1, 24 * 20],
      [1, 1, 1, 24 * 10],
    ])
    const job = await openRollup({ job: { source, measures, buckets: days } })
    await job.run()
    await database.query('DELETE FROM events WHERE id = 1')
    const first = await dayBefore(database, 11)
    const to = await dayBefore(database, 2)
    for (const from of [await dayBefore(database, 30), first])
      expect((await job.verb('rebuild', { from, to })).result).toMatchObject({
        exitCode: 4,
        error: { message: expect.stringContaining(`the first row is of ${first}`) },
      })
    expect((await job.verb('rebuild', { from: await dayBefore(database, 10), to })).result).toMatchObject({
      exitCode: 0,
    })
    await database.query('DELETE FROM events')
    expect((await job.verb('rebuild', { from: await dayBefore(database, 10), to })).result).toMatchObject({
      exitCode: 4,
      error: { message: expect.stringContaining('no row is left') },
    })
  })

  test('where another job takes the events, or months were taken out of the archive that they are', async ({
    database,
    openRollup,
  }) => {
    await database.query(tables)
    await insertEvents(database, [[1, 1, 1, 24 * 10]])
    const job = await openRollup({ job: { source, measures, buckets: days } })
    await job.run()
    const asked = { from: await dayBefore(database, 20), to: await dayBefore(database, 2) }
    await database.query(`INSERT INTO rowkeeper_month (archive_schema, archive_table, month, state, row_count, checksum_xor, checksum_sum,
        definition, run_id, updated_at)
      VALUES (DATABASE(), 'events', DATE_FORMAT(UTC_DATE() - INTERVAL 10 DAY, '%Y-%m'), 'dropped', 0, 0, 0, '', '', NOW());
      INSERT INTO rowkeeper_rollup VALUES ('other-views', DATABASE(), 'events', 'viewed_at', 'consume', NULL, NOW())`)
    const { result } = await job.verb('rebuild', asked)
    expect(result).toMatchObject({ exitCode: 4, error: { code: 'rollup.rebuildGone' } })
    expect(result.error?.message).toContain('the job other-views takes events away (consume)')
    expect(result.error?.message).toContain('of events were taken out: ')
  })

  test('without whole months where nothing smaller is counted', async ({ database, openRollup }) => {
    await database.query(tables)
    await insertEvents(database, [[1, 1, 1, 24 * 70]])
    const job = await openRollup({ job: { source, measures, buckets: { sizes: ['month'] } } })
    await job.run()
    expect((await job.verb('rebuild', { from: '2026-03-05', to: '2026-04-01' })).result).toMatchObject({
      exitCode: 64,
      error: { message: expect.stringContaining('nothing smaller than months') },
    })
    await database.query('UPDATE counts SET views = 8')
    const from = (await dayBefore(database, 100)).replace(/\d\d$/, '01')
    const to = (await dayBefore(database, -31)).replace(/\d\d$/, '01')
    expect((await job.verb('rebuild', { from, to })).result).toMatchObject({
      exitCode: 0,
      counts: { set: 1 },
    })
    expect(await database.query('SELECT views FROM counts')).toEqual([{ views: '1' }])
  })

  test('for a part of a month whose other days were not kept yet', async ({ database, openRollup }) => {
    await database.query(tables)
    await insertEvents(database, [[1, 1, 1, 24 * 70]])
    const job = await openRollup({ job: { source, measures, buckets: { sizes: ['month'] } } })
    await job.run()
    await job.configure({ job: { source, measures, buckets: days } })
    const asked = { from: await dayBefore(database, 72), to: await dayBefore(database, 69) }
    expect((await job.verb('rebuild', asked)).result).toMatchObject({
      exitCode: 4,
      error: { code: 'rollup.rebuildNotCounted' },
    })
    await job.run()
    expect((await job.verb('rebuild', asked)).result).toMatchObject({
      exitCode: 4,
      error: {
        code: 'rollup.rebuildParts',
        hint: expect.stringMatching(/--from \d{4}-\d\d-01 --to \d{4}-\d\d-01/),
      },
    })
  })

  test('before a run has counted, for days to come, and without days', async ({ database, openRollup }) => {
    await database.query(tables)
    const job = await openRollup({ job: { source, measures, buckets: days } })
    expect((await job.verb('rebuild', { from: '2026-03-01', to: '2026-03-02' })).result).toMatchObject({
      exitCode: 4,
      error: { code: 'rollup.rebuildNotCounted', hint: expect.stringContaining('rowkeeper run post-views') },
    })
    expect((await job.verb('rebuild', { from: '2026-03-01' })).result).toMatchObject({
      exitCode: 64,
      error: { code: 'usage.missingOption' },
    })
    const [from, to] = [await dayBefore(database, -2), await dayBefore(database, -5)]
    expect((await job.verb('rebuild', { from, to })).result).toMatchObject({
      exitCode: 64,
      error: { message: expect.stringContaining('no bucket of that day has begun') },
    })
  })

  test('for what recompute does not count, with the reason', async ({ database, openRollup }) => {
    await database.query(tables)
    const job = await openRollup({ job: { source, measures: { views: 'count', places: 'unique:place' } } })
    expect((await job.verb('rebuild', { from: '2026-03-01', to: '2026-03-02' })).result).toMatchObject({
      exitCode: 4,
      error: { message: expect.stringContaining('filters, different values and groups by text') },
    })
  })

  test('where something else has the name of the shadow, and leaves it alone', async ({
    database,
    openRollup,
  }) => {
    await database.query(tables)
    await insertEvents(database, [[1, 1, 1, 24 * 10]])
    const job = await openRollup({ job: { source, measures, buckets: days } })
    await job.run()
    await database.query(
      'CREATE TABLE counts__rk_rebuild (id INT); INSERT INTO counts__rk_rebuild VALUES (7)',
    )
    const asked = { from: await dayBefore(database, 20), to: await dayBefore(database, 2) }
    expect((await job.verb('rebuild', asked)).result).toMatchObject({
      exitCode: 4,
      error: { code: 'rollup.rebuildShadow' },
    })
    expect(await database.query('SELECT id FROM counts__rk_rebuild')).toEqual([{ id: 7 }])
  })

  test('and changes nothing when a total would fall below what its column holds', async ({
    database,
    openRollup,
  }) => {
    await database.query(tables)
    await insertEvents(database, [
      [1, 1, 1, 24 * 20],
      [1, 1, 1, 24 * 10],
    ])
    const job = await openRollup({ job: { source, measures, total, buckets: days } })
    await job.run()
    await database.query('DELETE FROM events WHERE id = 2; UPDATE posts SET view_count = 0')
    const before = await database.query('SELECT * FROM counts ORDER BY 1, 2, 3')
    const asked = { from: await dayBefore(database, 15), to: await dayBefore(database, 2) }
    expect((await job.verb('rebuild', asked)).result).toMatchObject({
      exitCode: 65,
      error: { code: 'rollup.outOfRange' },
    })
    expect(await database.query('SELECT * FROM counts ORDER BY 1, 2, 3')).toEqual(before)
  })
})
