import { describe, expect } from 'vitest'
import { test } from './cold.ts'
import { endAt, makeOldOrders } from './old-orders.ts'

const settings = { job: { batch: { rows: 10 } } }

describe('a row whose key is in the archive already', () => {
  test('stops the run without a change when it is another row', async ({ database, cold, openCarry }) => {
    await makeOldOrders(database, 15)
    const { job, readEverything } = await openCarry(settings)
    await job.run({ ...endAt('archive.carry-locked') })
    await cold.query(
      `INSERT INTO orders_archive SELECT 12, 'DONE', 'other', created_at FROM ${database.name}.orders LIMIT 1`,
    )
    const before = await readEverything()
    const { result } = await job.run()
    expect(result).toMatchObject({ exitCode: 1, error: { code: 'archive.keyTaken' } })
    expect(result.error?.message).toContain('id = 12')
    expect(result.counts.deleted).toBe(10)
    expect(await readEverything()).toEqual(before)
    expect(await database.query('SELECT id FROM orders')).toHaveLength(5)
  })

  test('and when it is an equal one that nobody accounted for', async ({ database, cold, openCarry }) => {
    await makeOldOrders(database, 5)
    const { job } = await openCarry(settings)
    await job.run({ ...endAt('archive.carry-locked') })
    await cold.query(`INSERT INTO orders_archive SELECT * FROM ${database.name}.orders WHERE id = 2`)
    const { result } = await job.run()
    expect(result).toMatchObject({
      exitCode: 1,
      error: { code: 'archive.copyThere' },
      counts: { deleted: 0 },
    })
    expect(await database.query('SELECT id FROM orders')).toHaveLength(5)
  })
})

describe('a row that reads back differently', () => {
  test('is named with its column', async ({ database, cold, openCarry }) => {
    await makeOldOrders(database, 5)
    const { job, readEverything } = await openCarry(settings)
    const before = await readEverything()
    let isSpoilt = false
    const { result } = await job.run({
      async reach(point) {
        if (point !== 'archive.carry-locked' || isSpoilt) return
        isSpoilt = true
        await cold.query(`CREATE TRIGGER spoil BEFORE INSERT ON orders_archive FOR EACH ROW
          SET NEW.note = IF(NEW.id = 3, 'spoilt', NEW.note)`)
      },
    })
    expect(result).toMatchObject({ exitCode: 1, counts: { deleted: 0 } })
    const said = result.error?.message.replaceAll(database.name, 'shop').replace(/\d{4}-\d\d/, 'a month')
    expect(said).toMatchInlineSnapshot(
      `"While moving a month of shop.orders: the row with id = 3 reads back from shop_cold.orders_archive with another note (varchar(40)). The batch was rolled back: no row of it was changed."`,
    )
    expect(await readEverything()).toEqual(before)
  })
})
