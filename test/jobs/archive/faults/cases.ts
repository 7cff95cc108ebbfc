import { type Random, seededRandom } from '../../../../src/lib/random.ts'
import { type FaultCase, faults } from '../../../support/break-run.ts'
import type { Way } from './world.ts'

/**
 * How often a run at least reaches each point of its way, when it has a month to move that no run has seen before. A
 * first run makes the archive tables, the others change their partitions.
 */
const everyRun = {
  'run.lease-taken': 1,
  'run.page-planned': 1,
  'ddl.recorded': 1,
  'ddl.done': 1,
  'ledger.before-commit': 3,
  'ledger.after-commit': 3,
  'run.page-done': 1,
  'run.before-finish': 1,
}

const firstRun = { 'archive.table-made': 1 }
const laterRuns = { 'archive.partitions-changed': 1 }

const batches = {
  'archive.month-opened': 1,
  'archive.rows-locked': 3,
  'archive.rows-copied': 3,
  'archive.copy-proven': 3,
  'archive.rows-deleted': 3,
  'archive.batch-committed': 3,
}

const carry = {
  'archive.carry-locked': 3,
  'archive.carry-inserted': 3,
  'archive.carry-copied': 3,
  'archive.carry-deleted': 3,
  'archive.carry-committed': 3,
}

const exchange = {
  'archive.exchange-begun': 1,
  'archive.exchange-held-made': 1,
  'archive.exchange-taken-out': 1,
  'archive.exchange-proven': 1,
  'archive.exchange-put-in': 1,
  'archive.exchange-held-dropped': 1,
  'archive.exchange-closed': 1,
  'archive.exchange-source-dropped': 1,
}

type Reaches = Readonly<Record<string, number>>

const own: Readonly<Record<Way, Reaches>> = { here: batches, there: carry, exchange }

export const ways = ['here', 'there', 'exchange'] as const satisfies readonly Way[]

/** What the first run of a way reaches, and what each one after it. */
export function reachesOf(way: Way): { readonly first: Reaches; readonly later: Reaches } {
  return {
    first: { ...everyRun, ...firstRun, ...own[way] },
    later: { ...everyRun, ...laterRuns, ...own[way] },
  }
}

/** Runs of one world, each broken while it goes on from where the one before it died. */
export type Chain = readonly FaultCase[]

/** The first run of a world makes the archive tables, so every chain begins with a case of its own. */
function chainsOf(random: Random, cases: { first: FaultCase[]; later: FaultCase[] }): readonly Chain[] {
  const later = shuffle(cases.later, random)
  const length = Math.ceil(later.length / cases.first.length)
  return cases.first.map((first, index) => [first, ...later.slice(index * length, (index + 1) * length)])
}

/** Every fault at every point of a way: the first time and another time. */
export function listAllChains(seed: number, way: Way): readonly Chain[] {
  const random = seededRandom(seed)
  const { first, later } = reachesOf(way)
  const every = (reaches: Reaches) =>
    Object.entries(reaches).flatMap(([point, count]) =>
      faults.flatMap((fault) => timesOf(random, count).map((at) => ({ point, fault, at }))),
    )
  return chainsOf(random, { first: every(first), later: every(later) })
}

/** A kill at every point of a way of its own, and a few of everything else. */
export function sampleChains(seed: number, way: Way): readonly Chain[] {
  const random = seededRandom(seed)
  const { first, later } = reachesOf(way)
  const kills = Object.keys(own[way]).map((point): FaultCase => ({ point, fault: 'kill', at: 1 }))
  const others = shuffle(
    Object.entries(later).flatMap(([point, count]) =>
      faults.flatMap((fault) => timesOf(random, count).map((at): FaultCase => ({ point, fault, at }))),
    ),
    random,
  )
  const firsts = shuffle(Object.keys(first), random)
    .slice(0, CHAINS)
    .map((point): FaultCase => ({ point, fault: 'kill', at: 1 }))
  return chainsOf(random, { first: firsts, later: [...kills, ...others.slice(0, OTHERS)] })
}

const CHAINS = 2
const OTHERS = 6

function timesOf({ fraction }: Random, count: number): readonly number[] {
  return [...new Set([1, 1 + Math.floor(fraction() * count)])]
}

function shuffle<T>(list: readonly T[], { fraction }: Random): T[] {
  return list
    .map((item) => ({ item, order: fraction() }))
    .toSorted((left, right) => left.order - right.order)
    .map(({ item }) => item)
}
