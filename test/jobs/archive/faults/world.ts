import { systemRandom } from '../../../../src/lib/random.ts'
import type { Ended } from '../../../../src/run/runner.ts'
import type {
  ArchiveJob,
  ArchiveRunOptions,
  ArchiveSettings,
  BinaryOptions,
} from '../../../support/archive-job.ts'
import type { Breakable } from '../../../support/break-run.ts'
import type { StartedCommand } from '../../../support/cli.ts'
import { cutConnections } from '../../../support/cut-connections.ts'
import type { TestDatabase } from '../../../support/database.ts'
import { openSession } from '../../../support/session.ts'
import { insertItemsOf, insertOrders } from './changes.ts'
import type { Places } from './look.ts'
import { type Observer, startObserver } from './observer.ts'
import { monthBefore } from './tables.ts'
import type { End } from './violations.ts'
import { type Change, startWriters, type Writers, write } from './writers.ts'

/**
 * How rows come and go: batches with their children; batches to another server, and what an interrupted one left there;
 * whole months by exchange; months that leave the archive; months that come back to the live table, from the same server
 * and from another; held months.
 */
export type Way =
  | 'here'
  | 'there'
  | 'settle'
  | 'exchange'
  | 'rotate'
  | 'restore'
  | 'restoreFrom'
  | 'bringBack'

/** Further keys, as the configuration has them. */
export type Keys = NonNullable<ArchiveSettings['database']>

/** An archive job over tables of which the truth is known, and one of its commands. */
export interface World {
  readonly way: Way
  readonly job: ArchiveJob
  readonly database: TestDatabase
  readonly places: Places
  /** Work for the next command: it comes by every point of its way. */
  prepare(): Promise<void>
  run(options?: ArchiveRunOptions): Promise<Ended>
  /** The same command, in a process of its own. */
  start(options?: BinaryOptions): StartedCommand
  /** Commands again, as cron or an operator would, until nothing is left to do. */
  recover(): Promise<void>
  /** What is true then. */
  end(): End
  /** From now on with another address of the archive's server, and with further keys of both databases. */
  configure(other: { readonly cold?: string; readonly keys?: Keys }): Promise<void>
  close(): Promise<void>
}

export function startWorldWriters({ database, places }: World, seed: number): Promise<Writers> {
  return startWriters(database, places.layout, seed)
}

export function startWorldObserver({ database, places }: World): Promise<Observer> {
  return startObserver(database, places)
}

/** Commands of this world, to be broken; its writers and its observer stay connected. */
export function breakable({ database, places, start, run }: World, spared: readonly string[]): Breakable {
  const others = [places.archiveSchema]
  return { start, run, cut: () => cutConnections(database, { spared, others }) }
}

const TRIES = 4

/** Throws when four times were not enough. */
export async function repeat(command: () => Promise<Ended>): Promise<void> {
  const said: unknown[] = []
  for (let attempt = 1; attempt <= TRIES; attempt++) {
    const { result } = await command()
    said.push({ exitCode: result.exitCode, counts: result.counts, error: result.error })
    if (result.exitCode === 0) return
  }
  throw new Error(`${TRIES} times did not settle it: ${JSON.stringify(said)}`)
}

/** As many as every month has. */
const DAYS = 28

/** Orders from all days of one month, each with an item, as the application writes them. */
export function addOrders(world: Shop, rows: number, monthsAgo: number): Promise<void> {
  const month = monthBefore(monthsAgo)
  return writeOnce(world, async (writer) => {
    const age = (index: number) => `'${month}-${String(1 + (index % DAYS)).padStart(2, '0')}'`
    const inserted = await insertOrders(writer, { rows, age })
    if (writer.layout === 'byMonth') return inserted
    return { ...inserted, ...(await insertItemsOf(writer, inserted)) }
  })
}

/** Writes into all live orders that fulfil a condition. */
export function changeOrders(world: Shop, where: string): Promise<void> {
  return writeOnce(world, async ({ session }) => {
    const rows = await session.query(`SELECT id FROM orders WHERE ${where} FOR UPDATE`)
    const ids = rows.map(({ id }) => String(id))
    await session.change("UPDATE orders SET note = CONCAT(COALESCE(note, ''), ' changed') WHERE id IN (?)", [
      ['0', ...ids],
    ])
    return { orders: ids }
  })
}

type Shop = Pick<World, 'database' | 'places'>

async function writeOnce({ database, places }: Shop, change: Change): Promise<void> {
  const session = await openSession(database.url)
  const writer = { session, layout: places.layout, random: { ...systemRandom, fraction: () => 0.5 } }
  try {
    // Other writers may be in the way.
    while ((await write(writer, change)) === 'refused');
  } finally {
    await session.close()
  }
}
