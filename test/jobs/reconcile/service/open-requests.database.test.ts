import { createConnection } from 'mysql2/promise'
import { expect } from 'vitest'
import { systemClock } from '../../../../src/lib/clock.ts'
import { systemRandom } from '../../../../src/lib/random.ts'
import { type Provider, startProvider } from '../../../../src/sandbox/provider/server.ts'
import type { TestDatabase, TestRow } from '../../../support/database.ts'
import { type ReconcileShop, test } from '../../../support/reconcile-shop.ts'
import { everyKind } from './settle.ts'

/** What the database shows of our sessions while the provider holds a request open. */
interface Seen {
  readonly transactions: readonly TestRow[]
  readonly sessions: readonly TestRow[]
}

/** A provider in place of the shop's, which looks at the database in the middle of every request. */
async function withProbe(
  shop: ReconcileShop,
  concurrency: number,
  work: (provider: Provider, seen: readonly Seen[]) => Promise<void>,
): Promise<void> {
  const seen: Seen[] = []
  const observer = await createConnection({ uri: shop.database.url.replace(/[^/]*$/, 'information_schema') })
  const provider = await startProvider({
    clock: systemClock,
    random: systemRandom,
    transactionProbe: async () => {
      const query = async (sql: string) => (await observer.query(sql, [shop.database.name]))[0] as TestRow[]
      seen.push({ transactions: await query(openTransactions), sessions: await query(busySessions) })
    },
  })
  try {
    await shop.configure({ service: { baseUrl: provider.baseUrl, concurrency } })
    for (const row of await shop.rows()) {
      const external = row.status === 'FAILED' || row.status === 'PENDING' ? 'PAID' : 'FAILED'
      const { id, order_id: orderId, amount, currency } = row
      provider.state.create({
        id: `pay_${id}`,
        orderId: String(orderId),
        amount: String(amount),
        currency: String(currency),
        status: external,
      })
    }
    await work(provider, seen)
  } finally {
    await provider.stop()
    await observer.end()
  }
}

const openTransactions = `SELECT trx_id, trx_state, trx_query FROM information_schema.innodb_trx
  JOIN information_schema.PROCESSLIST ON ID = trx_mysql_thread_id WHERE DB = ?`

/** The heartbeat of the ledger has nothing to do with the request; it runs once in several seconds. */
const busySessions = `SELECT ID, COMMAND, INFO FROM information_schema.PROCESSLIST
  WHERE DB = ? AND COMMAND <> 'Sleep' AND COALESCE(INFO, '') NOT LIKE '%heartbeat%'`

/** Made by the fixture's own connection, which only this test uses. */
async function seedHere(database: TestDatabase, rows: number): Promise<void> {
  const values = Array.from({ length: rows }, (_, index) => {
    const status = everyKind[index % everyKind.length]?.local ?? 'PENDING'
    return `(${index + 1}, 'o-${index + 1}', '${status}', 12.30, 'EUR', UTC_TIMESTAMP() - INTERVAL 1 HOUR)`
  })
  await database.query(
    `INSERT INTO payments (id, order_id, status, amount, currency, created_at) VALUES ${values.join(', ')}`,
  )
}

test('no transaction of ours is open and no session works while the service is asked', async ({ shop }) => {
  await seedHere(shop.database, 15)
  await withProbe(shop, 1, async (provider, seen) => {
    const { result } = await shop.run()
    expect(result.counts).toMatchObject({ fixed: 9, compensated: 3 })
    expect(provider.state.mutations()).toHaveLength(3)
    expect(seen.length).toBeGreaterThan(20)
    for (const { transactions, sessions } of seen) expect({ transactions, sessions }).toEqual(nothing)
  })
})

const nothing = { transactions: [], sessions: [] }

test('nor while sixteen requests are open at once', async ({ shop }) => {
  await seedHere(shop.database, 80)
  await withProbe(shop, 16, async (provider, seen) => {
    await shop.run()
    expect(provider.state.counts().mostOpen).toBeGreaterThan(8)
    expect(provider.state.counts().mostOpen).toBeLessThanOrEqual(16)
    for (const { transactions, sessions } of seen) expect({ transactions, sessions }).toEqual(nothing)
  })
})

/** The harness proved: the probe does see a transaction that is open. */
test('the probe would see an open transaction', async ({ shop }) => {
  await seedHere(shop.database, 3)
  await shop.database.query("BEGIN; UPDATE payments SET amount = 1 WHERE status = 'none'")
  await withProbe(shop, 1, async (_provider, seen) => {
    await shop.plan()
    expect(seen.some(({ transactions }) => transactions.length > 0)).toBe(true)
  })
  await shop.database.query('ROLLBACK')
})
