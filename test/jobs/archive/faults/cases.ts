import { type Random, seededRandom } from '../../../../src/lib/random.ts'
import { type FaultCase, faults } from '../../../support/break-run.ts'
import type { Way } from './world.ts'

/** How often a command at least reaches each point. */
type Reaches = Readonly<Record<string, number>>

/** How often a command of each way at least reaches the points that are its own, after `prepare`. */
const own: Readonly<Record<Way, Reaches>> = {
  here: {
    'archive.month-opened': 1,
    'archive.rows-locked': 3,
    'archive.rows-copied': 3,
    'archive.copy-proven': 3,
    'archive.rows-deleted': 3,
    'archive.batch-committed': 3,
  },
  there: {
    'archive.carry-locked': 3,
    'archive.carry-inserted': 3,
    'archive.carry-copied': 3,
    'archive.carry-deleted': 3,
    'archive.carry-committed': 3,
  },
  settle: { 'archive.carry-taken-back': 1 },
  exchange: {
    'archive.exchange-begun': 1,
    'archive.exchange-held-made': 1,
    'archive.exchange-taken-out': 1,
    'archive.exchange-proven': 1,
    'archive.exchange-put-in': 1,
    'archive.exchange-held-dropped': 1,
    'archive.exchange-closed': 1,
    'archive.exchange-source-dropped': 1,
  },
  // Each for the orders and for their items.
  rotate: {
    'archive.export-written': 2,
    'archive.rotation-exported': 1,
    'archive.rotation-begun': 1,
    'archive.rotation-taken-out': 2,
    'archive.rotation-held': 1,
    'archive.drop-noted': 2,
    'archive.held-dropped': 2,
    'archive.partition-dropped': 2,
  },
  restore: {
    'archive.restore-pinned': 1,
    'archive.restore-locked': 2,
    'archive.restore-put-back': 2,
    'archive.restore-batch-committed': 2,
  },
  restoreFrom: {
    'archive.carry-copied': 2,
    'archive.carry-deleted': 2,
    'archive.restore-pinned': 1,
    'archive.restore-locked': 2,
    'archive.restore-put-back': 2,
    'archive.restore-batch-committed': 2,
  },
  bringBack: { 'archive.rotation-put-back': 2 },
}

/** Points that every command comes by, every run, and every one that changes a definition. */
const verb: Reaches = {
  'run.lease-taken': 1,
  'ledger.before-commit': 3,
  'ledger.after-commit': 3,
  'run.before-finish': 1,
}
const run: Reaches = { ...verb, 'run.page-planned': 1, 'run.page-done': 1 }
const ddl: Reaches = { 'ddl.recorded': 1, 'ddl.done': 1 }

/** A first run makes the archive tables, later ones change their partitions. */
const madeTable: Reaches = { 'archive.table-made': 1 }
const changedPartitions: Reaches = { 'archive.partitions-changed': 1 }

interface WayReaches {
  readonly first: Reaches
  readonly later: Reaches
}

/** What the first command of a way comes by, and what each one after it. */
export const reaches: Readonly<Record<Way, WayReaches>> = {
  here: archiving(own.here),
  there: archiving(own.there),
  settle: same({ ...run, ...own.settle }),
  exchange: archiving(own.exchange),
  rotate: same({ ...run, ...ddl, ...own.rotate }),
  restore: same({ ...verb, ...own.restore }),
  restoreFrom: same({ ...verb, ...own.restoreFrom }),
  // Two or three transactions: which depends on what the runs before have left of the month. Two always come.
  bringBack: same({ ...verb, ...ddl, 'ledger.before-commit': 2, 'ledger.after-commit': 2, ...own.bringBack }),
}

export const ways = Object.keys(reaches) as readonly Way[]

function archiving(points: Reaches): WayReaches {
  return {
    first: { ...run, ...ddl, ...madeTable, ...points },
    later: { ...run, ...ddl, ...changedPartitions, ...points },
  }
}

function same(points: Reaches): WayReaches {
  return { first: points, later: points }
}

/** Commands of one world, each broken while it goes on from where the one before it died. */
export type Chain = readonly FaultCase[]

/** As many as a world has months for. */
const LONGEST_CHAIN = 7

/** Every fault at every point of a way, the first time and another time; the first of each chain is of a first command. */
export function listAllChains(seed: number, way: Way): readonly Chain[] {
  const random = seededRandom(seed)
  const { first, later } = reaches[way]
  const begin = shuffle(listFaults(first, random), random)
  const isSame = first === later
  const rest = isSame ? [] : shuffle(listFaults(later, random), random)
  const length = isSame ? LONGEST_CHAIN : 1
  const count = Math.ceil(begin.length / length)
  return Array.from({ length: count }, (_, index) => [
    ...begin.slice(index * length, (index + 1) * length),
    ...rest.slice(index, index + 1),
  ])
}

/** Of the points that a run of any job comes by; the fault tests of other jobs stop at them too. */
const KILLS_OF_RUN = 2
const OTHERS = 1

/**
 * A kill at every point of the way's own, and another fault. The first command of a world that has no archive table yet
 * dies while it makes one; one way has the points that are of no way alone.
 */
export function sampleChains(seed: number, way: Way): readonly Chain[] {
  const random = seededRandom(seed)
  const { first, later } = reaches[way]
  const begin =
    first === later ? [] : shuffle(['archive.table-made', ...Object.keys(ddl)], random).slice(0, 1)
  const ofRun = shuffle(Object.keys(run), random).slice(0, KILLS_OF_RUN)
  const shared = way === 'here' ? [...Object.keys({ ...ddl, ...changedPartitions }), ...ofRun] : []
  const kills = [...Object.keys(own[way]), ...shared].map(killAt)
  const others = shuffle(
    listFaults(later, random).filter(({ fault }) => fault !== 'kill'),
    random,
  )
  return [[...begin.map(killAt), ...shuffle([...kills, ...others.slice(0, OTHERS)], random)]]
}

function killAt(point: string): FaultCase {
  return { point, fault: 'kill', at: 1 }
}

function listFaults(points: Reaches, { fraction }: Random): readonly FaultCase[] {
  return Object.entries(points).flatMap(([point, count]) =>
    faults.flatMap((fault) => {
      const times = new Set([1, 1 + Math.floor(fraction() * count)])
      return [...times].map((at) => ({ point, fault, at }))
    }),
  )
}

function shuffle<T>(list: readonly T[], { fraction }: Random): readonly T[] {
  return list
    .map((item) => ({ item, order: fraction() }))
    .toSorted((left, right) => left.order - right.order)
    .map(({ item }) => item)
}
