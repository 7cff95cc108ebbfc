import { expect } from 'vitest'
import type { TestDatabase } from '../../../support/database.ts'
import { type ReconcileShop, test } from '../../../support/reconcile-shop.ts'
import { everyKind, everyTruth, statusesHere } from './settle.ts'

async function readBinaryLogPosition(database: TestDatabase): Promise<unknown> {
  const [version] = await database.query('SELECT VERSION() AS version')
  const isMariadb = String(version?.version).includes('MariaDB')
  const [row] = await database.query(isMariadb ? 'SHOW MASTER STATUS' : 'SHOW BINARY LOG STATUS')
  expect(row?.Position, 'the test server writes no binary log').toBeDefined()
  return `${row?.File}:${row?.Position}`
}

/** An account of this test alone; it goes with the database when the test passed. */
async function createReader(shop: ReconcileShop): Promise<string> {
  const { database } = shop
  const name = database.name.slice(0, 30)
  await database.query(`
    DROP USER IF EXISTS '${name}'@'%'; CREATE USER '${name}'@'%' IDENTIFIED BY 'only-reads';
    GRANT SELECT ON ${database.name}.* TO '${name}'@'%'`)
  const url = new URL(database.url)
  url.username = name
  url.password = 'only-reads'
  return url.href
}

async function dropReader({ database }: ReconcileShop): Promise<void> {
  await database.query(`DROP USER '${database.name.slice(0, 30)}'@'%'`)
}

/** Other test files write on the same server, so an unchanged position is waited for, not demanded at once. */
const QUIET_TRIES = 20

test('a plan sends GET only, and the server logs no write of it', async ({ shop }) => {
  await shop.seed(everyKind)
  for (let tries = 1; ; tries++) {
    const before = await readBinaryLogPosition(shop.database)
    const planned = await shop.plan()
    expect(planned.result).toMatchObject({ exitCode: 0, dryRun: true, counts: { mismatched: 4 } })
    const after = await readBinaryLogPosition(shop.database)
    if (after === before) break
    expect(tries, `${before} became ${after}`).toBeLessThan(QUIET_TRIES)
  }
  expect(new Set(shop.provider.state.requests().map(({ method }) => method))).toEqual(new Set(['GET']))
  expect(await shop.items()).toEqual([])
  expect(await shop.runs()).toEqual([])
})

test('a plan needs no more than SELECT, and no control tables', async ({ shop }) => {
  await shop.seed(everyKind)
  const tables = await shop.database.query("SHOW TABLES LIKE 'rowkeeper%'")
  for (const table of tables) await shop.database.query(`DROP TABLE ${Object.values(table)[0]}`)
  const url = await createReader(shop)
  try {
    const planned = await shop.plan({ url })
    expect(planned.result).toMatchObject({ status: 'succeeded', counts: { examined: 5, mismatched: 4 } })
    const ended = await shop.run()
    expect(ended.result).toMatchObject({ exitCode: 4, error: { code: 'state.missing' } })
    expect(ended.result.error?.hint).toContain('rowkeeper state install')
    expect(shop.provider.state.mutations()).toEqual([])
  } finally {
    await dropReader(shop)
  }
})

test('the plan is what the run then does', async ({ shop }) => {
  await shop.seed(everyKind)
  const planned = await shop.plan()
  const ended = await shop.run()
  const { counts } = ended.result
  expect((counts.fixed ?? 0) + (counts.compensated ?? 0)).toBe(planned.result.counts.mismatched)
  expect(await statusesHere(shop)).toEqual(everyTruth.here)
})

test('a plan reports what the control tables know: rows not due are not looked up', async ({ shop }) => {
  await shop.seed(everyKind)
  // A changed row is looked at once more in its new state.
  await shop.run()
  await shop.run()
  const asked = shop.provider.state.counts().requests
  const planned = await shop.plan()
  expect(planned.result.counts.examined).toBe(0)
  expect(shop.provider.state.counts().requests).toBe(asked)
})
