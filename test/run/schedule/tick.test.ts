import { describe, expect, it } from 'vitest'
import { createStopControl } from '../../../src/lib/abort.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { type ExitCode, exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import type { ResultDocument } from '../../../src/run/result.ts'
import { listNext } from '../../../src/run/schedule/next.ts'
import { type TickOptions, tick } from '../../../src/run/schedule/tick.ts'

const now = new Date('2026-11-22T03:17:00.000Z')
const daily = { cron: '0 3 * * *', timeZone: 'UTC' }

function resultOf(job: string, exitCode: ExitCode = exitCodes.done, code?: string): ResultDocument {
  return {
    schemaVersion: 1,
    runId: 'r',
    job,
    kind: 'reconcile',
    verb: 'run',
    dryRun: false,
    status: exitCode === exitCodes.done ? 'succeeded' : 'failed',
    effect: 'none',
    exitCode,
    startedAt: '',
    finishedAt: '',
    durationMs: 0,
    counts: {},
    detail: {},
    warnings: [],
    ...(code === undefined ? {} : { error: { code, message: '' } }),
    next: [],
  }
}

function options(more: Partial<TickOptions> & { names?: string[] } = {}): TickOptions {
  const { names = ['one', 'two', 'three'], ...rest } = more
  return {
    jobs: names.map((name) => ({ name, schedule: daily })),
    clock: { now: () => now },
    control: createStopControl(systemClock, 1000),
    claim: async () => 'taken',
    run: async (job) => resultOf(job),
    ...rest,
  }
}

describe('tick', () => {
  it('runs what is due one after another, in order, each with its own result', async () => {
    const happened: string[] = []
    const result = await tick(
      options({
        claim: async (job, slotAt) => {
          happened.push(`claim ${job} ${slotAt.toISOString()}`)
          return job === 'two' ? 'takenByOther' : 'taken'
        },
        run: async (job) => {
          await systemClock.sleep(5, new AbortController().signal)
          happened.push(`ran ${job}`)
          return resultOf(job)
        },
      }),
    )
    expect(happened).toEqual([
      'claim one 2026-11-22T03:00:00.000Z',
      'ran one',
      'claim two 2026-11-22T03:00:00.000Z',
      'claim three 2026-11-22T03:00:00.000Z',
      'ran three',
    ])
    expect(result).toMatchObject({
      schemaVersion: 1,
      exitCode: 0,
      jobs: [
        { job: 'one', slot: '2026-11-22T03:00:00.000Z', result: { job: 'one' } },
        { job: 'two', result: undefined },
        { job: 'three', result: { job: 'three' } },
      ],
    })
  })

  it('ends with the worst exit code of its jobs, which is not the largest', async () => {
    const codes: Record<string, ExitCode> = { one: exitCodes.tryLater, two: exitCodes.failed, three: 0 }
    const ended = await tick(options({ run: async (job) => resultOf(job, codes[job]) }))
    expect(ended.exitCode).toBe(exitCodes.failed)
  })

  it('goes on after a job whose database does not answer', async () => {
    const unreachable = new RowkeeperError({
      code: 'database.notSent',
      message: 'no answer',
      hint: 'rowkeeper doctor',
      exitCode: exitCodes.unavailable,
    })
    const ended = await tick(
      options({
        names: ['one', 'two'],
        claim: async (job) => (job === 'one' ? Promise.reject(unreachable) : 'taken'),
      }),
    )
    expect(ended.exitCode).toBe(exitCodes.unavailable)
    expect(ended.jobs[0]).toMatchObject({
      result: undefined,
      error: { code: 'database.notSent', hint: 'rowkeeper doctor' },
    })
    expect(ended.jobs[1]?.result?.status).toBe('succeeded')
  })

  it('skips a job that is still at work, and calls that no failure', async () => {
    const run = async (job: string) => resultOf(job, exitCodes.tryLater, 'lease.held')
    const ended = await tick(options({ names: ['one'], run }))
    expect(ended).toMatchObject({ exitCode: 0, jobs: [{ result: { status: 'skipped', exitCode: 0 } }] })
  })

  it('begins no further job after a stop', async () => {
    const control = createStopControl(systemClock, 1000)
    const run = async (job: string) => {
      control.request('terminated')
      return resultOf(job)
    }
    const ended = await tick(options({ control, run }))
    control.release()
    expect(ended.jobs.map(({ job }) => job)).toEqual(['one'])
    expect(ended.exitCode).toBe(exitCodes.terminated)
  })

  it('prefers the clock of the database', async () => {
    const slots: string[] = []
    await tick(
      options({
        names: ['one'],
        now: async () => new Date('2026-11-22T02:59:59.000Z'),
        claim: async (_job, slotAt) => {
          slots.push(slotAt.toISOString())
          return 'takenByOther'
        },
      }),
    )
    expect(slots).toEqual(['2026-11-21T03:00:00.000Z'])
  })

  it('does nothing for a date that never comes', async () => {
    const jobs = [{ name: 'never', schedule: { cron: '0 0 31 2 *', timeZone: 'UTC' } }]
    expect(await tick(options({ jobs }))).toMatchObject({
      exitCode: 0,
      jobs: [{ job: 'never', slot: undefined, result: undefined }],
    })
  })
})

describe('listNext', () => {
  it('shows the times of the zone of each job', () => {
    const seoul = { name: 'counts', schedule: { cron: '0 3 * * *', timeZone: 'Asia/Seoul' } }
    const never = { name: 'never', schedule: { cron: '0 0 31 2 *', timeZone: '+05:45' } }
    const { result, report } = listNext([seoul, never], now, 2)
    expect(result.jobs).toMatchObject([
      { job: 'counts', next: ['2026-11-23T03:00:00+09:00', '2026-11-24T03:00:00+09:00'] },
      { job: 'never', next: [] },
    ])
    expect(report.sections[0]).toMatchObject({
      rows: [
        ['counts', 'Mon 2026-11-23 03:00:00', 'Asia/Seoul', '14 h 43 min'],
        ['counts', 'Tue 2026-11-24 03:00:00', 'Asia/Seoul', '1 d 14 h'],
        ['never', '0 0 31 2 * never comes', '+05:45', ''],
      ],
    })
  })
})
