import { describe, expect } from 'vitest'
import { never } from '../../../../src/lib/abort.ts'
import { systemClock } from '../../../../src/lib/clock.ts'
import { breakRun } from '../../../support/break-run.ts'
import type { ConfiguredJob } from '../../../support/configured-job.ts'
import type { TestDatabase } from '../../../support/database.ts'
import { test } from '../../../support/rollup-job.ts'
import { openSession } from '../../../support/session.ts'
import { listCases, seed } from './cases.ts'
import { findViolations } from './violations.ts'
import { breakable, jobs, look, tables, type Way, ways } from './world.ts'
import { startWriters } from './writers.ts'

/** Where a run of consume may be broken. */
const points = [
  'ledger.before-commit',
  'ledger.after-commit',
  'rollup.events-locked',
  'rollup.events-deleted',
  'rollup.events-counted',
  'rollup.batch-committed',
] as const

/** Looks again and again, as any other client could. */
async function startObserver({ url }: TestDatabase) {
  const session = await openSession(url)
  const [row] = await session.query('SELECT CONNECTION_ID() AS id')
  const over = new AbortController()
  const watching = (async () => {
    const violations = new Set<string>()
    let looks = 0
    try {
      while (!over.signal.aborted) {
        for (const violation of await look(session.query)) violations.add(violation)
        looks += 1
        await systemClock.sleep(100, never)
      }
    } finally {
      await session.close()
    }
    return { looks, violations: [...violations] }
  })()
  watching.catch(() => {})
  return {
    connection: String(row?.id),
    stop() {
      over.abort()
      return watching
    },
  }
}

/** As cron would, until nothing waits. */
async function countAll(database: TestDatabase, job: ConfiguredJob): Promise<void> {
  for (let attempt = 1; attempt <= 4; attempt++) {
    await job.run()
    const [row] = await database.query('SELECT COUNT(*) AS events FROM events')
    if (Number(row?.events) === 0) return
  }
  throw new Error('four runs did not count everything')
}

async function survive(database: TestDatabase, job: ConfiguredJob, way: Way): Promise<void> {
  await job.run()
  const observer = await startObserver(database)
  const writers = await startWriters(database, seed)
  const target = breakable(database, job, { spared: [observer.connection, ...writers.connections] })
  try {
    for (const broken of listCases(points, 2)) {
      // Something to count at once: a run without work comes by no point.
      await systemClock.sleep(300, never)
      await breakRun(target, broken, 'may')
    }
  } finally {
    await writers.stop()
  }
  const written = await writers.stop()
  await countAll(database, job)
  const observed = await observer.stop()
  expect(observed.violations).toEqual([])
  expect(await findViolations(database, way)).toEqual([])
  expect(written.committed).toBeGreaterThan(20)
  expect(observed.looks).toBeGreaterThan(5)
}

describe(`consume under faults (seed ${seed})`, () => {
  for (const way of ways) {
    test(`${way}: broken at every point beside writers, nothing is lost or counted twice`, async ({
      database,
      openRollup,
    }) => {
      await database.query(tables)
      const job = await openRollup({ job: { ...jobs[way], batch: { rows: 50 } } })
      await survive(database, job, way)
    }, 240_000)
  }

  test('without a fault the points are reached, each for every batch', async ({ database, openRollup }) => {
    await database.query(
      `${tables}; INSERT INTO events (post_id, place, likes, viewed_at) VALUES (1, 'a', 1, '2026-01-01')`,
    )
    const job = await openRollup({ job: jobs.folded })
    const reached = new Set<string>()
    await job.run({ reach: async (point) => void reached.add(point) })
    expect([...points].filter((point) => !reached.has(point))).toEqual([])
  })
})
