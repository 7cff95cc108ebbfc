import { expect } from 'vitest'
import { makeOrders } from '../move/orders.ts'
import { test } from './cold.ts'

test('rows of several months go to another database, and only those that are due', async ({
  database,
  cold,
  openCarry,
}) => {
  await makeOrders(database, { count: 600, hours: 20 })
  const { job, readEverything, journal, months } = await openCarry({
    job: { where: "status = 'DONE' OR status = 'SENT'", batch: { rows: 30 } },
  })
  const before = await readEverything()
  const { result } = await job.run()
  expect(result).toMatchObject({ status: 'succeeded', exitCode: 0 })
  expect(await readEverything()).toEqual(before)
  const [due] = await cold.query(`SELECT COUNT(*) AS archived, SUM(status = 'OPEN') AS open,
    SUM(created_at >= UTC_TIMESTAMP() - INTERVAL 13 MONTH) AS young FROM orders_archive`)
  expect(due).toEqual({ archived: result.counts.archived, open: '0', young: '0' })
  const held = (await months()).map(({ row_count }) => Number(row_count))
  expect(held.reduce((sum, rows) => sum + rows, 0)).toBe(result.counts.archived)
  expect(held.length).toBeGreaterThan(1)
  expect(await journal()).toEqual([])
})
