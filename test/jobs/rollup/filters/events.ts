import type { TestDatabase } from '../../../support/database.ts'

export const eventTable = `CREATE TABLE events (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
  post_id INT NOT NULL, viewed_at DATETIME NOT NULL, agent VARCHAR(300) NULL,
  viewer VARCHAR(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci NULL)`

export interface TestEvent {
  readonly post: number
  /** `2026-04-01 10:00:00` */
  readonly at: string
  readonly viewer: string | null
  readonly agent?: string | null
}

export async function insertEvents({ query }: Pick<TestDatabase, 'query'>, events: readonly TestEvent[]) {
  const rows = events.map(({ post, at, viewer, agent = null }) => [post, at, viewer, agent])
  await query('INSERT INTO events (post_id, viewed_at, viewer, agent) VALUES ?', [rows])
}

/** `7 hour 2026-04-01 10:00:00 3`, one for every counter. */
export async function countersOf({ query }: TestDatabase, columns = 'views') {
  const key = 'post_id, bucket_size, bucket_start'
  const rows = await query(`SELECT ${key}, ${columns} FROM counts ORDER BY ${key}, ${columns}`)
  return rows.map((row) => Object.values(row).join(' '))
}
