import { describe, expect } from 'vitest'
import { type Breakable, breakRun } from '../../../support/break-run.ts'
import { cutConnections } from '../../../support/cut-connections.ts'
import { test } from '../../../support/rollup-job.ts'
import { isAll, listCases, seed } from './cases.ts'
import { breakable } from './world.ts'

const events = `CREATE TABLE events (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, post_id INT NOT NULL, viewer INT NOT NULL, viewed_at DATETIME NOT NULL)`
const view = "INSERT INTO events (post_id, viewer, viewed_at) VALUES (1, 1, '2026-04-01 12:00:00')"
/** 150 lines of one day, old enough to be made one. */
const oldLines = `INSERT INTO rowkeeper_counted (job, day, run_id, origin, events, filtered, amounts, created_at) VALUES
  ${Array.from({ length: 150 }, () => `('post-views', '2026-03-01', 'r', 'table', 3, 1, '{"views":"3"}', UTC_TIMESTAMP(3) - INTERVAL 31 DAY)`).join(', ')}`

describe.runIf(isAll)(`what a run of rollup tidies up, under faults (seed ${seed})`, () => {
  test('the sums of the ledger stay the same wherever the folding of its old lines is broken', async ({
    database,
    openRollup,
  }) => {
    await database.query(events)
    const job = await openRollup()
    const cases = listCases(['rollup.ledger-folded'])
    for (const broken of cases) {
      await database.query(`${view}; ${oldLines}`)
      await breakRun(breakable(database, job, { spared: [] }), broken)
      expect((await job.run()).result, broken.fault).toMatchObject({ exitCode: 0 })
    }
    const sums = `SELECT CAST(SUM(events) AS CHAR) AS events, CAST(SUM(filtered) AS CHAR) AS filtered FROM rowkeeper_counted WHERE day = '2026-03-01'`
    expect(await database.query(sums)).toEqual([
      { events: String(450 * cases.length), filtered: String(150 * cases.length) },
    ])
    expect(await database.query('SELECT id FROM events')).toEqual([])
  }, 120_000)

  test('old marks go, and every event is counted once, wherever forgetting is broken', async ({
    database,
    openRollup,
  }) => {
    await database.query(events)
    const job = await openRollup({
      job: {
        measures: { views: 'count', viewers: 'unique:viewer' },
        filters: { repeats: { viewer: 'viewer', window: '1h' } },
        remember: '3 days',
      },
    })
    const cases = listCases(['rollup.marks-forgotten'])
    for (const [index, broken] of cases.entries()) {
      await database.query(
        `INSERT INTO events (post_id, viewer, viewed_at) VALUES (1, ${index}, '2026-04-01 12:00:00')`,
      )
      await breakRun(breakable(database, job, { spared: [] }), broken)
      expect((await job.run()).result, broken.fault).toMatchObject({ exitCode: 0 })
      await database.query('UPDATE counts_seen SET made_at = UTC_TIMESTAMP() - INTERVAL 4 DAY')
    }
    await job.run()
    expect(await database.query('SELECT COUNT(*) AS marks FROM counts_seen')).toEqual([{ marks: '0' }])
    expect(
      await database.query("SELECT CAST(SUM(views) AS CHAR) AS views FROM counts WHERE bucket_size = 'hour'"),
    ).toEqual([{ views: String(cases.length) }])
  }, 120_000)

  test('counters are repaired, and none twice, wherever a repair is broken', async ({
    database,
    openRollup,
  }) => {
    await database.query(events)
    const posts = Array.from({ length: 600 }, (_, post) => `(${post}, 1, '2026-04-01 12:00:00')`).join(', ')
    await database.query(`INSERT INTO events (post_id, viewer, viewed_at) VALUES ${posts}`)
    const job = await openRollup()
    await job.run()
    const target: Breakable = {
      start: (how) => job.startBinary(['rollup', 'verify', 'post-views', '--repair', '--yes'], how),
      run: (how) => job.verb('verify', { repair: 'true' }, how),
      cut: () => cutConnections(database),
    }
    for (const broken of listCases(['rollup.counters-repaired'])) {
      await database.query("UPDATE counts SET views = 0 WHERE bucket_size = 'day'")
      await breakRun(target, broken)
      expect((await job.verb('verify', { repair: 'true' })).result, broken.fault).toMatchObject({
        exitCode: 0,
      })
      expect(await database.query('SELECT * FROM counts WHERE views <> 1')).toEqual([])
    }
  }, 120_000)
})
