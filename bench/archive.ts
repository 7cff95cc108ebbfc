import { spawn } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise'
import { never } from '../src/lib/abort.ts'
import { systemClock } from '../src/lib/clock.ts'
import { systemRandom } from '../src/lib/random.ts'
import { startSandboxServer } from '../src/sandbox/server.ts'
import { type Measured, measure, median } from './measure.ts'

/**
 * Archive beside the bare statements and pt-archiver, on the same table, the same server, in one run: ratios, since
 * machines are noisy. 5 million rows with ROWKEEPER_BENCH_ROWS=5000000; MySQL with ROWKEEPER_BENCH_SERVER=mysql.
 */
const ROWS = Number(process.env.ROWKEEPER_BENCH_ROWS ?? 1_000_000)
const FEW_ROWS = 100_000
const BATCH = 2000
const ROUNDS = 3
/** Newer than every row: all are old enough. */
const CUTOFF = '2025-01-01'

const folder = await mkdtemp(join(tmpdir(), 'rowkeeper-bench-'))
const server = await startSandboxServer({
  family: process.env.ROWKEEPER_BENCH_SERVER === 'mysql' ? 'mysql' : 'mariadb',
  clock: systemClock,
  random: systemRandom,
  signal: never,
  environment: process.env,
  say: (line) => process.stderr.write(`${line}\n`),
  // pt-archiver's bulk insert is a LOAD DATA LOCAL.
  serverOptions: ['--innodb-buffer-pool-size=1G', '--local-infile=1'],
})

try {
  print(`server: ${server.version}; Node ${process.version}`)
  await compare()
} finally {
  await server.stop()
  await rm(folder, { recursive: true })
}

async function compare(): Promise<void> {
  const connection = await createConnection(server.url)
  const config = await prepare(connection)
  await measureProduct(connection, config, FEW_ROWS)
  const bare: Measured[] = []
  const product: Measured[] = []
  for (let round = 0; round < ROUNDS; round++) {
    product.push(await measureProduct(connection, config, ROWS))
    await refill(connection, ROWS)
    bare.push(await measure('bare-move.js', [`${server.url}shop`, CUTOFF, String(BATCH)]))
    await expectMoved(connection, ROWS)
  }
  const few = await measureProduct(connection, config, FEW_ROWS)
  const bulkFlags = ['--bulk-insert', '--bulk-delete', '--limit', String(BATCH), '--commit-each']
  const bulk = await measureArchiver(connection, ROWS, bulkFlags)
  const plain = await measureArchiver(connection, FEW_ROWS, [])
  await connection.end()
  const runs = product.map((one) => one.runMilliseconds ?? one.milliseconds)
  const rate = ROWS / median(runs)
  const bareRate = ROWS / median(bare.map((one) => one.milliseconds))
  print(`\n${ROWS} rows of about 200 bytes, batches of ${BATCH}, median of ${ROUNDS}`)
  print('                                rows/s    rowkeeper is')
  printRate('bare INSERT … SELECT, DELETE', bareRate, rate, '(bar: at least 0.75)')
  printRate('rowkeeper, every batch proven', rate, rate, '')
  printRate('pt-archiver, bulk', bulk && ROWS / bulk, rate, '(bar: at least 2)')
  printRate('pt-archiver, default', plain && FEW_ROWS / plain, rate, '(bar: at least 12)')
  const fewRate = FEW_ROWS / (few.runMilliseconds ?? few.milliseconds)
  print(
    `\ncost of a row at ${ROWS} rows: ${(fewRate / rate).toFixed(2)} of that at ${FEW_ROWS}   (bar: 0.8 to 1.2)`,
  )
  const memory = Math.max(...product.map((one) => one.maximumMegabytes))
  const cpu = median(product.map((one) => one.cpuMilliseconds)) / ROWS
  print(`peak memory ${memory.toFixed(0)} MB   (bar: under 150 MB); CPU ${(cpu * 1000).toFixed(1)} µs/row`)
}

function printRate(name: string, rate: number | undefined, product: number, bar: string): void {
  const figures =
    rate === undefined
      ? 'not installed'
      : `${(rate * 1000).toFixed(0).padStart(8)} ${(product / rate).toFixed(2).padStart(12)} ×   ${bar}`
  print(`${name.padEnd(30)}${figures}`)
}

async function measureProduct(connection: Connection, config: string, rows: number): Promise<Measured> {
  await refill(connection, rows)
  const words = ['run', 'old-rows', '--config', config, '--quiet', '--format', 'json']
  const measured = await measure('product.js', words)
  if (measured.exitCode !== 0) throw new Error(`the run ended with ${measured.exitCode}`)
  await expectMoved(connection, rows)
  return measured
}

/** A sysbench table with the time of each row. Doubled until there are enough: nothing passes through this process. */
async function prepare(connection: Connection): Promise<string> {
  await connection.query('CREATE DATABASE shop')
  await connection.query('USE shop')
  const columns = `id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, k INT NOT NULL, c CHAR(120) NOT NULL, pad CHAR(60) NOT NULL,
    created_at DATETIME NOT NULL, KEY k_1 (k), KEY by_created_at (created_at)`
  await connection.query(`CREATE TABLE store (${columns})`)
  await connection.query(`CREATE TABLE live (${columns})`)
  await connection.query(`INSERT INTO store VALUES (1, 1, 'c', 'p', '${CUTOFF}')`)
  const many = Math.max(ROWS, FEW_ROWS)
  for (let count = 1; count < many; count *= 2) {
    await connection.query(`INSERT INTO store SELECT id + ${count}, CRC32(id + ${count}) MOD ${many}, c, pad, created_at
      FROM store WHERE id + ${count} <= ${many}`)
  }
  await connection.query(`UPDATE store SET created_at = '${CUTOFF}' - INTERVAL 1 YEAR + INTERVAL id * 300 DIV ${many / 86_400} SECOND,
    c = REPEAT(CONCAT(LPAD(CRC32(id), 11, '0'), '-'), 10), pad = REPEAT(CONCAT(LPAD(CRC32(k), 11, '0'), '-'), 5)`)
  await connection.query('ANALYZE TABLE store')
  const config = join(folder, 'rowkeeper.yaml')
  await writeFile(config, configText(`${server.url}shop`), { mode: 0o600 })
  const installed = await measure('product.js', ['state', 'install', '--config', config])
  if (installed.exitCode !== 0) throw new Error(`state install ended with ${installed.exitCode}`)
  return config
}

/** Everyone begins with the same rows, an empty archive, and a server that has cleaned up after the one before. */
async function refill(connection: Connection, rows: number): Promise<void> {
  await connection.query('TRUNCATE TABLE live')
  await connection.query(`INSERT INTO live SELECT * FROM store WHERE id <= ${rows} ORDER BY id`)
  await connection.query('ANALYZE TABLE live')
  const [made] = await connection.query<RowDataPacket[]>("SHOW TABLES LIKE 'live_archive'")
  if (made.length > 0) await connection.query('TRUNCATE TABLE live_archive')
  await connection.query('DELETE FROM rowkeeper_month')
  while ((await readHistoryLength(connection)) > 100) await systemClock.sleep(200, never)
}

async function readHistoryLength(connection: Connection): Promise<number> {
  const [rows] = await connection.query<RowDataPacket[]>(
    "SELECT COUNT AS length FROM information_schema.INNODB_METRICS WHERE NAME = 'trx_rseg_history_len'",
  )
  return Number(rows[0]?.length)
}

/** A rate is worth nothing when rows are missing: pt-archiver keeps the one with the highest id, and that is all. */
async function expectMoved(connection: Connection, rows: number): Promise<void> {
  const [counted] = await connection.query<RowDataPacket[]>(
    'SELECT (SELECT COUNT(*) FROM live) AS live, (SELECT COUNT(*) FROM live_archive) AS archive',
  )
  const live = Number(counted[0]?.live)
  const archive = Number(counted[0]?.archive)
  if (live > 1 || live + archive !== rows) throw new Error(`${live} rows left, ${archive} in the archive`)
}

/** Milliseconds; undefined where it is not installed. */
async function measureArchiver(
  connection: Connection,
  rows: number,
  flags: readonly string[],
): Promise<number | undefined> {
  await refill(connection, rows)
  const { hostname, port, username, password } = new URL(server.url)
  const source = `h=${hostname},P=${port},u=${username},p=${password},D=shop,t=live,L=1`
  const words = [
    '--source',
    source,
    '--dest',
    source.replace('t=live', 't=live_archive'),
    '--where',
    `created_at < '${CUTOFF}'`,
  ]
  const begun = performance.now()
  const exitCode = await new Promise<number | undefined>((resolve) => {
    const child = spawn('pt-archiver', [...words, '--no-check-charset', '--no-version-check', ...flags], {
      stdio: 'inherit',
    })
    child.once('error', () => resolve(undefined))
    child.once('exit', (code) => resolve(code ?? 1))
  })
  const milliseconds = performance.now() - begun
  if (exitCode === undefined) return undefined
  if (exitCode !== 0) throw new Error(`pt-archiver ended with ${exitCode}`)
  await expectMoved(connection, rows)
  return milliseconds
}

function configText(url: string): string {
  return `version: 1
databases: { shop: { url: "${url}" } }
jobs:
  old-rows:
    kind: archive
    database: shop
    table: live
    age: { column: created_at, olderThan: 1 months }
    into: { table: live_archive }
    batch: { rows: ${BATCH} }
`
}

function print(line: string): void {
  process.stdout.write(`${line}\n`)
}
