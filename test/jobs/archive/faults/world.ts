import { systemRandom } from '../../../../src/lib/random.ts'
import type { Ended } from '../../../../src/run/runner.ts'
import type { BinaryOptions } from '../../../support/archive-job.ts'
import {
  type ArchiveJob,
  type ArchiveRunOptions,
  type ArchiveSettings,
  jobName,
  openArchiveJob,
} from '../../../support/archive-job.ts'
import type { Breakable } from '../../../support/break-run.ts'
import type { StartedCommand } from '../../../support/cli.ts'
import { cutConnections } from '../../../support/cut-connections.ts'
import type { TestDatabase } from '../../../support/database.ts'
import { openSession } from '../../../support/session.ts'
import { insertOrders } from './changes.ts'
import type { Places } from './look.ts'
import { type Observer, startObserver } from './observer.ts'
import { makeTables } from './tables.ts'
import { startWriters, type Writers, write } from './writers.ts'

type Keys = NonNullable<ArchiveSettings['database']>

/** How rows come into the archive: batches with their children, batches to another server, whole months. */
export type Way = 'here' | 'there' | 'exchange'

/** An archive job over tables of which the truth is known. */
export interface World {
  readonly way: Way
  readonly job: ArchiveJob
  readonly database: TestDatabase
  readonly places: Places
  run(options?: ArchiveRunOptions): Promise<Ended>
  start(options?: BinaryOptions): StartedCommand
  /** From now on with another address of the archive's server, and with further keys of both databases. */
  configure(other: { readonly cold?: string; readonly keys?: Keys }): Promise<void>
  startWriters(seed: number): Promise<Writers>
  startObserver(): Promise<Observer>
  /** Rows of a month that no run has seen yet, so that the next run comes by every point. */
  addMonth(): Promise<void>
  close(): Promise<void>
}

/** Small, so that a month takes several. */
const BATCH_ROWS = 15

export async function openWorld(database: TestDatabase, way: Way): Promise<World> {
  const layout = way === 'exchange' ? 'byMonth' : 'withItems'
  await makeTables(database, layout)
  const archiveSchema = way === 'there' ? `${database.name}_cold` : database.name
  const places: Places = { schema: database.name, archiveSchema, layout }
  if (way === 'there') await database.query(`CREATE DATABASE ${archiveSchema} CHARACTER SET utf8mb4`)
  const { job, close } = await openArchiveJob(database, settingsOf(way, `${database.url}_cold`))
  let monthsAgo = 18
  return {
    way,
    job,
    database,
    places,
    run: job.run,
    start: (options) => job.startBinary(['run', jobName], options),
    configure: ({ cold = `${database.url}_cold`, keys }) => job.configure(settingsOf(way, cold, keys)),
    startWriters: (seed) => startWriters(database, layout, seed),
    startObserver: () => startObserver(database, places),
    addMonth: () => addMonth(database, layout, monthsAgo++),
    async close() {
      await close()
      if (way === 'there') await database.query(`DROP DATABASE ${archiveSchema}`)
    },
  }
}

function settingsOf(way: Way, cold: string, database: Keys = {}): ArchiveSettings {
  const batch = { rows: BATCH_ROWS }
  const into = { table: 'orders_archive' }
  if (way === 'exchange') return { job: { batch, into }, database }
  const job = { batch, into, where: "status = 'DONE'", children: [{ table: 'items', key: ['order_id'] }] }
  if (way === 'here') return { job, database }
  return {
    job: { ...job, into: { ...into, database: 'cold' } },
    database,
    databases: { cold: { ...database, url: cold } },
  }
}

/** More than three batches. */
const MONTH_ROWS = 50

async function addMonth(database: TestDatabase, layout: Places['layout'], monthsAgo: number): Promise<void> {
  const session = await openSession(database.url)
  const random = { ...systemRandom, fraction: () => 0.5 }
  const insert = () =>
    write({ session, layout, random }, (writer) => insertOrders(writer, { rows: MONTH_ROWS, monthsAgo }))
  // The other writers may be in the way.
  while ((await insert()) !== 'committed');
  await session.close()
}

/** Runs of this world, to be broken; its writers and its observer stay connected. */
export function breakable(world: World, spared: readonly string[]): Breakable {
  const { database, places } = world
  return {
    start: world.start,
    run: world.run,
    cut: () => cutConnections(database, { spared, others: [places.archiveSchema] }),
  }
}

const RUNS = 4

/** Runs again, as cron would, until a run leaves nothing over. Throws when four runs were not enough. */
export async function recover(world: World): Promise<void> {
  const said: unknown[] = []
  for (let run = 1; run <= RUNS; run++) {
    const { result } = await world.run()
    said.push({ exitCode: result.exitCode, counts: result.counts, error: result.error })
    if (result.exitCode === 0) return
  }
  throw new Error(`four runs did not settle it: ${JSON.stringify(said)}`)
}
