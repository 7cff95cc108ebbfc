import { describe, expect } from 'vitest'
import { type ReconcileShop, test as shopTest } from '../../../support/reconcile-shop.ts'
import { openSession, type TestSession } from '../../../support/session.ts'
import { recover } from './recover.ts'
import { mixedFates } from './truth.ts'
import { findViolations } from './violations.ts'

const test = shopTest.extend<{ other: TestSession }>({
  other: async ({ database }, use) => {
    const other = await openSession(database.url)
    await use(other)
    await other.close()
  },
})

const fates = mixedFates(12)
const impatient = { database: { timeouts: { lockWait: '1s' } } }

/** Payments 1, 3, 4, 7, 9 and 10 are fixed, in this order. */
async function hold(other: TestSession, ids: readonly number[]): Promise<void> {
  await other.query('START TRANSACTION')
  // One by one: a range would hold what lies between as well.
  for (const id of ids) await other.query('SELECT id FROM payments WHERE id = ? FOR UPDATE', [id])
}

async function waitUntilBlocked({ database }: ReconcileShop): Promise<void> {
  const waiting =
    "SELECT 1 AS waiting FROM information_schema.PROCESSLIST WHERE DB = DATABASE() AND INFO LIKE '%reconcile.update-row%' AND ID <> CONNECTION_ID()"
  await expect.poll(() => database.query(waiting), { timeout: 10_000, interval: 10 }).toHaveLength(1)
}

describe('a row that another session holds', () => {
  test('is waited for and fixed', async ({ shop, other }) => {
    await shop.configure(impatient)
    await shop.seed(fates)
    await hold(other, [3])
    const running = shop.run()
    await waitUntilBlocked(shop)
    // Longer than one wait for the lock: the transaction is begun anew.
    await shop.database.query('DO SLEEP(1.3)')
    await other.query('COMMIT')
    expect((await running).result).toMatchObject({ exitCode: 0, counts: { fixed: 6, compensated: 2 } })
    expect(await findViolations(shop, fates)).toEqual([])
  })

  test('is left for later when it stays held, and the others are fixed', async ({ shop, other }) => {
    await shop.configure(impatient)
    await shop.seed(fates)
    await hold(other, [3])
    const { result } = await shop.run()
    expect(result).toMatchObject({ exitCode: 3, status: 'partial', counts: { fixed: 5, compensated: 2 } })
    expect(await shop.fixes()).toHaveLength(7)
    await other.query('ROLLBACK')
    await recover(shop)
    expect(await findViolations(shop, fates)).toEqual([])
  })

  test('three in a row: the run gives up instead of waiting for every row', async ({ shop, other }) => {
    await shop.configure(impatient)
    await shop.seed(fates)
    await hold(other, [3, 4, 7])
    const { result } = await shop.run()
    expect(result).toMatchObject({ exitCode: 75, effect: 'partial', counts: { fixed: 1 } })
    expect(result.error).toMatchObject({ code: 'database.statementOnly' })
    await other.query('ROLLBACK')
    await recover(shop)
    expect(await findViolations(shop, fates)).toEqual([])
  })

  test('is not touched when its holder changes it', async ({ shop, other }) => {
    await shop.seed(fates)
    await hold(other, [3])
    const running = shop.run()
    await waitUntilBlocked(shop)
    await other.query("UPDATE payments SET status = 'REFUNDED' WHERE id = 3")
    await other.query('COMMIT')
    expect((await running).result).toMatchObject({ exitCode: 0, counts: { fixed: 5, compensated: 2 } })
    expect((await shop.rows())[2]).toMatchObject({ status: 'REFUNDED' })
    expect((await shop.fixes()).filter(({ reference }) => reference === 'o-3')).toEqual([])
  })
})

describe('a deadlock', () => {
  test('in which we are the victim restarts the transaction', async ({ shop, other }) => {
    await shop.seed(fates)
    await shop.database.query('CREATE TABLE ballast (id INT PRIMARY KEY AUTO_INCREMENT, text VARCHAR(20))')
    await other.query('START TRANSACTION')
    // The server ends the transaction that changed fewer rows.
    await other.query(
      "INSERT INTO ballast (text) WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 500) SELECT 'x' FROM n",
    )
    await other.query('SELECT id FROM payments WHERE id = 3 FOR UPDATE')
    const running = shop.run()
    await waitUntilBlocked(shop)
    // The run's transaction shares the lease's row; wanting it alone closes the circle.
    await other.query('SELECT name FROM rowkeeper_lease FOR UPDATE')
    await other.query('ROLLBACK')
    expect((await running).result).toMatchObject({ exitCode: 0, counts: { fixed: 6, compensated: 2 } })
    expect(await findViolations(shop, fates)).toEqual([])
    expect(await deadlocks(shop)).toBeGreaterThan(0)
  })
})

/** The server's own word that there was one since it started, this database's tables in it. */
async function deadlocks({ database }: ReconcileShop): Promise<number> {
  const [row] = await database.query('SHOW ENGINE INNODB STATUS')
  const [, latest = ''] =
    /LATEST DETECTED DEADLOCK([\s\S]*?)\n-{4,}\nTRANSACTIONS/.exec(String(row?.Status)) ?? []
  return latest.split(database.name).length - 1
}
