import { createConnection } from 'mysql2/promise'

/**
 * The limit to compare with: what must be done at the least, and nothing else. INSERT … SELECT and DELETE of the same
 * rows, unproven, in one transaction for each batch.
 */
const [url = '', cutoff = '', rows = '2000'] = process.argv.slice(2)
const connection = await createConnection(url)
await connection.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED')
const next = `FROM live WHERE created_at < '${cutoff}' ORDER BY created_at, id LIMIT ${rows}`
const begun = performance.now()
const cpu = process.cpuUsage()
let deleted: number
do {
  await connection.query('START TRANSACTION')
  await connection.query(
    `INSERT INTO live_archive (id, k, c, pad, created_at) SELECT id, k, c, pad, created_at ${next}`,
  )
  const [result] = await connection.query(`DELETE ${next}`)
  await connection.query('COMMIT')
  deleted = 'affectedRows' in result ? result.affectedRows : 0
} while (deleted > 0)
const used = process.cpuUsage(cpu)
process.send?.({
  milliseconds: performance.now() - begun,
  cpuMilliseconds: (used.user + used.system) / 1000,
  maximumMegabytes: process.resourceUsage().maxRSS / 1024,
})
await connection.end()
process.disconnect?.()
