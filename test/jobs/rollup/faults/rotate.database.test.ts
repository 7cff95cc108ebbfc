import { describe, expect } from 'vitest'
import { never } from '../../../../src/lib/abort.ts'
import { systemClock } from '../../../../src/lib/clock.ts'
import { breakRun } from '../../../support/break-run.ts'
import type { ConfiguredJob } from '../../../support/configured-job.ts'
import type { TestDatabase } from '../../../support/database.ts'
import { test } from '../../../support/rollup-job.ts'
import { isAll, listCases, seed } from './cases.ts'
import { findViolations } from './violations.ts'
import { breakable, jobs, tables } from './world.ts'
import { startWriters } from './writers.ts'

const source = { table: 'events', strategy: 'rotate', time: 'viewed_at' }

/** Where a run of rotate may be broken. */
const points = [
  'rollup.segment-noted',
  'ddl.recorded',
  'ddl.done',
  'rollup.table-put-aside',
  'rollup.chunk-advanced',
  'rollup.chunk-counted',
  'rollup.segment-settled',
  'rollup.segment-dropped',
] as const

/** Twice: what a broken run put aside, then what was written since. */
async function countAll({ query }: TestDatabase, job: ConfiguredJob): Promise<void> {
  for (let run = 0; run < 2; run++) {
    expect((await job.run()).result).toMatchObject({ exitCode: 0 })
  }
  expect(await query("SHOW TABLES LIKE 'events\\_\\_rk%'")).toEqual([])
  expect(await query('SELECT id FROM events')).toEqual([])
}

describe.runIf(isAll)(`rotate under faults (seed ${seed})`, () => {
  test('broken at every point beside writers, who always find their table, nothing is lost or counted twice', async ({
    database,
    openRollup,
  }) => {
    await database.query(tables)
    const job = await openRollup({ job: { ...jobs.folded, source, batch: { rows: 5 } } })
    await job.run()
    const writers = await startWriters(database, seed)
    const target = breakable(database, job, { spared: writers.connections })
    try {
      for (const broken of listCases(points)) {
        await systemClock.sleep(200, never)
        await breakRun(target, broken)
      }
    } finally {
      // Here a writer that was told of an error, a missing table among them, fails the test.
      await writers.stop()
    }
    expect((await writers.stop()).committed).toBeGreaterThan(20)
    await countAll(database, job)
    expect(await findViolations(database, 'folded')).toEqual([])
  }, 180_000)
})
