import { describe, expect } from 'vitest'
import { makeOrders } from '../move/orders.ts'
import { test } from './cold.ts'

describe('rows for another server', () => {
  test('are there, equal, before they are deleted here', async ({ database, openCarry }) => {
    await makeOrders(database, { count: 3000, hours: 6 })
    const { job, readEverything, journal, months } = await openCarry({
      job: {
        into: { table: 'orders_archive', database: 'cold' },
        where: "status = 'DONE'",
        batch: { rows: 300 },
      },
    })
    const before = await readEverything()
    const { result } = await job.run()
    expect(result).toMatchObject({ status: 'succeeded', exitCode: 0 })
    expect(await readEverything()).toEqual(before)
    expect(await journal()).toEqual([])
    console.log(result.counts, await months())
  })
})
