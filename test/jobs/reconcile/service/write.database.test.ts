import { describe, expect } from 'vitest'
import { test } from '../../../support/reconcile-shop.ts'
import { everyKind, everyTruth, expectSafe, runUntilSettled, statusesHere } from './settle.ts'

const outbox = `CREATE TABLE outbox (
  id BIGINT PRIMARY KEY AUTO_INCREMENT, topic VARCHAR(40) NOT NULL, item VARCHAR(40) NOT NULL, payload TEXT NOT NULL)`
const also = { insertInto: 'outbox', values: { topic: 'payment.fixed', item: '{key}', payload: '{fix}' } }

describe('what a fix writes', () => {
  test('is a status, further columns, and the time of the server', async ({ shop }) => {
    await shop.database.query(
      'ALTER TABLE payments ADD COLUMN note VARCHAR(40) NULL, ADD COLUMN tries INT NULL',
    )
    await shop.configure({
      database: { dateTimeZone: 'Asia/Seoul' },
      job: { write: { paid: { status: 'PAID', paid_at: 'now', note: 'by rowkeeper', tries: 7 } } },
    })
    await shop.seed([{ local: 'PENDING', external: 'PAID', ageMinutes: 60 }])
    await shop.database.query('UPDATE payments SET created_at = created_at + INTERVAL 9 HOUR')
    expect((await shop.run()).result.exitCode).toBe(0)
    const [row] = await shop.database.query(
      'SELECT note, tries, ABS(TIMESTAMPDIFF(SECOND, paid_at, UTC_TIMESTAMP() + INTERVAL 9 HOUR)) AS late FROM payments',
    )
    expect(row).toMatchObject({ note: 'by rowkeeper', tries: 7 })
    expect(Number(row?.late)).toBeLessThan(60)
    const [fix] = await shop.fixes()
    expect(JSON.parse(String(fix?.old_values))).toEqual({ status: 'PENDING' })
    expect(JSON.parse(String(fix?.new_values))).toMatchObject({
      status: 'PAID',
      note: 'by rowkeeper',
      tries: '7',
    })
  })

  test('comes with an outbox row for every change, the compensation too', async ({ shop }) => {
    await shop.database.query(outbox)
    await shop.configure({ job: { also } })
    await shop.seed(everyKind)
    await shop.run()
    const rows = await shop.database.query('SELECT * FROM outbox ORDER BY CAST(item AS SIGNED)')
    expect(rows.map(({ item }) => item)).toEqual(['1', '2', '3', '4'])
    expect(JSON.parse(String(rows[0]?.payload))).toMatchObject({
      job: 'payments',
      key: ['1'],
      reference: 'o-1',
      action: 'mark paid',
      from: 'PENDING',
      to: 'PAID',
    })
    expect(JSON.parse(String(rows[3]?.payload))).toMatchObject({ action: 'compensate', from: 'FAILED' })
  })

  test('is nothing at all when its outbox row cannot be written', async ({ shop }) => {
    await shop.database.query(`${outbox}; ALTER TABLE outbox ADD COLUMN forgotten INT NOT NULL`)
    await shop.configure({ job: { also } })
    await shop.seed(everyKind)
    const { result } = await shop.run()
    expect(result).toMatchObject({ exitCode: 1, status: 'failed', effect: 'none', counts: { fixed: 0 } })
    expect(result.error?.message).toMatch(/reconcile\.insert-also: .*forgotten/)
    expect(await statusesHere(shop)).toEqual(everyKind.map(({ local }) => local))
    expect(await shop.fixes()).toEqual([])
  })

  test('of a confirmed cancel is configured, or the row keeps its status', async ({ shop }) => {
    await shop.configure({ job: { write: { compensated: 'REFUNDED' } } })
    await shop.seed([{ local: 'FAILED', external: 'PAID' }])
    expect((await shop.run()).result).toMatchObject({ exitCode: 0, counts: { compensated: 1 } })
    expect(await statusesHere(shop)).toEqual(['REFUNDED'])
    const [fix] = await shop.fixes()
    expect(JSON.parse(String(fix?.new_values))).toEqual({ status: 'REFUNDED' })
    await runUntilSettled(shop)
    expect(shop.provider.state.mutations()).toHaveLength(1)
  })
})

describe('what is never changed by itself', () => {
  test('rows that blockCompensation names', async ({ shop }) => {
    await shop.database.query('ALTER TABLE payments ADD COLUMN shipped_at DATETIME NULL')
    await shop.configure({ job: { blockCompensation: 'shipped_at IS NOT NULL' } })
    await shop.seed([
      { local: 'FAILED', external: 'PAID' },
      { local: 'FAILED', external: 'PAID' },
    ])
    await shop.database.query('UPDATE payments SET shipped_at = UTC_TIMESTAMP() WHERE id = 1')
    const { result } = await shop.run()
    expect(result).toMatchObject({ exitCode: 3, counts: { compensated: 1, review: 1 } })
    expect(shop.provider.state.payment('pay_1')?.status).toBe('PAID')
    expect(await shop.items()).toContainEqual(
      expect.objectContaining({
        reference: 'o-1',
        state: 'review',
        reason: expect.stringContaining('blockCompensation forbids a cancel'),
      }),
    )
  })

  test('rows flagged as disputed', async ({ shop }) => {
    await shop.database.query('ALTER TABLE payments ADD COLUMN disputed BIT(1) NOT NULL DEFAULT 0')
    await shop.configure({ job: { columns: { ...columns, disputed: 'disputed' } } })
    await shop.seed(everyKind)
    await shop.database.query('UPDATE payments SET disputed = 1')
    const { result } = await shop.run()
    expect(result).toMatchObject({ exitCode: 3, counts: { fixed: 0, compensated: 0, review: 4 } })
    expect(shop.provider.state.mutations()).toEqual([])
    expect(await statusesHere(shop)).toEqual(everyKind.map(({ local }) => local))
  })

  test('what actions turn off or leave to people', async ({ shop }) => {
    const off = { markPaid: 'off', markFailed: 'review', markRefunded: 'off', compensate: 'off' }
    await shop.configure({ job: { actions: off } })
    await shop.seed(everyKind)
    const { result } = await shop.run()
    expect(result).toMatchObject({
      exitCode: 3,
      counts: { mismatched: 4, fixed: 0, compensated: 0, review: 1 },
    })
    expect(result.detail.mismatches).toContainEqual({
      kind: 'failed+paid',
      found: 1,
      automatic: 0,
      review: 0,
      off: 1,
    })
    expect(await statusesHere(shop)).toEqual(everyKind.map(({ local }) => local))
  })
})

const columns = {
  reference: 'order_id',
  externalId: 'payment_key',
  status: 'status',
  amount: 'amount',
  currency: 'currency',
  createdAt: 'created_at',
  updatedAt: 'updated_at',
}

describe('a row the application changes between look and write', () => {
  const changes: readonly [string, string][] = [
    ['its status', "status = 'CAPTURED'"],
    ['to the very status the fix would write', "status = 'PAID'"],
    ['only its updatedAt', 'updated_at = updated_at + INTERVAL 1 SECOND'],
  ]
  for (const [name, change] of changes) {
    test(`(${name}) is left alone and counted`, async ({ shop }) => {
      await shop.seed(everyKind)
      const { result } = await shop.run({
        reach: async (point) => {
          if (point === 'run.page-planned')
            await shop.database.query(`UPDATE payments SET ${change} WHERE id IN (1, 4)`)
        },
      })
      expect(result).toMatchObject({ exitCode: 0, counts: { fixed: 2, compensated: 0 } })
      expect(result.detail.endings).toMatchObject({ changedMeanwhile: 2 })
      expect((await shop.fixes()).map(({ reference }) => reference)).toEqual(['o-2', 'o-3'])
      expect(shop.provider.state.mutations()).toEqual([])
    })
  }

  test('is recognised by its version', async ({ shop }) => {
    await shop.database.query('ALTER TABLE payments ADD COLUMN version INT NOT NULL DEFAULT 1')
    const { updatedAt, ...others } = columns
    await shop.configure({ job: { columns: { ...others, version: 'version' } } })
    await shop.seed(everyKind)
    const { result } = await shop.run({
      reach: async (point) => {
        if (point === 'run.page-planned')
          await shop.database.query(
            `UPDATE payments SET version = 2, ${updatedAt} = ${updatedAt} WHERE id IN (1, 4)`,
          )
      },
    })
    expect(result.detail.endings).toMatchObject({ changedMeanwhile: 2 })
    expect(await statusesHere(shop)).toEqual(['PENDING', 'FAILED', 'REFUNDED', 'FAILED', 'PAID'])
    await runUntilSettled(shop)
    expect(await statusesHere(shop)).toEqual(everyTruth.here)
    await expectSafe(shop)
  })
})
