import { systemClock } from '../../../../src/lib/clock.ts'
import type { TestDatabase } from '../../../support/database.ts'

const HOUR_MS = 3_600_000

/** `hours` ago, as a DATETIME of a database whose zone is UTC. */
export function hoursAgo(hours: number): string {
  const instant = new Date(systemClock.now().getTime() - hours * HOUR_MS)
  return instant.toISOString().slice(0, 19).replace('T', ' ')
}

export interface Orders {
  readonly count: number
  /** Between one order and the next. */
  readonly hours: number
}

/** Orders with ids from 1, the newest one made an hour ago; every fifth of them is still open. */
export async function makeOrders(database: TestDatabase, { count, hours }: Orders): Promise<void> {
  await database.query(`CREATE TABLE orders (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    status VARCHAR(10) NOT NULL, note VARCHAR(40) NULL, created_at DATETIME NOT NULL, KEY by_created (created_at))`)
  const rows = Array.from({ length: count }, (_, index) => {
    const status = index % 5 === 0 ? 'OPEN' : 'DONE'
    return [index + 1, status, `note ${index}`, hoursAgo(1 + (count - 1 - index) * hours)]
  })
  if (count > 0) await database.query('INSERT INTO orders (id, status, note, created_at) VALUES ?', [rows])
}
