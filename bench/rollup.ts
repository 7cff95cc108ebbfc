import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createHistogram } from 'node:perf_hooks'
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import { never } from '../src/lib/abort.ts'
import { systemClock } from '../src/lib/clock.ts'
import { systemRandom } from '../src/lib/random.ts'
import { startSandboxServer } from '../src/sandbox/server.ts'
import { type Measured, measure, median } from './measure.ts'

/**
 * Rollup beside the bare statements, on the same events and the same server, in turn: ratios, since machines are noisy.
 * MySQL with ROWKEEPER_BENCH_SERVER=mysql.
 */
const EVENTS = Number(process.env.ROWKEEPER_BENCH_EVENTS ?? 2_000_000)
const OBJECTS = 50_000
const ROUNDS = 3
const WRITERS = 8
const WRITE_MS = 10_000
const strategies = ['consume', 'rotate'] as const
type Strategy = (typeof strategies)[number]
const bars: Readonly<Record<Strategy, number>> = { consume: 0.6, rotate: 0.9 }

const folder = await mkdtemp(join(tmpdir(), 'rowkeeper-bench-'))
const server = await startSandboxServer({
  family: process.env.ROWKEEPER_BENCH_SERVER === 'mysql' ? 'mysql' : 'mariadb',
  clock: systemClock,
  random: systemRandom,
  signal: never,
  environment: process.env,
  say: (line) => process.stderr.write(`${line}\n`),
  serverOptions: ['--innodb-buffer-pool-size=1G'],
})

try {
  print(`server: ${server.version}; Node ${process.version}`)
  const connection = await createConnection({ uri: server.url, timezone: 'Z' })
  const config = await prepare(connection)
  await report(connection, config)
  await reportWriters(connection, config)
  await connection.end()
} finally {
  await server.stop()
  await rm(folder, { recursive: true })
}

async function report(connection: Connection, config: string): Promise<void> {
  const bare: number[] = []
  const product = new Map<Strategy, Measured[]>(strategies.map((strategy) => [strategy, []]))
  for (let round = 0; round < ROUNDS; round++) {
    bare.push(await measureBare(connection))
    for (const strategy of strategies)
      product.get(strategy)?.push(await measureProduct(connection, config, strategy))
  }
  const floor = median(bare)
  print(`\n${EVENTS} events over ${OBJECTS} objects into hours, days and months, median of ${ROUNDS}`)
  print(`${''.padEnd(44)} events/s   of the floor   peak memory`)
  print(`${'one INSERT … SELECT and one DELETE'.padEnd(44)} ${rate(floor)}`)
  for (const strategy of strategies) {
    const runs = product.get(strategy) ?? []
    const milliseconds = median(runs.map(({ runMilliseconds = 0 }) => runMilliseconds))
    const megabytes = Math.max(...runs.map(({ maximumMegabytes }) => maximumMegabytes))
    print(
      `${`rowkeeper, ${strategy}`.padEnd(44)} ${rate(milliseconds)}         ${(floor / milliseconds).toFixed(2)} ×   ${megabytes.toFixed(0)} MB   (bar: at least ${bars[strategy]}, under 150 MB)`,
    )
  }
}

/** What writers feel: a view counted at once on the row of its object, or written as an event while runs count. */
async function reportWriters(connection: Connection, config: string): Promise<void> {
  await connection.query(
    'CREATE TABLE posts (id BIGINT UNSIGNED NOT NULL PRIMARY KEY, view_count BIGINT NOT NULL)',
  )
  await connection.query('INSERT INTO posts SELECT DISTINCT post_id, 0 FROM store')
  await connection.query('TRUNCATE TABLE events')
  const atOnce = await write('UPDATE posts SET view_count = view_count + 1 WHERE id = ?')
  const over = new AbortController()
  const running = runAgain(config, over.signal)
  const asEvents = await write("INSERT INTO events (post_id, viewed_at) VALUES (?, '2026-03-02')")
  over.abort()
  await running
  print(`\n${WRITERS} writers for ${WRITE_MS / 1000} s, objects as above     views/s        p50        p99`)
  for (const [name, { perSecond, p50, p99 }] of [
    ['one UPDATE of the object per view', atOnce],
    ['one INSERT per view, counted meanwhile', asEvents],
  ] as const)
    print(
      `${name.padEnd(40)} ${perSecond.toFixed(0).padStart(12)} ${p50.toFixed(2).padStart(7)} ms ${p99.toFixed(2).padStart(7)} ms`,
    )
}

async function runAgain(config: string, over: AbortSignal): Promise<void> {
  while (!over.aborted)
    await measure('product.js', [
      'run',
      'views-by-consume',
      '--config',
      config,
      '--quiet',
      '--format',
      'json',
    ])
}

interface Written {
  readonly perSecond: number
  /** Milliseconds. */
  readonly p50: number
  readonly p99: number
}

async function write(statement: string): Promise<Written> {
  const histogram = createHistogram()
  const begun = performance.now()
  const counts = await Promise.all(
    Array.from({ length: WRITERS }, async () => {
      const connection = await createConnection(`${server.url}shop`)
      let views = 0
      while (performance.now() - begun < WRITE_MS) {
        const sent = performance.now()
        await connection.query(statement, [Math.floor((OBJECTS + 1) ** Math.random())])
        histogram.record(Math.max(1, Math.round((performance.now() - sent) * 1000)))
        views += 1
      }
      await connection.end()
      return views
    }),
  )
  const views = counts.reduce((sum, count) => sum + count, 0)
  const percentile = (share: number) => histogram.percentile(share) / 1000
  return { perSecond: (views / WRITE_MS) * 1000, p50: percentile(50), p99: percentile(99) }
}

function rate(milliseconds: number): string {
  return ((EVENTS / milliseconds) * 1000).toFixed(0).padStart(8)
}

async function measureProduct(connection: Connection, config: string, strategy: Strategy): Promise<Measured> {
  await refill(connection)
  const measured = await measure('product.js', [
    ...['run', `views-by-${strategy}`, '--config', config, '--quiet', '--format', 'json'],
  ])
  if (measured.exitCode !== 0) throw new Error(`the run ended with ${measured.exitCode}`)
  await expectCounted(connection)
  return measured
}

async function measureBare(connection: Connection): Promise<number> {
  await refill(connection)
  const { milliseconds } = await measure('bare-count.js', [`${server.url}shop`, String(EVENTS)])
  await expectCounted(connection)
  return milliseconds
}

/**
 * Events of one day in the order of their ids. The object of an event is spread evenly over the logarithm of its
 * number: a few are viewed all the time, most now and then (Zipf's law). Nothing passes through this process.
 */
async function prepare(connection: Connection): Promise<string> {
  await connection.query('CREATE DATABASE shop')
  await connection.query('USE shop')
  const columns =
    'id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, post_id BIGINT UNSIGNED NOT NULL, viewed_at DATETIME NOT NULL'
  await connection.query(`CREATE TABLE store (${columns})`)
  await connection.query(`CREATE TABLE events (${columns})`)
  await connection.query(`CREATE TABLE counts (post_id BIGINT UNSIGNED NOT NULL,
    bucket_size VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin NOT NULL, bucket_start DATETIME NOT NULL,
    views BIGINT UNSIGNED NOT NULL DEFAULT 0, PRIMARY KEY (post_id, bucket_size, bucket_start),
    KEY by_bucket (bucket_size, bucket_start))`)
  await connection.query("INSERT INTO store VALUES (1, 1, '2026-03-01')")
  for (let count = 1; count < EVENTS; count *= 2) {
    await connection.query(`INSERT INTO store SELECT id + ${count},
      FLOOR(POW(${OBJECTS + 1}, CRC32(id + ${count}) / 4294967296)),
      '2026-03-01' + INTERVAL (id + ${count}) * 86399 DIV ${EVENTS} SECOND
      FROM store WHERE id + ${count} <= ${EVENTS}`)
  }
  const config = join(folder, 'rowkeeper.yaml')
  await writeFile(config, configText(`${server.url}shop`), { mode: 0o600 })
  const installed = await measure('product.js', ['state', 'install', '--config', config])
  if (installed.exitCode !== 0) throw new Error(`state install ended with ${installed.exitCode}`)
  return config
}

/** Everyone begins with the same events, no counters, and a server that has cleaned up after the one before. */
async function refill(connection: Connection): Promise<void> {
  await connection.query('TRUNCATE TABLE events')
  await connection.query('TRUNCATE TABLE counts')
  await connection.query('INSERT INTO events SELECT * FROM store ORDER BY id')
  await connection.query('ANALYZE TABLE events')
  while ((await readHistoryLength(connection)) > 100) await systemClock.sleep(200, never)
}

async function readHistoryLength(connection: Connection): Promise<number> {
  const [rows] = await connection.query<RowDataPacket[]>(
    "SELECT COUNT AS length FROM information_schema.INNODB_METRICS WHERE NAME = 'trx_rseg_history_len'",
  )
  return Number(rows[0]?.length)
}

/** A rate is worth nothing when counts are wrong. */
async function expectCounted(connection: Connection): Promise<void> {
  const [counted] = await connection.query<RowDataPacket[]>(
    'SELECT bucket_size, SUM(views) AS views FROM counts GROUP BY bucket_size',
  )
  const [left] = await connection.query<RowDataPacket[]>('SELECT COUNT(*) AS events FROM events')
  const isRight = counted.length === 3 && counted.every(({ views }) => Number(views) === EVENTS)
  if (!isRight || Number(left[0]?.events) > 0) throw new Error(`counted ${JSON.stringify(counted)}`)
}

function configText(url: string): string {
  const jobs = strategies.map(
    (strategy) => `  views-by-${strategy}:
    kind: rollup
    database: shop
    source: { table: events, strategy: ${strategy}, key: id, time: viewed_at }
    group: { post_id: post_id }
    measures: { views: count }
    buckets: { sizes: [hour, day, month] }
    into: { table: counts }
`,
  )
  return `version: 1
databases: { shop: { url: "${url}" } }
jobs:
${jobs.join('')}`
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
