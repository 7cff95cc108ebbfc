import { readServerTime } from '../db/server.ts'
import type { ReadSession } from '../db/session.ts'
import type { Clock } from '../lib/clock.ts'

/** Milliseconds the server's clock is ahead of this host's; wrong by half of the round trip at most. */
export async function measureClockOffset(session: ReadSession, clock: Clock): Promise<number> {
  const before = clock.now().getTime()
  const server = Date.parse(await readServerTime(session))
  const after = clock.now().getTime()
  return server - (before + after) / 2
}
