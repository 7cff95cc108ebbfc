import { describe, expect } from 'vitest'
import { createHurriedClock } from '../../../support/hurried-clock.ts'
import { type ReconcileShop, test as shopTest } from '../../../support/reconcile-shop.ts'
import { type ProxyFault, startTcpProxy, type TcpProxy } from '../../../support/tcp-proxy.ts'
import { recover } from './recover.ts'
import { mixedFates } from './truth.ts'
import { findViolations } from './violations.ts'

const fates = mixedFates(6)

const test = shopTest.extend<{ proxy: TcpProxy }>({
  proxy: async ({ database }, use) => {
    const proxy = await startTcpProxy(database.url)
    await use(proxy)
    await proxy.stop()
  },
})

/** The transactions of a run, by the label of their marker row. */
const labels = ['findings', 'fix', 'intent', 'send', 'operation', 'conclude'] as const
const faults: readonly ProxyFault[] = ['loseAnswer', 'loseCommand', 'holdAnswer', 'holdCommand']

function commitOf(label: string) {
  return { statement: /COMMIT/, after: new RegExp(`insert-batch[^]*'${label}'`) }
}

/** A held answer ends with the statement timeout; nobody shall wait a minute for it here. */
const quick = { database: { timeouts: { statement: '1s' } } }

async function findDoubleWork({ database }: ReconcileShop): Promise<unknown> {
  return database.query('SELECT label, COUNT(*) AS n FROM rowkeeper_batch GROUP BY label ORDER BY label')
}

/** Three fixes, and one cancel with its four transactions; each of them once. */
const everyTransactionOnce = [
  { label: 'conclude', n: '1' },
  { label: 'findings', n: '1' },
  { label: 'fix', n: '3' },
  { label: 'intent', n: '1' },
  { label: 'operation', n: '1' },
  { label: 'send', n: '1' },
]

describe('a COMMIT whose reply does not come', () => {
  for (const label of labels) {
    for (const fault of faults) {
      test(`${fault} of ${label}: found out, and the run goes on`, async ({ shop, proxy }) => {
        await shop.configure(quick)
        await shop.seed(fates)
        proxy.intercept({ ...commitOf(label), fault })
        const { result } = await shop.run({ url: proxy.url })
        expect(proxy.interceptions()).toBe(1)
        expect(result.error).toBeUndefined()
        expect(result).toMatchObject({ exitCode: 0, counts: { fixed: 3, compensated: 1 } })
        expect(await findViolations(shop, fates)).toEqual([])
        expect(await findDoubleWork(shop)).toEqual(everyTransactionOnce)
      })
    }
  }

  test('of the lease: it is ours, or taken once more', async ({ shop, proxy }) => {
    await shop.seed(fates)
    for (const fault of ['loseAnswer', 'loseCommand'] as const) {
      proxy.intercept({ statement: /COMMIT/, after: /lease\.insert/, fault })
      const { result } = await shop.run({ url: proxy.url })
      expect(result.error).toBeUndefined()
      expect(await shop.leases()).toEqual([])
    }
    expect(proxy.interceptions()).toBe(2)
    expect(await findViolations(shop, fates)).toEqual([])
  })

  test('waits for the old transaction: a COMMIT that the server hears late still counts', async ({
    shop,
    proxy,
  }) => {
    await shop.configure(quick)
    await shop.seed(fates)
    proxy.intercept({ ...commitOf('fix'), fault: 'holdCommand' })
    // Without these the resolver would have ended the old session, and there would be nothing to wait for.
    proxy.intercept({ statement: /rowkeeper kill/, fault: 'loseCommand', times: 100 })
    const running = shop.run({ url: proxy.url })
    await expect.poll(() => countLockWaits(shop), { timeout: 10_000, interval: 20 }).toBeGreaterThan(0)
    expect(await shop.fixes()).toEqual([])
    proxy.deliverHeld()
    const { result } = await running
    expect(result).toMatchObject({ exitCode: 0, counts: { fixed: 3, compensated: 1 } })
    expect(await findViolations(shop, fates)).toEqual([])
    expect(await findDoubleWork(shop)).toEqual(everyTransactionOnce)
  })

  test('when nobody can be asked the run says that it does not know, and the next one finds out', async ({
    shop,
    proxy,
  }) => {
    await shop.configure({ database: { timeouts: { statement: '20s', connect: '200ms' } } })
    await shop.seed(fates)
    proxy.intercept({ ...commitOf('fix'), fault: 'holdAnswer' })
    const running = shop.run({ url: proxy.url, clock: createHurriedClock(20) })
    await expect.poll(() => proxy.interceptions(), { timeout: 10_000, interval: 5 }).toBe(1)
    proxy.freeze()
    const { result } = await running
    proxy.thaw()
    expect(result).toMatchObject({ exitCode: 6, status: 'unknown', effect: 'unknown' })
    expect(result.error).toMatchObject({ code: 'run.commitUnknown' })
    // The lease could not be given back; it runs out after a minute.
    await shop.database.query('UPDATE rowkeeper_lease SET expires_at = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND')
    await recover(shop)
    expect(await findViolations(shop, fates)).toEqual([])
  })
})

async function countLockWaits({ database }: ReconcileShop): Promise<number> {
  const waiting = await database.query(
    "SELECT ID FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND INFO LIKE '%select-batch-locked%' AND ID <> CONNECTION_ID()",
  )
  return waiting.length
}
