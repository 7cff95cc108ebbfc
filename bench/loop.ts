import { Pool } from 'undici'

/** The limit to compare with: the same URLs, as many at once, each body read and parsed, nothing else done. */
const [origin = '', rows = '0', concurrency = '1'] = process.argv.slice(2)
const pool = new Pool(origin, { connections: Number(concurrency), pipelining: 1 })
let next = 1

async function work(): Promise<void> {
  while (next <= Number(rows)) {
    const { body } = await pool.request({ method: 'GET', path: `/payments/order-${next++}` })
    await body.json()
  }
}

const begun = performance.now()
const cpu = process.cpuUsage()
await Promise.all(Array.from({ length: Number(concurrency) }, work))
const used = process.cpuUsage(cpu)
process.send?.({
  milliseconds: performance.now() - begun,
  cpuMilliseconds: (used.user + used.system) / 1000,
  maximumMegabytes: process.resourceUsage().maxRSS / 1024,
})
await pool.close()
process.disconnect?.()
