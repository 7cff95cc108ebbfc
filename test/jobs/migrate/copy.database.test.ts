import { describe, expect } from 'vitest'
import { test } from '../../support/migrate-job.ts'
import { makeItems } from './items.ts'
import { findLeftovers } from './live/rows.ts'

const read = 'SELECT id, name, CAST(amount AS CHAR) AS amount FROM items ORDER BY id'

describe('a table copied and swapped', () => {
  test('has the new definition and the rows it had', async ({ database, openMigrate }) => {
    await makeItems(database, 5000)
    const before = await database.query(read)
    const job = await openMigrate()
    const { result } = await job.run()
    expect(result.error).toBeUndefined()
    expect(result).toMatchObject({ exitCode: 0, status: 'succeeded', detail: { strategy: 'copy' } })
    expect(result.counts).toMatchObject({ rowsCopied: 5000, rowsChecked: 5000, repaired: 0 })
    expect(await database.query(read)).toEqual(before)
    const [shown] = await database.query('SHOW CREATE TABLE items')
    expect(String(shown?.['Create Table'])).toMatch(/`amount` bigint(\(20\))? NOT NULL/)
    expect(String(shown?.['Create Table'])).toContain('KEY `by_amount`')
    expect((await findLeftovers(database)).toSorted()).toEqual([
      ...['items__rk_bak', 'items__rk_bde', 'items__rk_bin', 'items__rk_bup', 'items__rk_old'],
    ])
  })
})
