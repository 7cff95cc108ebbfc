import type { Writer } from '../db/database.ts'
import type { Transaction } from '../db/session.ts'
import { never } from '../lib/abort.ts'
import type { Clock } from '../lib/clock.ts'
import { selectConnection } from './sql.ts'

export interface EndOptions {
  /** Asks over a session that kill does not reach. */
  readonly rows: Transaction['rows']
  readonly endConnection: Writer['endConnection']
  readonly clock: Clock
}

const PAUSE_MS = 50

/**
 * Ends a connection and waits until the server has forgotten it: only then is nothing it was running still to come.
 * False when it is still there at the limit, or the server did not say. It is looked for first, and never killed
 * unseen: after a restart of the server the same number may be somebody else's.
 *
 * Measured with 24 ALTERs on each server, killed at any moment: gone within 0.15 s, and what the catalogue said then
 * stayed so. One whose reply was lost had taken effect.
 */
export async function awaitEnd(
  { rows, endConnection, clock }: EndOptions,
  connectionId: string,
  limitMs: number,
): Promise<boolean> {
  const begun = clock.elapsed()
  for (;;) {
    const seen = await rows(selectConnection(connectionId)).then(
      (found) => found.length,
      () => undefined,
    )
    if (seen === 0) return true
    if (clock.elapsed() - begun >= limitMs) return false
    if (seen !== undefined) await endConnection(connectionId)
    await clock.sleep(PAUSE_MS, never)
  }
}
