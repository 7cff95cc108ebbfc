import { describe, expect } from 'vitest'
import type { PaymentStatus } from '../../../../src/sandbox/provider/payment.ts'
import { type ReconcileShop, test } from '../../../support/reconcile-shop.ts'
import { expectSafe, runUntilSettled } from './settle.ts'

interface KeyCase {
  readonly name: string
  readonly definition: string
  readonly key: readonly string[]
  /** Two rows with these key values in SQL, in the order of the key's columns. */
  readonly values: readonly (readonly string[])[]
  /** As the audit has them. */
  readonly written: readonly (readonly string[])[]
}

const keyCases: readonly KeyCase[] = [
  {
    name: 'composite',
    definition: 'shop INT NOT NULL, number INT NOT NULL, PRIMARY KEY (shop, number)',
    key: ['shop', 'number'],
    values: [
      ['7', '1'],
      ['7', '2'],
    ],
    written: [
      ['7', '1'],
      ['7', '2'],
    ],
  },
  {
    name: 'BINARY(16)',
    definition: 'uid BINARY(16) NOT NULL PRIMARY KEY',
    key: ['uid'],
    values: [["X'00ff00000000000000000000000027ff'"], ["X'5c000000000000000000000000000a22'"]],
    written: [['00ff00000000000000000000000027ff'], ['5c000000000000000000000000000a22']],
  },
  {
    name: 'text',
    definition: 'code VARCHAR(40) NOT NULL PRIMARY KEY',
    key: ['code'],
    values: [["'o''brien\\\\'"], ['\'😀 "x" -- %\'']],
    written: [["o'brien\\"], ['😀 "x" -- %']],
  },
  {
    name: 'BIGINT beyond what a float holds',
    definition: 'id BIGINT UNSIGNED NOT NULL PRIMARY KEY',
    key: ['id'],
    values: [['18446744073709551614'], ['18446744073709551615']],
    written: [['18446744073709551614'], ['18446744073709551615']],
  },
]

async function rebuild(shop: ReconcileShop, { definition, key, values }: KeyCase): Promise<void> {
  await shop.database.query(`DROP TABLE payments; CREATE TABLE payments (${definition},
    order_id VARCHAR(40) NOT NULL, payment_key VARCHAR(64) NULL, status VARCHAR(16) NOT NULL,
    amount DECIMAL(12,2) NOT NULL, currency CHAR(3) NOT NULL, created_at DATETIME(3) NOT NULL,
    updated_at TIMESTAMP(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3),
    paid_at DATETIME NULL, KEY by_created_at (created_at))`)
  await shop.configure({ job: { key } })
  const statuses = ['PENDING', 'FAILED']
  for (const [index, keyValues] of values.entries()) {
    // The same moment for both: the key decides which comes first.
    await shop.database.query(`INSERT INTO payments (${key.join(', ')}, order_id, status, amount, currency, created_at)
      VALUES (${keyValues.join(', ')}, 'o-${index + 1}', '${statuses[index]}', 12.30, 'EUR', UTC_DATE() - INTERVAL 1 DAY)`)
    const payment = { id: `pay_${index + 1}`, orderId: `o-${index + 1}`, amount: '12.30', currency: 'EUR' }
    shop.provider.state.create(payment)
  }
}

describe('keys', () => {
  for (const keyCase of keyCases) {
    test(`${keyCase.name}: the row is found, changed, and only that row`, async ({ shop }) => {
      await rebuild(shop, keyCase)
      const { result } = await shop.run()
      expect(result).toMatchObject({ exitCode: 0, counts: { examined: 2, fixed: 1, compensated: 1 } })
      const rows = await shop.database.query('SELECT status FROM payments ORDER BY order_id')
      expect(rows.map(({ status }) => status)).toEqual(['PAID', 'FAILED'])
      const keys = (await shop.fixes()).map((fix) => JSON.parse(String(fix.item_key)))
      // In the order of the key, which is the server's collation.
      expect(new Set(keys.map(String))).toEqual(new Set(keyCase.written.map(String)))
      await expectSafe(shop)
    })

    test(`${keyCase.name}: rows of one moment are paged through by the key`, async ({ shop }) => {
      await rebuild(shop, keyCase)
      const { result } = await shop.run({ limit: 1 })
      expect(result.counts.examined).toBe(1)
      await runUntilSettled(shop)
      expect(shop.provider.state.payment('pay_2')?.status).toBe('CANCELLED')
    })
  }
})

interface MoneyCase {
  readonly name: string
  readonly column: string
  readonly here: string
  readonly there: string
  readonly currency: string
  readonly amountUnit: 'major' | 'minor'
  readonly agrees: boolean
}

const moneyCases: readonly MoneyCase[] = [
  money('KRW has no minor unit', 'BIGINT', '5000', '5000', 'KRW', 'minor'),
  money('JPY in a decimal column', 'DECIMAL(12,2)', '5000.00', '5000', 'JPY', 'major'),
  money('KWD has three places', 'DECIMAL(12,3)', '1.234', '1.234', 'KWD', 'major'),
  money('KWD in fils', 'BIGINT', '1234', '1.234', 'KWD', 'minor'),
  money('EUR in cents', 'INT', '1230', '12.30', 'EUR', 'minor'),
  money(
    'beyond what a float holds',
    'DECIMAL(20,2)',
    '90071992547409.93',
    '90071992547409.93',
    'EUR',
    'major',
  ),
  {
    ...money(
      'one cent beside a large amount',
      'DECIMAL(20,2)',
      '90071992547409.92',
      '90071992547409.93',
      'EUR',
      'major',
    ),
    agrees: false,
  },
  { ...money('cents taken for euros', 'INT', '1230', '12.30', 'EUR', 'major'), agrees: false },
  { ...money('one won too much', 'BIGINT', '5001', '5000', 'KRW', 'minor'), agrees: false },
]

function money(
  name: string,
  column: string,
  here: string,
  there: string,
  currency: string,
  amountUnit: 'major' | 'minor',
): MoneyCase {
  return { name, column, here, there, currency, amountUnit, agrees: true }
}

describe('amounts', () => {
  for (const { name, column, here, there, currency, amountUnit, agrees } of moneyCases) {
    test(`${name}: ${agrees ? 'the same' : 'not the same'}`, async ({ shop }) => {
      await shop.database.query(`ALTER TABLE payments MODIFY amount ${column} NOT NULL`)
      await shop.configure({ job: { amountUnit } })
      await shop.seed([
        { local: 'PENDING', external: undefined, amount: here, currency },
        { local: 'FAILED', external: undefined, amount: here, currency },
      ])
      for (const number of [1, 2])
        shop.provider.state.create({ id: `pay_${number}`, orderId: `o-${number}`, amount: there, currency })
      const { result } = await shop.run()
      if (!agrees) {
        expect(result).toMatchObject({ exitCode: 3, counts: { fixed: 0, compensated: 0, review: 2 } })
        expect(shop.provider.state.mutations()).toEqual([])
        return
      }
      expect(result).toMatchObject({ exitCode: 0, counts: { fixed: 1, compensated: 1 } })
      expect(shop.provider.state.payment('pay_2')).toMatchObject({ status: 'CANCELLED' })
      expect(Object.keys(result.detail.cancelled as object)).toEqual([currency])
    })
  }

  test('another currency is another payment', async ({ shop }) => {
    await shop.seed([{ local: 'PENDING', external: undefined, currency: 'USD' }])
    shop.provider.state.create({ id: 'pay_1', orderId: 'o-1', amount: '12.30', currency: 'EUR' })
    expect((await shop.run()).result).toMatchObject({ exitCode: 3, counts: { fixed: 0, review: 1 } })
  })

  test('a part given back by somebody else: the whole is not cancelled', async ({ shop }) => {
    await shop.seed([{ local: 'FAILED', external: undefined }])
    const status: PaymentStatus = 'PARTIAL'
    shop.provider.state.create({
      id: 'pay_1',
      orderId: 'o-1',
      amount: '12.30',
      currency: 'EUR',
      status,
      refunded: '2.30',
    })
    expect((await shop.run()).result).toMatchObject({ exitCode: 3, counts: { compensated: 0, review: 1 } })
    expect(shop.provider.state.mutations()).toEqual([])
  })
})
