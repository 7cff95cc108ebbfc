import type { TestDatabase } from '../../../support/database.ts'

export const tables = `CREATE TABLE events (id BIGINT NOT NULL AUTO_INCREMENT PRIMARY KEY, post_id INT NOT NULL, place INT NOT NULL,
    likes DECIMAL(6,2) NULL, viewed_at DATETIME NOT NULL, KEY by_time (viewed_at));
  CREATE TABLE posts (id INT NOT NULL PRIMARY KEY, view_count INT UNSIGNED NOT NULL, like_sum DECIMAL(10,2) NOT NULL);
  INSERT INTO posts VALUES (1, 1000, 0), (2, 2000, 0), (3, 3000, 0)`

export const source = { table: 'events', strategy: 'recompute', time: 'viewed_at', last: 2 }
export const measures = { views: 'count', likes: 'sum:likes' }
export const total = { table: 'posts', columns: { view_count: 'views', like_sum: 'likes' } }
/** Small enough for the first run to be quick over two months. */
export const days = { sizes: ['day', 'month'] }

/** So many days before today: `2026-03-29`, by the clock of the server. */
export async function dayBefore({ query }: Pick<TestDatabase, 'query'>, count: number): Promise<string> {
  const [row] = await query(`SELECT CAST(UTC_DATE() - INTERVAL ${count} DAY AS CHAR) AS day`)
  return String(row?.day)
}

/** `rows` are `(post, place, likes, hours before the end of yesterday)`. */
export async function insertEvents(
  { query }: Pick<TestDatabase, 'query'>,
  rows: readonly (readonly [number, number, number | null, number])[],
): Promise<void> {
  const values = rows.map(
    ([post, place, likes, hours]) =>
      `(${post}, ${place}, ${likes}, UTC_DATE() - INTERVAL ${hours} HOUR - INTERVAL 1 MINUTE)`,
  )
  await query(`INSERT INTO events (post_id, place, likes, viewed_at) VALUES ${values.join(', ')}`)
}

const formats = { hour: '%Y-%m-%d %H:00:00', day: '%Y-%m-%d 00:00:00', month: '%Y-%m-01 00:00:00' }

/** Counters that are not the server's own GROUP BY over the rows that are there; 0 and none are the same. */
export function findWrong(
  { query }: Pick<TestDatabase, 'query'>,
  sizes: readonly (keyof typeof formats)[],
): Promise<readonly unknown[]> {
  const truth = sizes.map(
    (
      size,
    ) => `SELECT post_id, '${size}' AS bucket_size, CAST(DATE_FORMAT(viewed_at, '${formats[size]}') AS DATETIME) AS bucket_start,
      COUNT(*) AS views, COALESCE(SUM(likes), 0) AS likes FROM events GROUP BY 1, 3`,
  )
  return query(`SELECT post_id, bucket_size, bucket_start, SUM(views) AS views, SUM(likes) AS likes FROM (
      SELECT * FROM (${truth.join(' UNION ALL ')}) AS must
      UNION ALL SELECT post_id, bucket_size, bucket_start, -1 * CAST(views AS SIGNED), -1 * likes FROM counts) AS sides
    GROUP BY 1, 2, 3 HAVING views <> 0 OR likes <> 0`)
}

/** Totals that are not what they began with and the events that are there. */
export function findWrongTotals({ query }: Pick<TestDatabase, 'query'>): Promise<readonly unknown[]> {
  return query(`SELECT id FROM posts LEFT JOIN (SELECT post_id, COUNT(*) AS views, SUM(likes) AS likes FROM events GROUP BY 1) AS must
      ON must.post_id = id
    WHERE view_count <> id * 1000 + COALESCE(views, 0) OR like_sum <> COALESCE(likes, 0)`)
}
