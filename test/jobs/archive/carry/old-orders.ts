import type { TestDatabase } from '../../../support/database.ts'
import { hoursAgo } from '../move/orders.ts'

const OLD_HOURS = 24 * 450

/** Not due for months. */
export const youngAge = hoursAgo(24)

/** Orders from 1 to `count`, all of one instant and old enough to go. */
export async function makeOldOrders(database: TestDatabase, count: number): Promise<void> {
  await database.query(`CREATE TABLE orders (id INT NOT NULL PRIMARY KEY, status VARCHAR(10) NOT NULL,
    note VARCHAR(40) NULL, created_at DATETIME NOT NULL, KEY by_created (created_at))`)
  const rows = Array.from({ length: count }, (_, index) => [
    index + 1,
    'DONE',
    `note ${index + 1}`,
    hoursAgo(OLD_HOURS),
  ])
  await database.query('INSERT INTO orders VALUES ?', [rows])
}

/** Ends a run at the n-th time it comes by. */
export function endAt(point: string, times = 1) {
  let left = times
  return {
    reach: async (reached: string) => {
      if (reached === point && --left === 0) throw new Error(`ended at ${point}`)
    },
  }
}
