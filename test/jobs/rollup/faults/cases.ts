import { type Random, seededRandom, systemRandom } from '../../../../src/lib/random.ts'
import { type FaultCase, faults } from '../../../support/break-run.ts'

/** Stands in the name of each suite; with ROWKEEPER_FAULTS_SEED the same cases come again. */
export const seed = Number(process.env.ROWKEEPER_FAULTS_SEED ?? Math.floor(systemRandom.fraction() * 1e6))

/** The whole matrix takes minutes: it runs with `npm run test:faults`. */
export const isAll = process.env.ROWKEEPER_FAULTS === 'all'
const OTHERS = 2

/**
 * Every point with every fault; without ROWKEEPER_FAULTS=all a kill at each and two more.
 * `latest`: how often a run comes by each point at least; a fault happens at one of these times.
 */
export function listCases(points: readonly string[], latest = 1): readonly FaultCase[] {
  const random = seededRandom(seed)
  const all = points.flatMap((point) =>
    faults.map((fault): FaultCase => ({ point, fault, at: 1 + Math.floor(random.fraction() * latest) })),
  )
  if (isAll) return all
  const kills = points.map((point): FaultCase => ({ point, fault: 'kill', at: 1 }))
  return [...kills, ...draw(all, random)]
}

function draw(all: readonly FaultCase[], { fraction }: Random): readonly FaultCase[] {
  const others = all.filter(({ fault }) => fault !== 'kill')
  return Array.from({ length: OTHERS }, () => others.splice(Math.floor(fraction() * others.length), 1)).flat()
}
