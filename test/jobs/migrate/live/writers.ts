import { never } from '../../../../src/lib/abort.ts'
import { systemClock } from '../../../../src/lib/clock.ts'
import { type Random, seededRandom } from '../../../../src/lib/random.ts'
import type { TestDatabase } from '../../../support/database.ts'
import { openSession, type TestSession } from '../../../support/session.ts'

/** What the application was told of its transactions. */
export interface Written {
  /** id → amount of every row that must be there, of the rows that the writers own. */
  readonly rows: ReadonlyMap<number, number>
  readonly committed: number
  readonly rolledBack: number
  /** Milliseconds of the longest statement. */
  readonly longestMs: number
  /** What was refused, but for a deadlock or a lock that was not to be had: those are rolled back and tried again. */
  readonly errors: readonly string[]
}

export interface Writers {
  /** Connection ids, so that a test can leave them alone. */
  readonly connections: readonly string[]
  /** Ends after the transactions in hand. */
  stop(): Promise<Written>
}

const SESSIONS = 3
const LONGEST_PAUSE_MS = 4
const ROLLBACKS = 0.1
const MOST_STATEMENTS = 4

/** An application at work on `items`: inserts, updates, deletes, and rows that get another key. */
export async function startWriters(database: TestDatabase, seed: number, rows: number): Promise<Writers> {
  const over = new AbortController()
  const sessions = await Promise.all(Array.from({ length: SESSIONS }, () => openSession(database.url)))
  const connections = await Promise.all(
    sessions.map(async (session) => String((await session.query('SELECT CONNECTION_ID() AS id'))[0]?.id)),
  )
  const writing = Promise.all(
    sessions.map((session, index) => {
      const own = createOwn(index, rows)
      return writeUntil(over.signal, session, seededRandom(seed + index), own)
    }),
  )
  // A writer that fails is heard of when they are stopped.
  writing.catch(() => {})
  return {
    connections,
    async stop() {
      over.abort()
      const parts = await writing
      return {
        rows: new Map(parts.flatMap((part) => [...part.rows])),
        committed: parts.reduce((sum, { committed }) => sum + committed, 0),
        rolledBack: parts.reduce((sum, { rolledBack }) => sum + rolledBack, 0),
        longestMs: Math.max(...parts.map(({ longestMs }) => longestMs)),
        errors: parts.flatMap(({ errors }) => errors),
      }
    },
  }
}

interface Own {
  readonly rows: Map<number, number>
  readonly index: number
  next: number
}

/** Every third row, so that two writers never want the same one. */
function createOwn(index: number, rows: number): Own {
  const ids = Array.from({ length: rows }, (_, position) => position + 1)
  const mine = ids.filter((id) => id % SESSIONS === index)
  return { rows: new Map(mine.map((id) => [id, id])), index, next: 1_000_000 + index }
}

async function writeUntil(
  over: AbortSignal,
  session: TestSession,
  random: Random,
  own: Own,
): Promise<Written> {
  const told = { committed: 0, rolledBack: 0, longestMs: 0, errors: [] as string[] }
  try {
    while (!over.aborted) {
      const after = await write(session, random, own, told)
      if (after === undefined) told.rolledBack += 1
      else {
        told.committed += 1
        own.rows.clear()
        for (const [id, amount] of after) own.rows.set(id, amount)
      }
      await systemClock.sleep(random.fraction() * LONGEST_PAUSE_MS, never)
    }
  } finally {
    await session.close()
  }
  return { rows: own.rows, ...told }
}

const passing: readonly unknown[] = [1213, 1205]

/** The rows after it; undefined when it was rolled back. */
async function write(
  session: TestSession,
  random: Random,
  own: Own,
  told: { longestMs: number; errors: string[] },
): Promise<ReadonlyMap<number, number> | undefined> {
  const rows = new Map(own.rows)
  try {
    await session.query('START TRANSACTION')
    const statements = 1 + Math.floor(random.fraction() * MOST_STATEMENTS)
    for (let count = 0; count < statements; count++) {
      const begun = systemClock.elapsed()
      await change(session, random, own, rows)
      told.longestMs = Math.max(told.longestMs, systemClock.elapsed() - begun)
    }
    const isKept = random.fraction() >= ROLLBACKS
    await session.query(isKept ? 'COMMIT' : 'ROLLBACK')
    return isKept ? rows : undefined
  } catch (error) {
    const { errno, message } = error as { readonly errno?: unknown; readonly message?: unknown }
    if (!passing.includes(errno)) told.errors.push(String(message))
    await session.query('ROLLBACK').catch(() => {})
    return undefined
  }
}

async function change(session: TestSession, random: Random, own: Own, rows: Map<number, number>) {
  const ids = [...rows.keys()]
  const id = ids[Math.floor(random.fraction() * ids.length)] ?? 0
  const amount = Math.floor(random.fraction() * 1e6)
  const dice = random.fraction()
  if (dice < 0.3) {
    own.next += SESSIONS
    await session.change('INSERT INTO items (id, name, amount) VALUES (?, ?, ?)', [own.next, 'new', amount])
    rows.set(own.next, amount)
  } else if (dice < 0.6) {
    await session.change('UPDATE items SET amount = ? WHERE id = ?', [amount, id])
    rows.set(id, amount)
  } else if (dice < 0.8) {
    own.next += SESSIONS
    await session.change('UPDATE items SET id = ? WHERE id = ?', [own.next, id])
    rows.set(own.next, rows.get(id) ?? 0)
    rows.delete(id)
  } else {
    await session.change('DELETE FROM items WHERE id = ?', [id])
    rows.delete(id)
  }
}
