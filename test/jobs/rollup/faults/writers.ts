import { never } from '../../../../src/lib/abort.ts'
import { systemClock } from '../../../../src/lib/clock.ts'
import { type Random, seededRandom } from '../../../../src/lib/random.ts'
import type { TestDatabase } from '../../../support/database.ts'
import { openSession, type TestSession } from '../../../support/session.ts'

/** What the application was told of its transactions. */
export interface Written {
  readonly committed: number
  readonly rolledBack: number
}

export interface Writers {
  /** Connection ids, so that a test can leave them alone. */
  readonly connections: readonly string[]
  /** Ends after the transactions in hand. */
  stop(): Promise<Written>
}

const SESSIONS = 3
const LONGEST_PAUSE_MS = 60
/** Now and then a transaction stays open that long, while later ones commit. */
const LONG_MS = 1500
const LONG_SHARE = 0.05
const ROLLBACKS = 0.1
const BULK_SHARE = 0.15

/** An application at work: views one by one and in bulk, likes that are taken back, commits out of order, rollbacks. */
export async function startWriters(database: TestDatabase, seed: number): Promise<Writers> {
  const over = new AbortController()
  const sessions = await Promise.all(Array.from({ length: SESSIONS }, () => openSession(database.url)))
  const connections = await Promise.all(
    sessions.map(async (session) => String((await session.query('SELECT CONNECTION_ID() AS id'))[0]?.id)),
  )
  const writing = Promise.all(
    sessions.map((session, index) => writeUntil(over.signal, session, seededRandom(seed + index))),
  )
  // A writer that fails is heard of when they are stopped.
  writing.catch(() => {})
  return {
    connections,
    async stop() {
      over.abort()
      const parts = await writing
      return {
        committed: parts.reduce((sum, { committed }) => sum + committed, 0),
        rolledBack: parts.reduce((sum, { rolledBack }) => sum + rolledBack, 0),
      }
    },
  }
}

async function writeUntil(over: AbortSignal, session: TestSession, random: Random): Promise<Written> {
  let committed = 0
  let rolledBack = 0
  try {
    while (!over.aborted) {
      if (await write(session, random)) committed += 1
      else rolledBack += 1
      await systemClock.sleep(random.fraction() * LONGEST_PAUSE_MS, never)
    }
  } finally {
    await session.close()
  }
  return { committed, rolledBack }
}

async function write(session: TestSession, random: Random): Promise<boolean> {
  const events = makeEvents(random)
  const columns = '(post_id, place, viewer, likes, viewed_at) VALUES ?'
  await session.query('START TRANSACTION')
  await session.change(`INSERT INTO events ${columns}`, [events])
  if (random.fraction() < LONG_SHARE) await systemClock.sleep(random.fraction() * LONG_MS, never)
  await session.change(`INSERT INTO truth ${columns}`, [events])
  const isKept = random.fraction() >= ROLLBACKS
  await session.query(isKept ? 'COMMIT' : 'ROLLBACK')
  return isKept
}

const BULK = 40
const POSTS = 5
/** Of a post that is gone. */
const UNKNOWN_POST = 99
const HOURS = 60
const BEGIN = Date.parse('2026-10-31T00:00:00Z')

/** Around midnight, the end of a month and the end of summer time in Newfoundland. */
export function makeEvents({ fraction }: Random): (string | number | null)[][] {
  const count = fraction() < BULK_SHARE ? BULK : 1
  return Array.from({ length: count }, () => {
    const post = fraction() < 0.05 ? UNKNOWN_POST : 1 + Math.floor(POSTS * fraction() ** 2)
    const viewedAt = new Date(BEGIN + fraction() * HOURS * 3_600_000)
      .toISOString()
      .replace('T', ' ')
      .slice(0, 23)
    const viewer = fraction() < 0.1 ? null : Math.floor(fraction() * 6)
    const place = fraction() < 0.5 ? 'blog' : 'Blög'
    return [post, place, viewer, fraction() < 0.4 ? -1 : 1, viewedAt]
  })
}
