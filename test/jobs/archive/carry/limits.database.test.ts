import { describe, expect } from 'vitest'
import { createStopControl } from '../../../../src/lib/abort.ts'
import { systemClock } from '../../../../src/lib/clock.ts'
import { openSession } from '../../../support/session.ts'
import { test } from './cold.ts'
import { makeOldOrders } from './old-orders.ts'

const settings = { job: { batch: { rows: 10 } } }

describe('carrying', () => {
  test('ends at the limit, with nothing to settle', async ({ database, openCarry }) => {
    await makeOldOrders(database, 30)
    const { job, journal } = await openCarry(settings)
    const { result } = await job.run({ limit: 15 })
    expect(result).toMatchObject({ exitCode: 3, counts: { archived: 15, deleted: 15 } })
    expect(await database.query('SELECT id FROM orders')).toHaveLength(15)
    expect(await journal()).toEqual([])
  })

  test('stops between two batches, with nothing to settle', async ({ database, openCarry }) => {
    await makeOldOrders(database, 30)
    const { job, journal } = await openCarry(settings)
    const control = createStopControl(systemClock, 10_000)
    const { result } = await job.run({
      control,
      async reach(point) {
        if (point === 'archive.carry-inserted') control.request('terminated')
      },
    })
    control.release()
    expect(result).toMatchObject({ exitCode: 143, counts: { archived: 10, deleted: 10 } })
    expect(await journal()).toEqual([])
  })

  test('takes rows with large values in smaller batches', async ({ database, cold, openCarry }) => {
    await makeOldOrders(database, 5)
    await database.query('ALTER TABLE orders ADD COLUMN picture LONGBLOB')
    await database.query(`UPDATE orders SET picture = REPEAT(X'00FF27', 2000000) WHERE id < 4`)
    const { job } = await openCarry(settings)
    const exact = (table: string) => `SELECT id, SHA2(picture, 256) AS picture FROM ${table} ORDER BY id`
    const before = await database.query(exact('orders'))
    const { result } = await job.run()
    expect(result).toMatchObject({ exitCode: 0, counts: { archived: 5 } })
    const [month] = Object.values(result.detail.months as Record<string, { batches: number }>)
    expect(month?.batches).toBe(2)
    expect(await cold.query(exact('orders_archive'))).toEqual(before)
  })

  test('leaves a row alone that no statement can hold', async ({ database, cold, openCarry }) => {
    await makeOldOrders(database, 3)
    await database.query('ALTER TABLE orders ADD COLUMN picture LONGBLOB')
    await database.query(`UPDATE orders SET picture = REPEAT('x', 3000000) WHERE id = 2`)
    const { job, readEverything } = await openCarry(settings)
    const before = await readEverything()
    const [packet] = await cold.query('SELECT @@GLOBAL.max_allowed_packet AS bytes')
    await cold.query('SET GLOBAL max_allowed_packet = 4194304')
    const { result } = await job.run()
    await cold.query(`SET GLOBAL max_allowed_packet = ${packet?.bytes}`)
    expect(result.exitCode).toBe(1)
    expect(result.error?.message.replaceAll(database.name, 'shop')).toMatchInlineSnapshot(
      `"The row id = 2 of shop.orders takes up to 5.7 MiB in a statement; the destination takes 4.0 MiB (max_allowed_packet). The batch was rolled back: no row of it was changed."`,
    )
    expect(await readEverything()).toEqual(before)
  })

  test('never has a row in neither place while the application writes', async ({
    database,
    cold,
    openCarry,
  }) => {
    await makeOldOrders(database, 400)
    const { job, readEverything } = await openCarry(settings)
    const before = await readEverything()
    const writer = await openSession(database.url)
    const observer = await openSession(database.url)
    let isOver = false
    const missing: unknown[] = []
    const observing = (async () => {
      await observer.query('CREATE TABLE watched AS SELECT id FROM orders WHERE id <= 300')
      while (!isOver) {
        missing.push(
          ...(await observer
            .query(`SELECT id FROM watched AS w WHERE NOT EXISTS
              (SELECT 1 FROM orders AS o WHERE o.id = w.id)
            AND NOT EXISTS (SELECT 1 FROM ${cold.name}.orders_archive AS a WHERE a.id = w.id)`)
            .catch(() => [])),
        )
        await systemClock.sleep(2, new AbortController().signal)
      }
    })()
    const writing = (async () => {
      for (let id = 301; id <= 400 && !isOver; id++) {
        await writer.query(`UPDATE orders SET created_at = UTC_TIMESTAMP() WHERE id = ${id}`)
        await writer.query(`INSERT INTO orders VALUES (${id + 1000}, 'NEW', NULL, UTC_TIMESTAMP())`)
      }
    })()
    const { result } = await job.run()
    isOver = true
    await Promise.all([observing, writing])
    await writer.close()
    await observer.close()
    expect(result.exitCode).toBe(0)
    expect(missing).toEqual([])
    expect(before).toHaveLength(400)
    const doubled = await database.query(
      `SELECT o.id FROM orders AS o JOIN ${cold.name}.orders_archive AS a ON a.id = o.id`,
    )
    expect(doubled).toEqual([])
  })
})
