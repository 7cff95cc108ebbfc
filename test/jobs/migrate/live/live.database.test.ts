import { describe, expect } from 'vitest'
import { never } from '../../../../src/lib/abort.ts'
import { systemClock } from '../../../../src/lib/clock.ts'
import { test } from '../../../support/migrate-job.ts'
import { makeItems } from '../items.ts'
import { findLost } from './rows.ts'
import { startWriters } from './writers.ts'

const ROWS = 20_000

describe('a migration beside live writers', () => {
  test('loses no acknowledged write, and no writer meets a missing table', async ({
    database,
    openMigrate,
  }) => {
    await makeItems(database, ROWS)
    const job = await openMigrate({ job: { chunk: { rows: 1000 } } })
    const writers = await startWriters(database, 1, ROWS)
    const { result } = await job.run()
    await systemClock.sleep(300, never)
    const written = await writers.stop()
    expect(result.error).toBeUndefined()
    expect(result.exitCode).toBe(0)
    expect(written.errors).toEqual([])
    expect(await findLost(database, written)).toEqual([])
    expect(written.committed).toBeGreaterThan(100)
  }, 60_000)
})
