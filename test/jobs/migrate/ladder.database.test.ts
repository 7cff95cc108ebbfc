import { describe, expect } from 'vitest'
import { test } from '../../support/migrate-job.ts'
import { makeItems } from './items.ts'
import { findLeftovers } from './live/rows.ts'

const cases = [
  { change: 'ADD COLUMN note VARCHAR(200) NULL', strategy: 'instant' },
  { change: 'DROP INDEX by_amount', strategy: 'inplace' },
  { change: 'RENAME INDEX by_amount TO by_price', strategy: 'inplace' },
  { change: 'MODIFY COLUMN amount INT NOT NULL', strategy: 'none' },
  { change: 'MODIFY COLUMN amount BIGINT NOT NULL', strategy: 'copy' },
  { change: 'ADD INDEX by_name (name)', strategy: 'copy' },
] as const

describe('the gentlest way', () => {
  for (const { change, strategy } of cases) {
    test(`${change}: ${strategy}`, async ({ database, openMigrate }) => {
      await makeItems(database, 50)
      const job = await openMigrate({ job: { alter: change, keepOld: false } })
      const { result } = await job.run()
      expect(result.error).toBeUndefined()
      const found = (result.detail as { readonly strategy: string }).strategy
      // MariaDB renames and drops an index, and hides one, without touching a row.
      expect(strategy === 'inplace' ? ['inplace', 'instant'] : [strategy]).toContain(found)
      expect(await findLeftovers(database)).toEqual([])
    })
  }

  test('is refused when it is asked for and the server cannot', async ({ database, openMigrate }) => {
    await makeItems(database, 50)
    const job = await openMigrate({
      job: { alter: 'MODIFY COLUMN amount BIGINT NOT NULL', strategy: 'instant' },
    })
    const before = await database.query('SHOW CREATE TABLE items')
    expect((await job.run()).result).toMatchObject({ exitCode: 4, error: { code: 'migrate.refused' } })
    expect(await database.query('SHOW CREATE TABLE items')).toEqual(before)
    expect(await findLeftovers(database)).toEqual([])
  })
})
