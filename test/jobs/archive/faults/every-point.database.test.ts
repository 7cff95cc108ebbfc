import { describe, expect } from 'vitest'
import { archivePoints } from '../../../../jobs/archive/points.ts'
import { systemRandom } from '../../../../src/lib/random.ts'
import { ddlPoints, runPoints } from '../../../../src/run/points.ts'
import { breakRun } from '../../../support/break-run.ts'
import { type Chain, listAllChains, reaches, sampleChains, ways } from './cases.ts'
import { test } from './fixture.ts'
import type { Observer } from './observer.ts'
import { findViolations } from './violations.ts'
import { breakable, startWorldObserver, startWorldWriters, type World } from './world.ts'
import type { Written } from './writers.ts'

// The seed stands in the name of the suite; with ROWKEEPER_FAULTS_SEED the same cases come again.
const seed = Number(process.env.ROWKEEPER_FAULTS_SEED ?? Math.floor(systemRandom.fraction() * 1e6))
const isAll = process.env.ROWKEEPER_FAULTS === 'all'
const listChains = isAll ? listAllChains : sampleChains

/** Broken again and again beside writers and an observer, then left in peace until nothing is left to do. */
async function survive(world: World, chain: Chain): Promise<void> {
  const observer = await startWorldObserver(world)
  const written = await breakBesideWriters(world, chain, observer).finally(() => observer.stop())
  const observed = await observer.stop()
  expect(observed.violations).toEqual([])
  expect(await findViolations(world.database, world.places, world.end())).toEqual([])
  const { result } = await world.job.verb('verify')
  expect(result.exitCode, JSON.stringify(result)).toBe(0)
  expect(observed.looks).toBeGreaterThan(chain.length)
  expect(written.committed).toBeGreaterThan(chain.length)
}

async function breakBesideWriters(world: World, chain: Chain, observer: Observer): Promise<Written> {
  const writers = await startWorldWriters(world, seed)
  const target = breakable(world, [observer.connection, ...writers.connections])
  try {
    for (const [index, broken] of chain.entries()) {
      await world.prepare()
      await breakRun(target, broken, index === 0 ? 'must' : 'may')
    }
  } finally {
    await writers.stop()
  }
  await world.recover()
  return writers.stop()
}

describe(`archive under faults (seed ${seed})`, () => {
  test('every point is one of some way', () => {
    const reached = ways.flatMap((way) => Object.values(reaches[way]).flatMap(Object.keys))
    const all = [...runPoints, ...ddlPoints, ...archivePoints]
    expect([...new Set(reached)].toSorted()).toEqual(all.toSorted())
  })

  for (const way of ways) {
    // A case whose point is not reached fails by itself.
    test.runIf(isAll)(
      `runs without a fault reach every point often enough (${way})`,
      async ({ openWorld }) => {
        const world = await openWorld(way)
        const { first, later } = reaches[way]
        for (const expected of [first, later]) {
          await world.prepare()
          const counted = await countPoints(world)
          const tooRare = Object.entries(expected).filter(([point, times]) => (counted[point] ?? 0) < times)
          expect(tooRare).toEqual([])
        }
        await world.recover()
        expect(await findViolations(world.database, world.places, world.end())).toEqual([])
      },
    )

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
  expect(result).toMatchObject({ exitCode: 0 })
  return counted
}
