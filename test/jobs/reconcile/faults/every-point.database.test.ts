import { describe, expect } from 'vitest'
import { reconcilePoints } from '../../../../jobs/reconcile/points.ts'
import { systemRandom } from '../../../../src/lib/random.ts'
import { runPoints } from '../../../../src/run/points.ts'
import { test } from '../../../support/reconcile-shop.ts'
import { breakShopRun } from './break-run.ts'
import { fates, listAllCases, reaches, sampleCases } from './cases.ts'
import { recover } from './recover.ts'
import { findViolations } from './violations.ts'

// The seed stands in the name of the suite; with ROWKEEPER_FAULTS_SEED the same cases come again.
const seed = Number(process.env.ROWKEEPER_FAULTS_SEED ?? Math.floor(systemRandom.fraction() * 1e6))
const cases = process.env.ROWKEEPER_FAULTS === 'all' ? listAllCases(seed) : sampleCases(seed)

describe(`reconcile under faults (seed ${seed})`, () => {
  test('a run without a fault reaches every point as often as expected', async ({ shop }) => {
    await shop.seed(fates)
    const counted: Record<string, number> = {}
    const { result } = await shop.run({
      async reach(point) {
        counted[point] = (counted[point] ?? 0) + 1
      },
    })
    expect(result).toMatchObject({ exitCode: 0, counts: { fixed: 18, compensated: 6 } })
    expect(counted).toEqual(reaches)
    expect(Object.keys(counted).toSorted()).toEqual([...runPoints, ...reconcilePoints].toSorted())
  })

  for (const broken of cases) {
    test(`${broken.point}: ${broken.fault} at ${broken.at}`, async ({ shop }) => {
      await shop.seed(fates)
      await breakShopRun(shop, broken)
      await recover(shop)
      expect(await findViolations(shop, fates)).toEqual([])
    })
  }
})
