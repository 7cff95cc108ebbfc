import { never } from '../../../../src/lib/abort.ts'
import { systemClock } from '../../../../src/lib/clock.ts'
import { type Random, seededRandom } from '../../../../src/lib/random.ts'
import type { TestDatabase } from '../../../support/database.ts'
import { openSession, type TestSession } from '../../../support/session.ts'
import { changes } from './changes.ts'
import { items, type Layout, orders } from './tables.ts'

/** What the application was told of its transactions. */
export interface Written {
  readonly committed: number
  /** Of its own will. */
  readonly rolledBack: number
  /** The rows were not there (any more). */
  readonly gone: number
  /** By the server: a deadlock, a lock not had, an order that is not there any more. */
  readonly refused: number
}

export interface Writers {
  /** Connection ids, so that a test can leave them alone. */
  readonly connections: readonly string[]
  /** Ends after the transactions in hand. */
  stop(): Promise<Written>
}

const SESSIONS = 2
/** A run has to keep up with them, also on a busy machine. */
const LONGEST_PAUSE_MS = 40

/**
 * An application at work: inserts young and old rows, makes old ones eligible and takes that back, deletes, in single
 * rows and in bulk, and rolls back now and then. Each transaction writes the truth as well, so that both commit together.
 */
export async function startWriters(database: TestDatabase, layout: Layout, seed: number): Promise<Writers> {
  const over = new AbortController()
  const sessions: TestSession[] = []
  const connections: string[] = []
  for (let index = 0; index < SESSIONS; index++) {
    const session = await openSession(database.url)
    // One as most applications run, one as rowkeeper does.
    if (index % 2 === 1) await session.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED')
    await session.query('SET SESSION innodb_lock_wait_timeout = 5')
    const [row] = await session.query('SELECT CONNECTION_ID() AS id')
    connections.push(String(row?.id))
    sessions.push(session)
  }
  const writing = sessions.map((session, index) =>
    writeUntil(over.signal, { session, layout, random: seededRandom(seed + index) }),
  )
  const written = Promise.all(writing).then((parts) => parts.reduce(addWritten))
  // A writer that fails is heard of when they are stopped.
  written.catch(() => {})
  return {
    connections,
    stop() {
      over.abort()
      return written
    },
  }
}

/** Begins a transaction, changes rows and answers which ones of each table it inserted, changed or deleted. */
export type Change = (writer: Writer) => Promise<Touched>

export interface Touched {
  readonly orders?: readonly string[]
  readonly items?: readonly string[]
}

export interface Writer {
  readonly session: TestSession
  readonly layout: Layout
  readonly random: Random
}

async function writeUntil(over: AbortSignal, writer: Writer): Promise<Written> {
  let sum: Written = { committed: 0, rolledBack: 0, gone: 0, refused: 0 }
  try {
    while (!over.aborted) {
      const end = await write(writer, pick(writer))
      sum = { ...sum, [end]: sum[end] + 1 }
      await systemClock.sleep(writer.random.fraction() * LONGEST_PAUSE_MS, never)
    }
  } finally {
    await writer.session.close()
  }
  return sum
}

function pick({ layout, random }: Writer): Change {
  const fitting = changes.filter((change) => change.layouts.includes(layout))
  const chosen = fitting[Math.floor(random.fraction() * fitting.length)]
  if (chosen === undefined) throw new Error('there are no changes')
  return chosen.make
}

/** Deadlock; lock not had; the order of an item is not there; an order still has items. */
const refusals: readonly (number | undefined)[] = [1213, 1205, 1452, 1451]
const ROLLBACKS = 0.1

/** One transaction. Also for rows that a test itself wants there, with their truth. */
export async function write(writer: Writer, change: Change): Promise<keyof Written> {
  const { session, random } = writer
  try {
    await session.query('START TRANSACTION')
    const touched = await change(writer)
    await writeTruth(session, orders.truth, orders.live, touched.orders ?? [])
    await writeTruth(session, items.truth, items.live, touched.items ?? [])
    const isGone = [touched.orders, touched.items].every((ids) => (ids ?? []).length === 0)
    if (isGone || random.fraction() < ROLLBACKS) {
      await session.query('ROLLBACK')
      return isGone ? 'gone' : 'rolledBack'
    }
    await session.query('COMMIT')
    return 'committed'
  } catch (error) {
    if (!refusals.includes((error as { errno?: number }).errno)) throw error
    await session.query('ROLLBACK')
    return 'refused'
  }
}

/** The rows are locked by this transaction, or gone by it: what the live table has of them now is the truth. */
async function writeTruth(
  session: TestSession,
  truth: string,
  live: string,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return
  await session.change(`DELETE FROM ${truth} WHERE id IN (?)`, [ids])
  await session.change(`INSERT INTO ${truth} SELECT * FROM ${live} WHERE id IN (?)`, [ids])
  if (live === orders.live)
    await session.change('INSERT IGNORE INTO issued VALUES ?', [ids.map((id) => [id])])
}

function addWritten(one: Written, other: Written): Written {
  return {
    committed: one.committed + other.committed,
    rolledBack: one.rolledBack + other.rolledBack,
    gone: one.gone + other.gone,
    refused: one.refused + other.refused,
  }
}
