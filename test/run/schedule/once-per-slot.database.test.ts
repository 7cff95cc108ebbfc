import { describe, expect } from 'vitest'
import type { Launch } from '../../../src/run/launch.ts'
import { type Ended, executeRun } from '../../../src/run/runner.ts'
import { runOncePerSlot } from '../../../src/run/schedule/once-per-slot.ts'
import { createSlotSource } from '../../../src/run/schedule/slot-source.ts'
import { tick } from '../../../src/run/schedule/tick.ts'
import { type TestDatabase, test } from '../../support/database.ts'
import { configureShop, prepareShop, startPay } from '../shop.ts'
import { surroundings } from '../surroundings.ts'

interface HostOptions {
  readonly database: TestDatabase
  readonly baseUrl: string
  readonly holder: string
  readonly schedule?: string
}

function launchOn({ database, baseUrl, holder, schedule = '* * * * *' }: HostOptions): Launch {
  const [launch] = configureShop({ url: database.url, baseUrl, schedule }, surroundings(holder)).launches
  if (launch === undefined) throw new Error('the shop has one job')
  return launch
}

function run(launch: Launch): Promise<Ended> {
  return executeRun(launch, { from: 'checkpoint', takeRows: async () => {} })
}

describe('run --once-per-slot', () => {
  test('runs on one of two hosts; the other ends as skipped, with exit code 0', async ({ database }) => {
    await prepareShop(database)
    const service = await startPay()
    const ended = await Promise.all(
      ['ops@alpha:1', 'ops@beta:2'].map((holder) => {
        // Once a month: the test does not fall on the moment between two slots.
        const launch = launchOn({ database, baseUrl: service.baseUrl, holder, schedule: '0 0 1 * *' })
        const slots = createSlotSource(launch.config, launch.surroundings)
        return runOncePerSlot(launch, slots, () => run(launch))
      }),
    )
    await service.stop()
    const results = ended.map(({ result }) => result)
    expect(results.map(({ status }) => status).toSorted()).toEqual(['skipped', 'succeeded'])
    expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0])
    const skipped = results.find(({ status }) => status === 'skipped')
    expect(skipped?.detail.skipped).toMatch(/^the slot \d{4}-\d\d-01T00:00:00\.000Z is already taken$/)
    expect(await database.query('SELECT COUNT(*) AS runs FROM rowkeeper_run')).toEqual([{ runs: '1' }])
  })

  test('refuses a job without a schedule', async ({ database }) => {
    const launch = launchOn({ database, baseUrl: 'http://127.0.0.1:9', holder: 'ops@alpha:1' })
    const { schedule: _, ...entry } = launch.entry
    const slots = createSlotSource(launch.config, launch.surroundings)
    await expect(runOncePerSlot({ ...launch, entry }, slots, () => run(launch))).rejects.toMatchObject({
      code: 'schedule.none',
      exitCode: 64,
    })
  })
})

describe('a tick while the job is still at work elsewhere', () => {
  test('takes the slot and skips the run', async ({ database }) => {
    await prepareShop(database)
    await database.query(`INSERT INTO rowkeeper_lease
      VALUES ('${database.name}.payments', 'r1', 't', 'ops@beta:2', UTC_TIMESTAMP() + INTERVAL 60 SECOND, NULL)`)
    const service = await startPay()
    const launch = launchOn({ database, baseUrl: service.baseUrl, holder: 'ops@alpha:1' })
    const { clock, control } = launch.surroundings
    const ended = await tick({
      jobs: [{ name: 'payments', schedule: { cron: '0 0 1 * *', timeZone: 'Asia/Seoul' } }],
      clock,
      control,
      ...createSlotSource(launch.config, launch.surroundings),
      run: async () => (await run(launch)).result,
    })
    await service.stop()
    expect(ended).toMatchObject({
      exitCode: 0,
      jobs: [{ job: 'payments', result: { status: 'skipped', exitCode: 0, error: { code: 'lease.held' } } }],
    })
    expect(await database.query('SELECT COUNT(*) AS slots FROM rowkeeper_slot')).toEqual([{ slots: '1' }])
  })
})
