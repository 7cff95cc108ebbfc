import { createConnection } from 'mysql2/promise'

/**
 * The limit: all events into the same buckets by one statement, and one DELETE of the same rows, in one transaction.
 * The hours are folded once, days and months from them. Loses nothing only because nobody else is there.
 */
const [url = '', upTo = ''] = process.argv.slice(2)

const connection = await createConnection(url)
await connection.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED')
const fold = (size: string, start: string) =>
  `SELECT post_id, '${size}' AS bucket_size, ${start} AS bucket_start, SUM(n) AS views FROM hours GROUP BY post_id, ${start}`
const hour = "CAST(DATE_FORMAT(viewed_at, '%Y-%m-%d %H:00:00') AS DATETIME)"
const begun = performance.now()
const cpu = process.cpuUsage()
await connection.query('START TRANSACTION')
await connection.query(
  `INSERT INTO counts (post_id, bucket_size, bucket_start, views)
   SELECT * FROM (
     WITH hours AS (SELECT post_id, ${hour} AS hour_start, COUNT(*) AS n FROM events WHERE id <= ? GROUP BY post_id, hour_start)
     ${fold('hour', 'hour_start')} UNION ALL ${fold('day', 'CAST(CAST(hour_start AS DATE) AS DATETIME)')}
     UNION ALL ${fold('month', "CAST(DATE_FORMAT(hour_start, '%Y-%m-01') AS DATETIME)")}) AS added
   ON DUPLICATE KEY UPDATE views = counts.views + added.views`,
  [upTo],
)
await connection.query('DELETE FROM events WHERE id <= ?', [upTo])
await connection.query('COMMIT')
const used = process.cpuUsage(cpu)
process.send?.({
  milliseconds: performance.now() - begun,
  cpuMilliseconds: (used.user + used.system) / 1000,
  maximumMegabytes: process.resourceUsage().maxRSS / 1024,
})
await connection.end()
process.disconnect?.()
