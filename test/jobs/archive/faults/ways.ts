import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unreachable } from '../../../../src/lib/errors.ts'
import {
  type ArchiveJob,
  type ArchiveSettings,
  jobName,
  openArchiveJob,
} from '../../../support/archive-job.ts'
import type { TestDatabase } from '../../../support/database.ts'
import type { Places } from './look.ts'
import { makeTables, monthBefore } from './tables.ts'
import { addOrders, changeOrders, type Keys, repeat, type Way, type World } from './world.ts'

/** Small, so that a month takes several; where two can be under way side by side, so many that they are. */
const BATCH_ROWS = 15
const BATCH_ROWS_HERE = 6
/** More than three batches, and more than eight. */
const MONTH_ROWS = 50
/** The first month that the tables do not begin with. */
const FIRST_MONTHS_AGO = 18

/** The job's keys, but for `into`; `keys` of both databases. */
interface Wanted {
  readonly into?: Keys
  readonly keys?: Keys
  readonly cold?: string
}

interface Base {
  readonly job: ArchiveJob
  readonly places: Places
  configure(wanted: Wanted): Promise<void>
  close(): Promise<void>
}

export async function openWorld(database: TestDatabase, way: Way): Promise<World> {
  const base = await openBase(database, way)
  const configure: World['configure'] = (wanted) => base.configure(wanted)
  const shared = { way, database, ...base, configure }
  switch (way) {
    case 'here':
    case 'there':
    case 'exchange':
      return archiving(shared)
    case 'settle':
      return settling(archiving(shared))
    case 'rotate':
      return rotating(shared, base)
    case 'restore':
    case 'restoreFrom':
      return restoring(shared)
    case 'bringBack':
      return bringingBack(shared, base)
    default:
      return unreachable(way)
  }
}

type Shared = Pick<World, 'way' | 'job' | 'database' | 'places' | 'configure' | 'close'>

/** Every run gets a month that none before it has seen. */
function archiving(shared: Shared): World {
  const { job } = shared
  let monthsAgo = FIRST_MONTHS_AGO
  return {
    ...shared,
    prepare: () => addOrders(shared, MONTH_ROWS, monthsAgo++),
    run: job.run,
    start: (options) => job.startBinary(['run', jobName], options),
    recover: () => repeat(job.run),
    end: () => ({}),
  }
}

/** Every run begins with rows that an interrupted batch left on both servers, and that were changed since. */
function settling(world: World): World {
  const { places, job } = world
  return {
    ...world,
    async prepare() {
      await world.prepare()
      await job.run({
        async reach(point) {
          if (point === 'archive.carry-copied') throw new Error('interrupted')
        },
      })
      await changeOrders(world, `id IN (SELECT id FROM ${places.archiveSchema}.orders_archive)`)
    },
  }
}

/** More than any chain of runs takes. */
const OLD_MONTHS = 8
const OLD_MONTH_ROWS = 20
const LATE_ROWS = 5
const LATE_EVERY = 4

/** Months that are in the archive, from the first that the tables do not begin with on. */
async function archiveOldMonths(shared: Shared): Promise<void> {
  for (let index = 0; index < OLD_MONTHS; index++)
    await addOrders(shared, OLD_MONTH_ROWS, FIRST_MONTHS_AGO + index)
  await repeat(shared.job.run)
}

/**
 * Every run has one month more to take out of the archive. Now and then rows come late into the month that the run before
 * was taking out when it died.
 */
async function rotating(shared: Shared, { configure }: Base): Promise<World> {
  const { job, places } = shared
  await archiveOldMonths(shared)
  let keep = FIRST_MONTHS_AGO + OLD_MONTHS - 1
  let prepared = 0
  const settle = async () => {
    // One ends what was begun, one archives what came late, one takes that out.
    for (let run = 1; run <= 3; run++) await repeat(job.run)
  }
  return {
    ...shared,
    async prepare() {
      prepared += 1
      if (prepared % LATE_EVERY === 0) {
        await addOrders(shared, LATE_ROWS, keep + 1)
        await settle()
      }
      keep -= 1
      const into = {
        keep: `${keep} months`,
        hold: '0s',
        export: { folder: places.exports, format: 'ndjson' },
      }
      await configure({ into })
    },
    run: job.run,
    start: (options) => job.startBinary(['run', jobName], options),
    recover: settle,
    end: () => ({ goneMonthsAgo: keep + 1 }),
  }
}

/** Every command brings another month back. */
async function restoring(shared: Shared): Promise<World> {
  const { job } = shared
  await archiveOldMonths(shared)
  let monthsAgo = FIRST_MONTHS_AGO - 1
  const asked = new Set<string>()
  const month = () => monthBefore(monthsAgo)
  const restore = (wanted: string, options = {}) => job.verb('restore', { month: wanted }, options)
  return {
    ...shared,
    async prepare() {
      monthsAgo += 1
      asked.add(month())
    },
    run: (options) => restore(month(), options),
    start: (options) => job.startBinary(['archive', 'restore', jobName, '--month', month()], options),
    async recover() {
      // A run takes nothing of what is on its way back.
      await repeat(job.run)
      for (const wanted of asked) await restoreWhole(wanted, restore)
      await repeat(job.run)
    },
    end: () => ({ pinned: [...asked] }),
  }
}

const ALREADY_BACK = 66

/** Until there is nothing left of the month in the archive. */
async function restoreWhole(
  month: string,
  restore: (month: string) => ReturnType<ArchiveJob['verb']>,
): Promise<void> {
  await repeat(async () => {
    const ended = await restore(month)
    const { exitCode, error } = ended.result
    const isBack = exitCode === ALREADY_BACK && error?.code === 'archive.alreadyBack'
    return isBack ? { ...ended, result: { ...ended.result, exitCode: 0 } } : ended
  })
}

/** Every command brings a held month back into the archive table. */
async function bringingBack(shared: Shared, { configure }: Base): Promise<World> {
  const { job } = shared
  await archiveOldMonths(shared)
  await configure({ into: { keep: `${FIRST_MONTHS_AGO - 1} months`, hold: '7 days' } })
  await repeat(job.run)
  let monthsAgo = FIRST_MONTHS_AGO - 1
  const asked = new Set<string>()
  const month = () => monthBefore(monthsAgo)
  const isHeld = async (wanted: string) => {
    const months = await job.months()
    return months.some((row) => row.month === wanted && row.state === 'held')
  }
  return {
    ...shared,
    async prepare() {
      monthsAgo += 1
      asked.add(month())
      await addOrders(shared, LATE_ROWS, monthsAgo)
      await repeat(job.run)
    },
    run: (options) => job.verb('restore', { month: month() }, options),
    start: (options) => job.startBinary(['archive', 'restore', jobName, '--month', month()], options),
    async recover() {
      await repeat(job.run)
      for (const wanted of asked)
        while (await isHeld(wanted)) await repeat(() => job.verb('restore', { month: wanted }))
      await repeat(job.run)
    },
    end: () => ({ pinned: [...asked], held: true }),
  }
}

async function openBase(database: TestDatabase, way: Way): Promise<Base> {
  const isThere = way === 'there' || way === 'settle' || way === 'restoreFrom'
  const layout = way === 'exchange' ? 'byMonth' : 'withItems'
  await makeTables(database, layout)
  const archiveSchema = isThere ? `${database.name}_cold` : database.name
  if (isThere) await database.query(`CREATE DATABASE ${archiveSchema} CHARACTER SET utf8mb4`)
  const exports = await mkdtemp(join(tmpdir(), 'rowkeeper-exports-'))
  const settings = ({ into = {}, keys = {}, cold = `${database.url}_cold` }: Wanted): ArchiveSettings => ({
    job: {
      batch: { rows: way === 'here' ? BATCH_ROWS_HERE : BATCH_ROWS },
      into: { table: 'orders_archive', monthsAhead: 1, ...(isThere ? { database: 'cold' } : {}), ...into },
      ...(layout === 'withItems' ? withItems : {}),
    },
    database: keys,
    ...(isThere ? { databases: { cold: { ...keys, url: cold } } } : {}),
  })
  const { job, close } = await openArchiveJob(database, settings({}))
  return {
    job,
    places: { schema: database.name, archiveSchema, layout, exports },
    configure: (wanted) => job.configure(settings(wanted)),
    async close() {
      await close()
      await rm(exports, { recursive: true, force: true })
      if (isThere) await database.query(`DROP DATABASE ${archiveSchema}`)
    },
  }
}

const withItems = { where: "status = 'DONE'", children: [{ table: 'items', key: ['order_id'] }] }
