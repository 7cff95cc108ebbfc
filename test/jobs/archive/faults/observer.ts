import { never } from '../../../../src/lib/abort.ts'
import { systemClock } from '../../../../src/lib/clock.ts'
import type { TestDatabase } from '../../../support/database.ts'
import { openSession } from '../../../support/session.ts'
import { look, type Places } from './look.ts'

export interface Observed {
  readonly looks: number
  /** A few of those that were seen at any time. */
  readonly violations: readonly string[]
}

export interface Observer {
  readonly connection: string
  /** Looks once more, at what is there in the end. */
  stop(): Promise<Observed>
}

/** Leaves the machine to the runs: more looks would see less. */
const PAUSE_MS = 120
const KEPT = 10

/** Looks again and again, as any other client could, until it is stopped. */
export async function startObserver(database: TestDatabase, places: Places): Promise<Observer> {
  const session = await openSession(database.url)
  // One statement sees one instant.
  await session.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED')
  const [row] = await session.query('SELECT CONNECTION_ID() AS id')
  const over = new AbortController()
  const watching = watch()
  watching.catch(() => {})
  return {
    connection: String(row?.id),
    stop() {
      over.abort()
      return watching
    },
  }

  async function watch(): Promise<Observed> {
    const violations = new Set<string>()
    let looks = 0
    try {
      for (let isLast = false; !isLast; ) {
        isLast = over.signal.aborted
        const found = await look(session.query, places)
        if (found === undefined) isLast = false
        else looks += 1
        for (const violation of found ?? []) violations.add(violation)
        if (!isLast) await systemClock.sleep(PAUSE_MS, never)
      }
    } finally {
      await session.close()
    }
    return { looks, violations: [...violations].slice(0, KEPT) }
  }
}
