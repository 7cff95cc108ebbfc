import { describe, expect } from 'vitest'
import { readExact } from '../../../support/archive-tables.ts'
import { testServer } from '../../../support/test-server.ts'
import { test } from '../carry/cold.ts'
import { makeThings } from '../carry/every-type.ts'
import { addRewritingTriggers, count, makeShop, newer, older, readShop } from './shop.ts'

const elsewhere = (table: string) => ({ table, database: 'cold', monthsAhead: 0 })

describe('a month that is restored from another server', () => {
  test('is what it was, for every type', async ({ database, openCarry }) => {
    await database.query("SET sql_mode = ''")
    await makeThings(database, testServer().family)
    const before = await readExact(database, 'things')
    const { job, months } = await openCarry({ job: { table: 'things', into: elsewhere('things_archive') } })
    expect((await job.run()).result.status).toBe('succeeded')
    expect(await count(database, 'things')).toBe(0)
    for (const { month } of await months()) {
      const { result } = await job.verb('restore', { month: String(month) })
      expect(result, JSON.stringify(result.error)).toMatchObject({ status: 'succeeded' })
    }
    expect(await readExact(database, 'things')).toEqual(before)
  })

  test('comes with its children, against triggers, and after it was cut short', async ({
    database,
    cold,
    openCarry,
  }) => {
    await makeShop(database)
    await addRewritingTriggers(database)
    const before = await readShop(database)
    const children = [{ table: 'payments', key: ['order_id'] }]
    const { job } = await openCarry({ job: { children, batch: { rows: 8 } } })
    expect((await job.run()).result.status).toBe('succeeded')
    const preview = await job.verb('restore', { month: older, dryRun: 'true' })
    expect(preview.result).toMatchObject({ exitCode: 0, detail: { tables: [{ rows: 20 }, { rows: 10 }] } })
    let batches = 0
    const cut = await job.verb(
      'restore',
      { month: older },
      {
        reach: async (point) => {
          if (point === 'archive.restore-put-back' && ++batches === 2) throw new Error('cut short')
        },
      },
    )
    // The second batch is in the live table, and still in the archive.
    expect(cut.result).toMatchObject({
      exitCode: 70,
      counts: { restored: 8 },
      detail: { restored: { inBoth: 12 } },
    })
    expect([await count(database, 'orders'), await count(cold, 'orders_archive')]).toEqual([17, 32])
    expect((await job.verb('verify')).result).toMatchObject({ exitCode: 3, counts: { unsettled: 1 } })
    // The copies go with the next command, and the month stays where it is.
    expect((await job.run()).result.counts).toMatchObject({ archived: 0 })
    expect([await count(database, 'orders'), await count(cold, 'orders_archive')]).toEqual([17, 24])
    const again = await job.verb('restore', { month: older })
    expect(again.result).toMatchObject({ exitCode: 0, counts: { restored: 4, present: 0 } })
    expect((await job.verb('restore', { month: newer })).result.exitCode).toBe(0)
    expect(await readShop(database)).toEqual(before)
    expect((await job.verb('verify')).result).toMatchObject({ exitCode: 0, counts: { live: 0 } })
  })
})

describe('a restore that was cut short between its two servers', () => {
  for (const command of ['restore', 'run'] as const) {
    test(`leaves alone what the application did since, when ${command} comes next`, async ({
      database,
      cold,
      openCarry,
    }) => {
      await makeShop(database)
      const children = [{ table: 'payments', key: ['order_id'] }]
      const { job } = await openCarry({ job: { children } })
      await job.run()
      const cut = await job.verb('restore', { month: older }, { reach: throwAt('archive.restore-put-back') })
      expect(cut.result).toMatchObject({ exitCode: 70, detail: { restored: { inBoth: 30 } } })
      await database.query(`UPDATE orders SET note = 'changed since' WHERE id = 1;
        DELETE FROM payments WHERE order_id = 2; DELETE FROM orders WHERE id = 2`)
      const { result } = command === 'run' ? await job.run() : await job.verb('restore', { month: older })
      expect(result.exitCode, JSON.stringify(result)).toBe(command === 'run' ? 0 : 66)
      expect(await count(database, "orders WHERE id = 1 AND note = 'changed since'")).toBe(1)
      expect(await count(database, 'orders WHERE id BETWEEN 1 AND 20')).toBe(19)
      expect([await count(cold, 'orders_archive'), await count(cold, 'rowkeeper_journal')]).toEqual([20, 0])
      expect((await job.verb('verify')).result).toMatchObject({
        exitCode: 0,
        counts: { live: 0, unsettled: 0 },
      })
    })
  }

  for (const point of ['archive.carry-copied', 'archive.carry-deleted']) {
    test(`at ${point} has brought nothing back`, async ({ database, cold, openCarry }) => {
      await makeShop(database)
      await database.query('DROP TABLE payments')
      const { job } = await openCarry()
      await job.run()
      const cut = await job.verb('restore', { month: older }, { reach: throwAt(point) })
      expect(cut.result).toMatchObject({ exitCode: 70, counts: { restored: 0 } })
      expect([await count(database, 'orders'), await count(cold, 'orders_archive')]).toEqual([1, 40])
      expect((await job.verb('restore', { month: older })).result).toMatchObject({ counts: { restored: 20 } })
      expect([await count(database, 'orders'), await count(cold, 'rowkeeper_journal')]).toEqual([21, 0])
    })
  }
})

function throwAt(wanted: string) {
  return async (point: string) => {
    if (point === wanted) throw new Error('cut short')
  }
}

describe('verify', () => {
  test('leaves a batch between two servers to the next run', async ({ database, openCarry }) => {
    await makeShop(database)
    await database.query('DROP TABLE payments')
    const { job } = await openCarry({ job: { batch: { rows: 8 } } })
    const { result } = await job.run({
      reach: async (point) => {
        if (point === 'archive.carry-copied') throw new Error('cut short')
      },
    })
    expect(result.exitCode).toBe(70)
    const verified = await job.verb('verify')
    expect(verified.result).toMatchObject({
      exitCode: 3,
      counts: { proven: 1, differs: 0, live: 8, unsettled: 1 },
      next: ['rowkeeper run old-orders'],
    })
    await job.run()
    expect((await job.verb('verify')).result).toMatchObject({ exitCode: 0, counts: { live: 0, proven: 2 } })
  })
})
