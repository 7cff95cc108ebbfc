import { never } from '../../src/lib/abort.ts'
import { systemClock } from '../../src/lib/clock.ts'
import type { TestDatabase } from './database.ts'

const PAUSE_MS = 5

/**
 * Ends every session of this database but ours, as an administrator or a proxy does, and waits until they are gone.
 * `spared`: connection ids of the test's own writers; `others`: names of further databases whose sessions go too.
 */
export async function cutConnections(
  { name, query }: Pick<TestDatabase, 'name' | 'query'>,
  { spared = [], others = [] }: { spared?: readonly string[]; others?: readonly string[] } = {},
): Promise<void> {
  for (;;) {
    const sessions = await query(
      'SELECT ID AS id FROM information_schema.PROCESSLIST WHERE DB IN (?) AND ID <> CONNECTION_ID() AND ID NOT IN (?)',
      [
        [name, ...others],
        ['0', ...spared],
      ],
    )
    if (sessions.length === 0) return
    for (const { id } of sessions) await query(`KILL CONNECTION ${Number(id)}`).catch(ignoreGone)
    await systemClock.sleep(PAUSE_MS, never)
  }
}

const NO_SUCH_THREAD = 1094

function ignoreGone(error: unknown): void {
  if ((error as { errno?: number }).errno !== NO_SUCH_THREAD) throw error
}
