import { expect } from 'vitest'
import { createStopControl } from '../../../../src/lib/abort.ts'
import { systemClock } from '../../../../src/lib/clock.ts'
import { type ReconcileShop, type ShopPayment, test } from '../../../support/reconcile-shop.ts'

const ROWS = 5000

/** One in ten is to be marked paid; the others agree. Ages spread over the look-back, several rows of one moment. */
function manyPayments(): readonly ShopPayment[] {
  return Array.from({ length: ROWS }, (_, index) => ({
    local: index % 10 === 0 ? 'PENDING' : 'PAID',
    external: 'PAID',
    ageMinutes: 60 + Math.floor(index / 4) * 20,
  }))
}

async function seedMany(shop: ReconcileShop): Promise<void> {
  await shop.configure({
    service: { concurrency: 16 },
    job: { limits: { maxFixes: ROWS, maxChangedRatio: '100%' } },
  })
  await shop.seed(manyPayments())
  await shop.database.query('ANALYZE TABLE payments')
}

async function countPending({ database }: ReconcileShop): Promise<number> {
  const [row] = await database.query("SELECT COUNT(*) AS pending FROM payments WHERE status = 'PENDING'")
  return Number(row?.pending)
}

test('five thousand rows are paged through: each looked at once, each fixed once', async ({ shop }) => {
  await seedMany(shop)
  let pages = 0
  const { result } = await shop.run({
    reach: async (point) => {
      if (point === 'run.page-planned') pages += 1
    },
  })
  expect(result).toMatchObject({
    exitCode: 0,
    counts: { examined: ROWS, fixed: ROWS / 10, matched: (ROWS * 9) / 10 },
  })
  expect(pages).toBeGreaterThan(2)
  expect(shop.provider.state.counts().requests).toBe(ROWS)
  expect(await countPending(shop)).toBe(0)
  expect(await shop.fixes()).toHaveLength(ROWS / 10)
})

test('a run that was stopped goes on at its checkpoint; --restart begins at the first row', async ({
  shop,
}) => {
  await seedMany(shop)
  const control = createStopControl(systemClock, 20_000)
  const stopped = await shop.run({
    control,
    reach: async (point) => {
      if (point === 'run.page-done') control.request('stopped')
    },
  })
  control.release()
  expect(stopped.result).toMatchObject({ exitCode: 5, status: 'stopped' })
  const done = Number(stopped.result.counts.examined)
  expect(done).toBeGreaterThan(0)
  expect(done).toBeLessThan(ROWS)
  const [saved] = await shop.database.query('SELECT checkpoint FROM rowkeeper_run')
  expect(JSON.parse(String(saved?.checkpoint))).toMatchObject({ after: { createdText: expect.any(String) } })
  const rest = await shop.run()
  expect(rest.result).toMatchObject({ exitCode: 0, counts: { examined: ROWS - done } })
  expect(await countPending(shop)).toBe(0)
  // Due all at once, and half of them before the point where the second run began.
  await shop.database.query('UPDATE rowkeeper_item SET next_check_at = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND')
  const again = await shop.run({ from: 'start' })
  expect(again.result.counts.examined).toBe(ROWS)
})

test('every page is read along the index, also where the look-back covers the whole table', async ({
  shop,
}) => {
  await seedMany(shop)
  const explained: string[] = []
  const { result } = await shop.plan({
    limit: 1,
    emit: (event) => {
      if (event.type === 'checkFailed') explained.push(event.finding.id)
    },
  })
  expect(result.exitCode).toBe(0)
  expect(explained).toEqual([])
  for (const position of ["'2000-01-01'", 'UTC_TIMESTAMP() - INTERVAL 7 DAY']) {
    const plan = await shop.database.query(explainPage(position))
    expect(plan).toMatchObject([{ type: 'range', key: 'payments_by_created_at' }])
    expect(String(plan[0]?.Extra)).not.toContain('filesort')
  }
})

/** As the job asks for a page, the first and a later one. */
function explainPage(position: string): string {
  return `EXPLAIN FORMAT=TRADITIONAL SELECT id, order_id, status FROM payments FORCE INDEX (payments_by_created_at)
    WHERE created_at >= '2000-01-01' AND created_at <= UTC_TIMESTAMP()
      AND created_at >= ${position} AND ((created_at > ${position}) OR (created_at = ${position} AND id > 17))
      AND (status IN ('PENDING') OR (status IN ('PAID') AND CRC32(CONCAT_WS('/', id)) MOD 100000 < 2000))
    ORDER BY created_at, id LIMIT 500`
}
