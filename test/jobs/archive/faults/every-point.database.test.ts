import { describe, expect } from 'vitest'
import { systemRandom } from '../../../../src/lib/random.ts'
import { breakRun } from '../../../support/break-run.ts'
import { type Chain, listAllChains, reachesOf, sampleChains, ways } from './cases.ts'
import { test } from './fixture.ts'
import type { Observer } from './observer.ts'
import { findViolations } from './violations.ts'
import { breakable, recover, type World } from './world.ts'
import type { Written } from './writers.ts'

// The seed stands in the name of the suite; with ROWKEEPER_FAULTS_SEED the same cases come again.
const seed = Number(process.env.ROWKEEPER_FAULTS_SEED ?? Math.floor(systemRandom.fraction() * 1e6))
const listChains = process.env.ROWKEEPER_FAULTS === 'all' ? listAllChains : sampleChains

/** Broken again and again beside writers and an observer, then left in peace until nothing is left to do. */
async function survive(world: World, chain: Chain): Promise<void> {
  const observer = await world.startObserver()
  const written = await breakBesideWriters(world, chain, observer).finally(() => observer.stop())
  const observed = await observer.stop()
  expect(observed.violations).toEqual([])
  expect(await findViolations(world.database, world.places)).toEqual([])
  expect(observed.looks).toBeGreaterThan(chain.length)
  expect(written.committed).toBeGreaterThan(chain.length)
}

async function breakBesideWriters(world: World, chain: Chain, observer: Observer): Promise<Written> {
  const writers = await world.startWriters(seed)
  const target = breakable(world, [observer.connection, ...writers.connections])
  try {
    for (const broken of chain) {
      await world.addMonth()
      await breakRun(target, broken)
    }
  } finally {
    await writers.stop()
  }
  await recover(world)
  return writers.stop()
}

describe(`archive under faults (seed ${seed})`, () => {
  for (const way of ways) {
    test(`runs without a fault reach every point often enough (${way})`, async ({ openWorld }) => {
      const world = await openWorld(way)
      for (const expected of Object.values(reachesOf(way))) {
        await world.addMonth()
        const counted = await countPoints(world)
        const tooRare = Object.entries(expected).filter(([point, times]) => (counted[point] ?? 0) < times)
        expect(tooRare).toEqual([])
      }
      expect(await findViolations(world.database, world.places)).toEqual([])
    })

    for (const chain of listChains(seed, way)) {
      const name = chain.map(({ point, fault, at }) => `${point} ${fault} ${at}`).join(', ')
      test(`${way}: ${name}`, async ({ openWorld }) => survive(await openWorld(way), chain), 120_000)
    }
  }
})

async function countPoints(world: World): Promise<Readonly<Record<string, number>>> {
  const counted: Record<string, number> = {}
  const { result } = await world.run({
    async reach(point) {
      counted[point] = (counted[point] ?? 0) + 1
    },
  })
  expect(result).toMatchObject({ exitCode: 0, counts: { archived: result.counts.eligible } })
  return counted
}
