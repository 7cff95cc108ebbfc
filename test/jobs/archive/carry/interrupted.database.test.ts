import { describe, expect } from 'vitest'
import { test } from './cold.ts'
import { endAt, makeOldOrders, youngAge } from './old-orders.ts'

const settings = { job: { where: "status = 'DONE'", batch: { rows: 10 } } }

/** In this order: only a run after one that ended at `carry-copied` has something to take back. */
const ends: readonly (readonly [point: string, times: number])[] = [
  ['archive.carry-locked', 2],
  ['archive.carry-inserted', 2],
  ['archive.carry-copied', 1],
  ['archive.carry-taken-back', 1],
  ['archive.carry-copied', 1],
  ['archive.carry-deleted', 1],
  ['archive.carry-copied', 3],
  ['archive.carry-deleted', 3],
  ['archive.carry-committed', 2],
  // Of the two transactions of a batch, in turn.
  ['ledger.before-commit', 4],
  ['ledger.before-commit', 5],
  ['ledger.after-commit', 4],
  ['ledger.after-commit', 5],
]

describe('a run that ends midway', () => {
  test('loses no row and doubles none, wherever it ends', async ({ database, cold, openCarry }) => {
    await makeOldOrders(database, 300)
    const { job, readEverything, journal } = await openCarry(settings)
    const before = await readEverything()
    for (const [point, times] of ends) {
      const { result } = await job.run(endAt(point, times))
      expect([point, times, result.exitCode]).toEqual([point, times, 70])
      const everything = await readEverything()
      expect([...new Set(everything)]).toEqual(before)
      const named = (await journal()).reduce((sum, row) => sum + Number(row.row_count), 0)
      expect(named).toBeGreaterThanOrEqual(everything.length - before.length)
    }
    const { result } = await job.run()
    expect(result.exitCode).toBe(0)
    expect(await readEverything()).toEqual(before)
    expect(await database.query('SELECT * FROM orders')).toEqual([])
    expect(await journal()).toEqual([])
    expect(await cold.query('SELECT id FROM orders_archive')).toHaveLength(300)
    expect((await job.verb('verify')).result).toMatchObject({ exitCode: 0 })
  })

  test('leaves to the next one what was changed meanwhile', async ({ database, cold, openCarry }) => {
    await makeOldOrders(database, 6)
    const { job, journal } = await openCarry(settings)
    await job.run(endAt('archive.carry-copied'))
    expect(await cold.query('SELECT COUNT(*) AS copied FROM orders_archive')).toEqual([{ copied: 6 }])
    await database.query(`UPDATE orders SET note = 'changed' WHERE id = 1`)
    await database.query(`UPDATE orders SET status = 'OPEN' WHERE id = 2`)
    await database.query(`UPDATE orders SET created_at = '${youngAge}' WHERE id = 3`)
    await database.query('DELETE FROM orders WHERE id = 4')
    await database.query('DELETE FROM orders WHERE id = 5')
    await database.query(
      `INSERT INTO orders SELECT 5, status, 'another', created_at FROM orders WHERE id = 1`,
    )
    const { result } = await job.run()
    expect(result).toMatchObject({ exitCode: 0, counts: { archived: 3, deleted: 3 } })
    expect(await database.query('SELECT id, status, note FROM orders')).toEqual([
      { id: 2, status: 'OPEN', note: 'note 2' },
      { id: 3, status: 'DONE', note: 'note 3' },
    ])
    expect(await cold.query('SELECT id, note FROM orders_archive ORDER BY id')).toEqual([
      { id: 1, note: 'changed' },
      { id: 4, note: 'note 4' },
      { id: 5, note: 'another' },
      { id: 6, note: 'note 6' },
    ])
    expect(await journal()).toEqual([])
    expect((await job.verb('verify')).result).toMatchObject({ exitCode: 0 })
  })

  test('knows a new row under an old key from a changed one', async ({ database, cold, openCarry }) => {
    await makeOldOrders(database, 3)
    const { job, journal } = await openCarry(settings)
    await job.run(endAt('archive.carry-committed'))
    expect(await journal()).toHaveLength(1)
    await database.query(`INSERT INTO orders VALUES (1, 'OPEN', 'new', '${youngAge}')`)
    expect((await job.run()).result.exitCode).toBe(0)
    expect(await database.query('SELECT id, note FROM orders')).toEqual([{ id: 1, note: 'new' }])
    expect(await cold.query('SELECT note FROM orders_archive WHERE id = 1')).toEqual([{ note: 'note 1' }])
    expect(await journal()).toEqual([])
  })

  test('asks a person when the record of the run is gone', async ({ database, cold, openCarry }) => {
    await makeOldOrders(database, 3)
    const { job, readEverything } = await openCarry(settings)
    await job.run(endAt('archive.carry-committed'))
    await database.query('DELETE FROM rowkeeper_batch; DELETE FROM rowkeeper_run')
    await database.query(`INSERT INTO orders VALUES (1, 'OPEN', 'new', '${youngAge}')`)
    const before = await readEverything()
    const { result } = await job.run()
    expect(result.exitCode).toBe(1)
    expect(result.error?.message.replaceAll(database.name, 'shop')).toMatchInlineSnapshot(
      `"The row with id = 1 differs between shop.orders and shop_cold.orders_archive. An interrupted batch copied it, and the record of its run is gone, so it is not known whether the one is a later state of the other. Nothing was changed."`,
    )
    expect(await readEverything()).toEqual(before)
    await cold.query('DELETE FROM orders_archive WHERE id = 1')
    expect((await job.run()).result.exitCode).toBe(0)
  })

  test('is planned to be settled', async ({ database, openCarry }) => {
    await makeOldOrders(database, 3)
    const { job } = await openCarry(settings)
    await job.run(endAt('archive.carry-copied'))
    const { result } = await job.plan()
    expect(JSON.stringify(result)).toContain('settle')
  })

  test('goes on when the source ends its transaction after the copy', async ({ database, openCarry }) => {
    await makeOldOrders(database, 35)
    const { job, readEverything, journal } = await openCarry(settings)
    const before = await readEverything()
    let left = 2
    const { result } = await job.run({
      async reach(point) {
        if (point !== 'archive.carry-copied' || left-- <= 0) return
        const open = await database.query(
          `SELECT trx_mysql_thread_id AS id FROM information_schema.INNODB_TRX t
            JOIN information_schema.PROCESSLIST p ON p.ID = t.trx_mysql_thread_id WHERE p.DB = ?`,
          [database.name],
        )
        for (const { id } of open) await database.query(`KILL ${id}`)
      },
    })
    expect(result).toMatchObject({ exitCode: 0, counts: { archived: 35, deleted: 35 } })
    expect(left).toBeLessThan(1)
    expect(await readEverything()).toEqual(before)
    expect(await database.query('SELECT * FROM orders')).toEqual([])
    expect(await journal()).toEqual([])
  })
})
