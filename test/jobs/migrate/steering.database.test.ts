import { describe, expect } from 'vitest'
import { never } from '../../../src/lib/abort.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import type { ConfiguredJob } from '../../support/configured-job.ts'
import { test } from '../../support/migrate-job.ts'
import { makeItems } from './items.ts'
import { findLeftovers } from './live/rows.ts'

const slow = { job: { chunk: { rows: 50 }, workers: 1 } }

async function waitFor(job: ConfiguredJob, phase: string): Promise<Record<string, unknown>> {
  for (let look = 0; look < 200; look++) {
    const { result } = await job.verb('status')
    if (result.error === undefined && result.detail.phase === phase) return result.detail
    await systemClock.sleep(50, never)
  }
  throw new Error(`it never came to be ${phase}`)
}

describe('steering from another terminal', () => {
  test('a migration that holds is followed until it may swap', async ({ database, openMigrate }) => {
    await makeItems(database, 500)
    const job = await openMigrate({ job: { cutOver: { hold: true } } })
    const running = job.run()
    await waitFor(job, 'holding')
    await database.query("INSERT INTO items VALUES (1001, 'late', 7)")
    const [kind] = await database.query("SHOW COLUMNS FROM items LIKE 'amount'")
    expect(String(kind?.Type)).toMatch(/^int/)
    expect((await job.verb('cut-over')).result.exitCode).toBe(0)
    expect((await running).result).toMatchObject({ exitCode: 0, detail: { phase: 'done' } })
    expect(await database.query('SELECT name FROM items WHERE id = 1001')).toEqual([{ name: 'late' }])
  })

  test('a paused migration copies nothing until it is resumed', async ({ database, openMigrate }) => {
    await makeItems(database, 500)
    const job = await openMigrate(slow)
    let isAsked = false
    const running = job.run({
      async reach(point) {
        if (point !== 'migrate.triggers-made' || isAsked) return
        isAsked = true
        await job.verb('pause')
      },
    })
    await waitFor(job, 'copying')
    await systemClock.sleep(1500, never)
    const first = await job.verb('status')
    await systemClock.sleep(500, never)
    const second = await job.verb('status')
    expect(second.result.counts).toEqual(first.result.counts)
    expect(second.result.detail.request).toBe('pause')
    expect((await job.verb('resume')).result.exitCode).toBe(0)
    expect((await running).result.exitCode).toBe(0)
  })

  test('a cancelled migration leaves the table as it was', async ({ database, openMigrate }) => {
    await makeItems(database, 500)
    const [before] = await database.query('SHOW CREATE TABLE items')
    const job = await openMigrate({ job: { cutOver: { hold: true } } })
    const running = job.run()
    await waitFor(job, 'holding')
    expect((await job.verb('cancel')).result.exitCode).toBe(0)
    expect((await running).result).toMatchObject({ exitCode: 5, error: { code: 'migrate.cancelled' } })
    expect(await database.query('SHOW CREATE TABLE items')).toEqual([before])
    expect(await findLeftovers(database)).toEqual([])
    expect((await job.verb('status')).result.error?.code).toBe('migrate.none')
  })

  test('what a run left that nobody goes on with is cleaned up, as often as asked', async ({
    database,
    openMigrate,
  }) => {
    await makeItems(database, 500)
    const [before] = await database.query('SHOW CREATE TABLE items')
    const job = await openMigrate(slow)
    await job.run({
      async reach(point) {
        if (point === 'migrate.chunk-copied') throw new Error('gone')
      },
    })
    expect((await findLeftovers(database)).length).toBeGreaterThan(0)
    const dry = await job.verb('cleanup', { dryRun: 'true' })
    expect(dry.result.detail.found).toHaveLength(5)
    expect((await job.verb('cleanup')).result.exitCode).toBe(0)
    expect((await job.verb('cleanup')).result.exitCode).toBe(0)
    expect(await database.query('SHOW CREATE TABLE items')).toEqual([before])
    expect(await findLeftovers(database)).toEqual([])
  })
})
