import { describe, expect } from 'vitest'
import { controlMigrations } from '../../migrations/index.ts'
import { listRuns, pruneRuns, showRun, stopRun } from '../../src/run/runs.ts'
import { installState } from '../../src/run/state.ts'
import { type TestDatabase, test } from '../support/database.ts'
import { surroundings, testDatabase } from './surroundings.ts'

const RUNNING = '019a0000-0000-7000-8000-000000000001'
const LOST = '019a0000-0000-7000-8000-000000000002'
const ENDED = '019a1111-0000-7000-8000-000000000003'

async function withRuns(database: TestDatabase) {
  const shop = testDatabase(database.url)
  await installState({ database: shop, surroundings: surroundings(), migrations: controlMigrations })
  await database.query(`
    INSERT INTO rowkeeper_run (run_id, job, kind, verb, state, effect, exit_code, lease, holder, started_at, heartbeat_at, finished_at, counts)
    VALUES
      ('${RUNNING}', 'payments', 'reconcile', 'run', 'running', 'none', NULL, 'shop.payments', 'ops@alpha:1', '2026-11-22 03:00:00', '2026-11-22 03:00:10', NULL, '{"examined":20000}'),
      ('${LOST}', 'orders', 'archive', 'run', 'running', 'none', NULL, 'shop.orders', 'ops@beta:2', '2026-11-22 02:00:00', '2026-11-22 02:00:07', NULL, NULL),
      ('${ENDED}', 'payments', 'reconcile', 'run', 'partial', 'partial', 3, 'shop.payments', 'ops@alpha:1', '2026-11-22 01:00:00', '2026-11-22 01:01:30', '2026-11-22 01:01:30', '{}');
    INSERT INTO rowkeeper_lease VALUES
      ('shop.payments', '${RUNNING}', 't', 'ops@alpha:1', UTC_TIMESTAMP() + INTERVAL 60 SECOND, NULL),
      ('shop.orders', '${LOST}', 't', 'ops@beta:2', UTC_TIMESTAMP() - INTERVAL 1 SECOND, NULL);
  `)
  return { databases: [shop], surroundings: surroundings('ops@gamma:3') }
}

describe('runs', () => {
  test('lists them newest first; one whose lease ran out shows as lost', async ({ database }) => {
    const options = await withRuns(database)
    const { result, report } = await listRuns({ ...options, limit: 20 })
    expect(result.runs.map(({ runId, state, exitCode }) => [runId, state, exitCode])).toEqual([
      [RUNNING, 'running', null],
      [LOST, 'lost', null],
      [ENDED, 'partial', 3],
    ])
    expect(result.runs[0]).toMatchObject({
      database: 'shop',
      startedAt: '2026-11-22T03:00:00.000Z',
      finishedAt: null,
      counts: { examined: 20000 },
    })
    expect(result.runs[1]?.effect).toBe('unknown')
    expect(report.sections[0]).toMatchObject({
      rows: [expect.arrayContaining(['10 s']), expect.arrayContaining(['lost']), expect.anything()],
    })
    expect(report.sections[1]).toMatchObject({ lines: [expect.stringContaining('rowkeeper run orders')] })
    const ofPayments = await listRuns({ ...options, job: 'payments', limit: 1 })
    expect(ofPayments.result.runs.map(({ runId }) => runId)).toEqual([RUNNING])
  })

  test('lists a run once when two databases share their control tables', async ({ database }) => {
    const { databases, surroundings } = await withRuns(database)
    const twice = [...databases, ...databases.map((shop) => ({ ...shop, name: 'mirror' }))]
    expect((await listRuns({ databases: twice, surroundings, limit: 20 })).result.runs).toHaveLength(3)
  })

  test('shows one by the beginning of its id, and names the others when that is shared', async ({
    database,
  }) => {
    const options = await withRuns(database)
    const { result } = await showRun({ ...options, runId: '019A1' })
    expect(result).toMatchObject({ schemaVersion: 1, runId: ENDED, state: 'partial', result: null })
    await expect(showRun({ ...options, runId: '019a0' })).rejects.toMatchObject({
      code: 'runs.ambiguous',
      exitCode: 64,
      message: expect.stringContaining(`${RUNNING} (payments), ${LOST} (orders)`),
    })
    await expect(showRun({ ...options, runId: 'ffff' })).rejects.toMatchObject({
      code: 'runs.notFound',
      exitCode: 66,
    })
    for (const runId of ['%', '019', "' OR 1=1"])
      await expect(showRun({ ...options, runId })).rejects.toMatchObject({ code: 'runs.badId', exitCode: 64 })
  })

  test('asks a running one to stop, once, from another host', async ({ database }) => {
    const options = await withRuns(database)
    expect((await stopRun({ ...options, runId: RUNNING })).result).toEqual({
      schemaVersion: 1,
      runId: RUNNING,
      job: 'payments',
      request: 'made',
    })
    expect((await stopRun({ ...options, runId: RUNNING })).result.request).toBe('waiting')
    expect(
      await database.query('SELECT run_id, verb, requested_by, taken_at FROM rowkeeper_request'),
    ).toEqual([{ run_id: RUNNING, verb: 'stop', requested_by: 'ops@gamma:3', taken_at: null }])
  })

  test('refuses to stop what has ended or was lost', async ({ database }) => {
    const options = await withRuns(database)
    await expect(stopRun({ ...options, runId: ENDED })).rejects.toMatchObject({
      code: 'runs.ended',
      exitCode: 4,
      message: expect.stringContaining('has ended already (partial at 2026-11-22T01:01:30.000Z)'),
    })
    await expect(stopRun({ ...options, runId: LOST })).rejects.toMatchObject({
      hint: 'Go on from its checkpoint with: rowkeeper run orders',
    })
    expect(await database.query('SELECT * FROM rowkeeper_request')).toEqual([])
  })

  test('prunes what ended long ago, but no slot', async ({ database }) => {
    const options = await withRuns(database)
    await database.query(`
      UPDATE rowkeeper_run SET finished_at = UTC_TIMESTAMP() - INTERVAL 31 DAY WHERE run_id = '${ENDED}';
      INSERT INTO rowkeeper_batch VALUES ('${ENDED}', 1, 'page', UTC_TIMESTAMP()), ('${RUNNING}', 1, 'page', UTC_TIMESTAMP());
      INSERT INTO rowkeeper_slot VALUES ('payments', '2026-01-01', 'r', 'me', '2026-01-01')`)
    const { result, report } = await pruneRuns({ ...options, olderThanDays: 30 })
    expect(result.databases).toEqual([{ database: 'shop', runs: 1, batches: 1, requests: 0 }])
    expect(report.headline).toBe('1 run that ended more than 30 days ago forgotten.')
    expect(await database.query('SELECT COUNT(*) AS count FROM rowkeeper_run')).toEqual([{ count: '2' }])
    expect(await database.query('SELECT COUNT(*) AS count FROM rowkeeper_slot')).toEqual([{ count: '1' }])
  })

  test('say what to do where rowkeeper is not installed', async ({ database }) => {
    const options = { databases: [testDatabase(database.url)], surroundings: surroundings() }
    await expect(listRuns({ ...options, limit: 5 })).rejects.toMatchObject({
      code: 'state.missing',
      exitCode: 4,
    })
  })
})
