import { describe, expect } from 'vitest'
import { test } from '../../support/migrate-job.ts'
import { makeItems } from './items.ts'
import { findLeftovers, findLost } from './live/rows.ts'
import { startWriters } from './live/writers.ts'

const ROWS = 2000

describe('the way back', () => {
  test('brings the old definition with every write since', async ({ database, openMigrate }) => {
    await makeItems(database, ROWS)
    const [before] = await database.query('SHOW CREATE TABLE items')
    const job = await openMigrate({ job: { chunk: { rows: 300 } } })
    const writers = await startWriters(database, 7, ROWS)
    expect((await job.run()).result.exitCode).toBe(0)
    const { result } = await job.verb('revert')
    const written = await writers.stop()
    expect(result.error).toBeUndefined()
    expect(written.errors).toEqual([])
    expect(await findLost(database, written)).toEqual([])
    const [after] = await database.query('SHOW CREATE TABLE items')
    const withoutCounter = (row?: Record<string, unknown>) =>
      String(row?.['Create Table']).replace(/ AUTO_INCREMENT=\d+/, '')
    expect(withoutCounter(after)).toBe(withoutCounter(before))
    expect((await job.verb('finish', { confirm: 'items' })).result.exitCode).toBe(0)
    expect(await findLeftovers(database)).toEqual([])
  }, 60_000)

  test('is over when the migration is finished', async ({ database, openMigrate }) => {
    await makeItems(database, 100)
    const job = await openMigrate()
    await job.run()
    const refused = await job.verb('finish')
    expect(refused.result).toMatchObject({ exitCode: 64, error: { code: 'usage.notConfirmed' } })
    expect((await job.verb('finish', { confirm: 'items' })).result.exitCode).toBe(0)
    expect(await findLeftovers(database)).toEqual([])
    expect((await job.verb('revert')).result).toMatchObject({ exitCode: 4, error: { code: 'migrate.none' } })
  })
})
