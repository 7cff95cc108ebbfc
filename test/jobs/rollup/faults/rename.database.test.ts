import { describe, expect } from 'vitest'
import { never } from '../../../../src/lib/abort.ts'
import { systemClock } from '../../../../src/lib/clock.ts'
import { createHurriedClock } from '../../../support/hurried-clock.ts'
import { test } from '../../../support/rollup-job.ts'
import { openSession, type TestSession } from '../../../support/session.ts'
import { startTcpProxy } from '../../../support/tcp-proxy.ts'
import { isAll } from './cases.ts'
import { findViolations } from './violations.ts'
import { jobs, tables } from './world.ts'
import { startWriters } from './writers.ts'

const source = { table: 'events', strategy: 'rotate', time: 'viewed_at' }
const view = `INSERT INTO events (post_id, place, likes, viewed_at) VALUES (1, 'blog', 1, '2026-10-31 12:00:00')`

const LOCK_WAIT_MS = 1000
/** What a busy machine may add to it. */
const SLACK_MS = 1000

/** One view after the other; answers how long each took, in milliseconds. */
async function writeUntil(over: AbortSignal, session: TestSession): Promise<readonly number[]> {
  const taken: number[] = []
  while (!over.aborted) {
    const begun = systemClock.elapsed()
    await session.query(view)
    taken.push(systemClock.elapsed() - begun)
    await systemClock.sleep(10, never)
  }
  return taken
}

describe.runIf(isAll)('the change of names in a rotation', () => {
  test('behind an open transaction stalls writers no longer than the lock wait, and the run gives up with 75', async ({
    database,
    openRollup,
  }) => {
    await database.query(tables)
    const job = await openRollup({
      job: { ...jobs.folded, source },
      database: { timeouts: { lockWait: `${LOCK_WAIT_MS}ms` } },
    })
    const [holder, writer] = await Promise.all([openSession(database.url), openSession(database.url)])
    await holder.query('START TRANSACTION')
    await holder.query('SELECT * FROM events LIMIT 1')
    const over = new AbortController()
    const writing = writeUntil(over.signal, writer)
    writing.catch(() => {})
    const { result } = await job.run({ clock: createHurriedClock(20) })
    over.abort()
    const taken = await writing
    expect(result).toMatchObject({ exitCode: 75, error: { code: 'lock.notHad' } })
    // Somebody had to wait, else nothing was tried here.
    expect(Math.max(...taken)).toBeGreaterThan(LOCK_WAIT_MS / 2)
    expect(Math.max(...taken)).toBeLessThan(LOCK_WAIT_MS + SLACK_MS)
    await holder.query('ROLLBACK')
    await Promise.all([holder.close(), writer.close()])
    expect((await job.run()).result).toMatchObject({ exitCode: 0, counts: { events: taken.length } })
  })

  test.for(['loseAnswer', 'loseCommand'] as const)(
    'ends right beside writers when its connection is lost: %s',
    async (fault, { database, openRollup }) => {
      await database.query(tables)
      const job = await openRollup({ job: { ...jobs.folded, source } })
      const proxy = await startTcpProxy(database.url)
      const writers = await startWriters(database, 4)
      try {
        await systemClock.sleep(300, never)
        proxy.intercept({ statement: /RENAME TABLE/, fault })
        const { result } = await job.run({ url: proxy.url })
        expect(result).toMatchObject({ exitCode: 0 })
        expect(proxy.interceptions()).toBe(1)
      } finally {
        await writers.stop()
        await proxy.stop()
      }
      expect((await job.run()).result).toMatchObject({ exitCode: 0 })
      expect(await database.query("SHOW TABLES LIKE 'events\\_\\_rk%'")).toEqual([])
      expect(await findViolations(database, 'folded')).toEqual([])
    },
  )
})
