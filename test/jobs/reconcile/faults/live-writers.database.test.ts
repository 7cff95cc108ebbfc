import { describe, expect } from 'vitest'
import { never } from '../../../../src/lib/abort.ts'
import { systemClock } from '../../../../src/lib/clock.ts'
import { type Random, seededRandom, systemRandom } from '../../../../src/lib/random.ts'
import { type ReconcileShop, test } from '../../../support/reconcile-shop.ts'
import { openSession } from '../../../support/session.ts'
import { mixedFates } from './truth.ts'

const fates = mixedFates(60)
const seed = Number(process.env.ROWKEEPER_FAULTS_SEED ?? Math.floor(systemRandom.fraction() * 1e6))

/** What the application was told: ids whose update it saw take effect, with what it wrote. */
type Acknowledged = ReadonlyMap<number, string>

/** The application settles rows itself meanwhile, at random, and each once. */
async function writeLive(shop: ReconcileShop, random: Random, isOver: () => boolean): Promise<Acknowledged> {
  const session = await openSession(shop.database.url)
  const written = new Map<number, string>()
  while (!isOver()) {
    const id = 1 + Math.floor(random.fraction() * fates.length)
    const { affectedRows } = await session.change(
      "UPDATE payments SET status = 'SETTLED_BY_SHOP' WHERE id = ? AND status IN ('PENDING', 'UNKNOWN')",
      [id],
    )
    if (affectedRows === 1) written.set(id, 'SETTLED_BY_SHOP')
    await systemClock.sleep(2, never)
  }
  await session.close()
  return written
}

/** Writers begin when the rows were judged, so that every fix has to race with them. */
async function runBesideWriters(shop: ReconcileShop, errorAt: number): Promise<Acknowledged> {
  let isOver = false
  let writing: Promise<Acknowledged> | undefined
  let fixes = 0
  await shop.run({
    async reach(point) {
      if (point === 'run.page-planned') writing = writeLive(shop, seededRandom(seed), () => isOver)
      if (point === 'reconcile.fix-before-commit' && ++fixes === errorAt) throw new Error('injected')
    },
  })
  const { result } = await shop.run()
  isOver = true
  expect(result.exitCode).toBe(0)
  return (await writing) ?? new Map()
}

describe(`a run beside live writers (seed ${seed})`, () => {
  for (const errorAt of [Number.POSITIVE_INFINITY, 5]) {
    test(`overwrites nothing that the application was told (error at fix ${errorAt})`, async ({ shop }) => {
      await shop.seed(fates)
      const acknowledged = await runBesideWriters(shop, errorAt)
      const fixed = await readFixedIds(shop)
      expect(acknowledged.size).toBeGreaterThan(0)
      expect(fixed.size).toBeGreaterThan(0)
      for (const row of await shop.rows()) {
        const id = Number(row.id)
        const told = acknowledged.get(id)
        const isFixHere = told === undefined && fates[id - 1]?.local !== fates[id - 1]?.finalLocal
        expect({ id, status: row.status, isFixed: fixed.has(id) }).toEqual({
          id,
          status: told ?? fates[id - 1]?.finalLocal,
          isFixed: isFixHere || shop.provider.state.effectiveCancels(`pay_${id}`).length === 1,
        })
      }
    })
  }
})

async function readFixedIds(shop: ReconcileShop): Promise<ReadonlySet<number>> {
  const fixes = await shop.fixes()
  return new Set(fixes.map(({ item_key }) => Number(JSON.parse(String(item_key))[0])))
}
