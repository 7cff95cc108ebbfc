import { describe, expect } from 'vitest'
import { createHurriedClock } from '../../../support/hurried-clock.ts'
import { test as rollupTest } from '../../../support/rollup-job.ts'
import { type ProxyFault, startTcpProxy, type TcpProxy } from '../../../support/tcp-proxy.ts'
import { findViolations } from './violations.ts'
import { jobs, look, tables } from './world.ts'

/** A proxy before the server, put away afterwards. */
const test = rollupTest.extend<{ proxy: TcpProxy }>({
  proxy: async ({ database }, use) => {
    const proxy = await startTcpProxy(database.url)
    await use(proxy)
    await proxy.stop()
  },
})

const faults: readonly ProxyFault[] = ['loseAnswer', 'loseCommand', 'holdAnswer', 'holdCommand']
const commit = { statement: /COMMIT/, after: /insert-batch[\s\S]*'count events'/ }
const events = `INSERT INTO events (post_id, place, likes, viewed_at) VALUES ${Array.from(
  { length: 200 },
  (_, index) => `(${1 + (index % 5)}, 'blog', 1, '2026-10-31 12:${String(index % 60).padStart(2, '0')}:00')`,
).join(', ')}; INSERT INTO truth SELECT * FROM events`

describe('a COMMIT of a batch whose reply does not come', () => {
  test('is found out, each time, and the run goes on', async ({ database, openRollup, proxy }) => {
    await database.query(`${tables}; ${events}`)
    const job = await openRollup({
      job: { ...jobs.folded, workers: 1, batch: { rows: 20 } },
      // A held answer ends with the statement timeout; nobody shall wait a minute for it here.
      database: { timeouts: { statement: '1s' } },
    })
    for (const fault of faults) proxy.intercept({ ...commit, fault })
    const { result } = await job.run({ url: proxy.url })
    expect(result.error).toBeUndefined()
    expect(result).toMatchObject({ exitCode: 0, counts: { events: 200, remaining: 0 } })
    expect(proxy.interceptions()).toBe(faults.length)
    expect(await look(database.query)).toEqual([])
    expect(await findViolations(database, 'folded')).toEqual([])
  })

  test('and that nobody can be asked about: the run says that it does not know, and the next one finds out', async ({
    database,
    openRollup,
    proxy,
  }) => {
    await database.query(`${tables}; ${events}`)
    const job = await openRollup({
      job: { ...jobs.folded, workers: 1 },
      database: { timeouts: { statement: '20s', connect: '200ms' } },
    })
    proxy.intercept({ ...commit, fault: 'holdAnswer' })
    const running = job.run({ clock: createHurriedClock(20), url: proxy.url })
    await expect.poll(() => proxy.interceptions(), { timeout: 10_000, interval: 5 }).toBe(1)
    proxy.freeze()
    const { result } = await running
    proxy.thaw()
    expect(result).toMatchObject({ exitCode: 6, status: 'unknown', effect: 'unknown' })
    expect(result.error).toMatchObject({ code: 'run.commitUnknown' })
    // The lease could not be given back; it runs out after a minute.
    await database.query('UPDATE rowkeeper_lease SET expires_at = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND')
    expect((await job.run()).result).toMatchObject({ exitCode: 0 })
    expect(await findViolations(database, 'folded')).toEqual([])
  })
})
