import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConnection } from 'mysql2/promise'
import { never } from '../src/lib/abort.ts'
import { systemClock } from '../src/lib/clock.ts'
import { systemRandom } from '../src/lib/random.ts'
import { startSandboxServer } from '../src/sandbox/server.ts'
import { awaitMessage, type Measured, measure, median, startChild } from './measure.ts'

/**
 * Reconcile beside a bare undici loop over the same URLs, in one run: ratios, since machines are noisy.
 * `npm run bench` prints what `bench/RESULTS.md` holds.
 */
const SPEED_ROWS = 20_000
const CONCURRENCY = 16
const ROUNDS = 3
const MEMORY_ROWS = 1_000_000

const folder = await mkdtemp(join(tmpdir(), 'rowkeeper-bench-'))
const server = await startSandboxServer({
  family: process.env.ROWKEEPER_BENCH_SERVER === 'mysql' ? 'mysql' : 'mariadb',
  clock: systemClock,
  random: systemRandom,
  signal: never,
  environment: process.env,
  say: (line) => process.stderr.write(`${line}\n`),
})

try {
  print(`server: ${server.version}; Node ${process.version}`)
  await compareSpeed()
  await measureMemory()
} finally {
  await server.stop()
  await rm(folder, { recursive: true })
}

async function compareSpeed(): Promise<void> {
  const service = startChild('answers.js', ['20'])
  const { port } = await awaitMessage<{ port: number }>(service)
  const origin = `http://127.0.0.1:${port}`
  const config = await prepareShop('speed', SPEED_ROWS, origin)
  const loops: Measured[] = []
  const runs: Measured[] = []
  for (let round = 0; round < ROUNDS; round++) {
    loops.push(await measure('loop.js', [origin, String(SPEED_ROWS), String(CONCURRENCY)]))
    await forgetItems('speed')
    runs.push(
      await measure('product.js', ['run', 'payments', '--config', config, '--quiet', '--format', 'json']),
    )
  }
  service.disconnect()
  const rate = (milliseconds: readonly number[]) => SPEED_ROWS / (median(milliseconds) / 1000)
  const cpu = (measured: readonly Measured[]) =>
    (median(measured.map((one) => one.cpuMilliseconds)) / SPEED_ROWS).toFixed(3).padStart(10)
  const loop = rate(loops.map((one) => one.milliseconds))
  const run = rate(runs.map((one) => one.runMilliseconds ?? one.milliseconds))
  const process = rate(runs.map((one) => one.milliseconds))
  print(`\n${SPEED_ROWS} rows, service answers after 20 ms, ${CONCURRENCY} at once, median of ${ROUNDS}`)
  print('                        rows/s    ratio   CPU ms/row')
  print(`bare undici loop      ${loop.toFixed(1).padStart(8)}    1.000   ${cpu(loops)}`)
  print(
    `rowkeeper, the run    ${run.toFixed(1).padStart(8)} ${(run / loop).toFixed(3).padStart(8)}   ${cpu(runs)}   (bar: at least 0.95)`,
  )
  print(
    `rowkeeper, process    ${process.toFixed(1).padStart(8)} ${(process / loop).toFixed(3).padStart(8)}                (with the start of Node and its imports)`,
  )
}

async function measureMemory(): Promise<void> {
  const service = startChild('answers.js', ['0'])
  const { port } = await awaitMessage<{ port: number }>(service)
  const config = await prepareShop('memory', MEMORY_ROWS, `http://127.0.0.1:${port}`)
  const run = await measure('product.js', [
    'run',
    'payments',
    '--config',
    config,
    '--quiet',
    '--format',
    'json',
  ])
  service.disconnect()
  print(`\n${MEMORY_ROWS} rows, service answers at once`)
  print(
    `peak memory        ${run.maximumMegabytes.toFixed(0).padStart(8)} MB   (bar: under 200 MB), ${(MEMORY_ROWS / (run.milliseconds / 1000)).toFixed(0)} rows/s, exit ${run.exitCode}`,
  )
}

async function prepareShop(name: string, rows: number, baseUrl: string): Promise<string> {
  const connection = await createConnection(server.url)
  await connection.query(`CREATE DATABASE ${name}`)
  await connection.query(`CREATE TABLE ${name}.payments (id BIGINT PRIMARY KEY, order_id VARCHAR(40) NOT NULL,
    status VARCHAR(16) NOT NULL, amount DECIMAL(12,2) NOT NULL, currency CHAR(3) NOT NULL, created_at DATETIME(3) NOT NULL,
    KEY payments_by_created_at (created_at))`)
  // Doubled until there are enough: a million rows in a few seconds, and nothing passes through this process.
  await connection.query(
    `INSERT INTO ${name}.payments VALUES (1, 'order-1', 'PAID', 12.30, 'EUR', UTC_TIMESTAMP(3) - INTERVAL 20 DAY)`,
  )
  for (let count = 1; count < rows; count *= 2) {
    await connection.query(`INSERT INTO ${name}.payments SELECT id + ${count}, CONCAT('order-', id + ${count}), status, amount, currency,
      created_at + INTERVAL ${count} SECOND FROM ${name}.payments WHERE id + ${count} <= ${rows}`)
  }
  await connection.query(`ANALYZE TABLE ${name}.payments`)
  await connection.end()
  const config = join(folder, `${name}.yaml`)
  await writeFile(config, configText(`${server.url}${name}`, baseUrl), { mode: 0o600 })
  const installed = await measure('product.js', ['state', 'install', '--config', config])
  if (installed.exitCode !== 0) throw new Error(`state install ended with ${installed.exitCode}`)
  return config
}

async function forgetItems(name: string): Promise<void> {
  const connection = await createConnection(server.url)
  await connection.query(`TRUNCATE TABLE ${name}.rowkeeper_item`)
  await connection.end()
}

function configText(url: string, baseUrl: string): string {
  return `version: 1
databases: { shop: { url: "${url}" } }
services:
  pay:
    baseUrl: ${baseUrl}
    concurrency: ${CONCURRENCY}
    lookup:
      get: /payments/{reference}
      read: { id: /id, reference: /orderId, status: /status, amount: /amount, currency: /currency, refunded: /refunded }
      statuses: { PAID: paid }
jobs:
  payments:
    kind: reconcile
    database: shop
    table: payments
    service: pay
    key: [id]
    columns: { reference: order_id, status: status, amount: amount, currency: currency, createdAt: created_at }
    statuses: { pending: [PENDING], paid: [PAID], failed: [FAILED] }
    settled: { paid: 100% }
`
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
