import type { WriteSession } from '../../src/db/session.ts'
import { raw, type Statement, sql, statement } from '../../src/db/statement.ts'

/** `work` waits for the lock of a table at most so long; everybody else waits behind it. Then it is as it was. */
export async function withLockWait<T>(
  session: WriteSession,
  milliseconds: number,
  work: () => Promise<T>,
): Promise<T> {
  const [row] = await session.rows(selectLockWait())
  await session.change(setLockWait(Math.max(1, Math.floor(milliseconds / 1000))))
  try {
    return await work()
  } finally {
    // A session that cannot be asked any more is closed, and with it its settings.
    await session.change(setLockWait(Number(row?.seconds))).catch(() => {})
  }
}

function selectLockWait(): Statement {
  return statement('migrate.select-lock-wait', raw('SELECT @@SESSION.lock_wait_timeout AS seconds'))
}

function setLockWait(seconds: number): Statement {
  return statement('migrate.set-lock-wait', sql`SET SESSION lock_wait_timeout = ${seconds}`)
}
