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
 * Archive beside the bare statements and pt-archiver, on the same table and the same server, in turn: ratios, since
 * machines are noisy. MySQL with ROWKEEPER_BENCH_SERVER=mysql. With ROWKEEPER_BENCH_ROWS=5000000 alone: what a row of many
 * costs beside one of few does not need the others, who take an hour for that.
 */
const ROWS = Number(process.env.ROWKEEPER_BENCH_ROWS ?? 1_000_000)
const FEW_ROWS = 100_000
const BATCH = 2000
const ALONE = ROWS > 1_000_000
const ROUNDS = ALONE ? 1 : 3
const FEW_ROUNDS = 5
/** Newer than every row: all are old enough. */
const CUTOFF = '2025-01-01'
const bulkFlags = ['--bulk-insert', '--bulk-delete', '--limit', String(BATCH), '--commit-each']

const family = process.env.ROWKEEPER_BENCH_SERVER === 'mysql' ? 'mysql' : 'mariadb'
/** All rows fit, so that what is compared is the work for a row and not the disk. */
const memory = ALONE
  ? [
      '--innodb-buffer-pool-size=6G',
      family === 'mysql' ? '--innodb-redo-log-capacity=4G' : '--innodb-log-file-size=4G',
    ]
  : ['--innodb-buffer-pool-size=1G']
const folder = await mkdtemp(join(tmpdir(), 'rowkeeper-bench-'))
const server = await startSandboxServer({
  family,
  clock: systemClock,
  random: systemRandom,
  signal: never,
  environment: process.env,
  say: (line) => process.stderr.write(`${line}\n`),
  // pt-archiver's bulk insert is a LOAD DATA LOCAL.
  serverOptions: [...memory, '--local-infile=1'],
})

try {
  print(`server: ${server.version}; Node ${process.version}`)
  const connection = await createConnection(server.url)
  const config = await prepare(connection)
  report(await measureAll(connection, config))
  await connection.end()
} finally {
  await server.stop()
  await rm(folder, { recursive: true })
}

/** Microseconds for one row; undefined where pt-archiver is not installed, or nobody else was measured. */
interface Costs {
  readonly bare: number
  readonly bareOfFew: number
  /** From the start of the run to its end. */
  readonly run: number
  /** Of the batches alone. */
  readonly batches: number
  readonly batchesOfFew: number
  readonly bulk: number | undefined
  readonly plain: number | undefined
  readonly cpu: number
  readonly megabytes: number
}

async function measureAll(connection: Connection, config: string): Promise<Costs> {
  // Makes the archive table, so that nobody's time is that of making it.
  await measureProduct(connection, config, FEW_ROWS)
  const product: Measured[] = []
  const bare: number[] = []
  const bulk: (number | undefined)[] = []
  for (let round = 0; round < ROUNDS; round++) {
    product.push(await measureProduct(connection, config, ROWS))
    bare.push(await measureBare(connection, ROWS))
    if (ALONE) continue
    bulk.push(await measureArchiver(connection, ROWS, bulkFlags))
  }
  const few: Measured[] = []
  for (let round = 0; round < FEW_ROUNDS; round++)
    few.push(await measureProduct(connection, config, FEW_ROWS))
  const bareFew: number[] = []
  for (let round = 0; round < FEW_ROUNDS; round++) bareFew.push(await measureBare(connection, FEW_ROWS))
  const plain = ALONE ? undefined : await measureArchiver(connection, FEW_ROWS, [])
  return {
    bare: costOf(median(bare), ROWS),
    bareOfFew: costOf(median(bareFew), FEW_ROWS),
    run: costOf(median(product.map(({ runMilliseconds = 0 }) => runMilliseconds)), ROWS),
    batches: costOf(median(product.map(batchMilliseconds)), ROWS),
    batchesOfFew: costOf(median(few.map(batchMilliseconds)), FEW_ROWS),
    bulk: bulk[0] === undefined ? undefined : costOf(median(bulk.map((one) => one ?? 0)), ROWS),
    plain: plain === undefined ? undefined : costOf(plain, FEW_ROWS),
    cpu: costOf(median(product.map(({ cpuMilliseconds }) => cpuMilliseconds)), ROWS),
    megabytes: Math.max(...product.map(({ maximumMegabytes }) => maximumMegabytes)),
  }
}

function costOf(milliseconds: number, rows: number): number {
  return (milliseconds * 1000) / rows
}

function batchMilliseconds({ detail }: Measured): number {
  const { moved } = detail as { moved: { milliseconds: number } }
  return moved.milliseconds
}

function report({ bare, bareOfFew, run, batches, batchesOfFew, bulk, plain, cpu, megabytes }: Costs): void {
  const line = (name: string, cost: number | undefined, bar: string) => {
    const figures =
      cost === undefined
        ? 'not measured'
        : `${(1e6 / cost).toFixed(0).padStart(8)} ${(cost / run).toFixed(2).padStart(8)} ×   ${bar}`
    print(`${name.padEnd(32)}${figures}`)
  }
  print(`\n${ROWS} rows of about 200 bytes, batches of ${BATCH}, median of ${ROUNDS}`)
  print(`${''.padEnd(32)}  rows/s   rowkeeper is`)
  line('bare INSERT … SELECT and DELETE', bare, '(bar: at least 0.75)')
  line('rowkeeper, every batch proven', run, '')
  line('pt-archiver, bulk', bulk, '(bar: at least 2)')
  line('pt-archiver, default', plain, '(bar: at least 12)')
  const ratio = (batches / batchesOfFew).toFixed(2)
  const bareRatio = (bare / bareOfFew).toFixed(2)
  print(
    `\na row of ${ROWS} costs ${ratio} of what one of ${FEW_ROWS} does   (bar: 0.8 to 1.2); for the bare loop ${bareRatio}`,
  )
  print(`peak memory ${megabytes.toFixed(0)} MB   (bar: under 150 MB); CPU ${cpu.toFixed(1)} µs/row`)
}

async function measureProduct(connection: Connection, config: string, rows: number): Promise<Measured> {
  await refill(connection, rows)
  const words = ['run', 'old-rows', '--config', config, '--quiet', '--format', 'json']
  const measured = await measure('product.js', words)
  if (measured.exitCode !== 0) throw new Error(`the run ended with ${measured.exitCode}`)
  await expectMoved(connection, rows)
  return measured
}

async function measureBare(connection: Connection, rows: number): Promise<number> {
  await refill(connection, rows)
  const { milliseconds } = await measure('bare-move.js', [`${server.url}shop`, CUTOFF, String(BATCH)])
  await expectMoved(connection, rows)
  return milliseconds
}

/** Milliseconds; undefined where it is not installed. */
async function measureArchiver(
  connection: Connection,
  rows: number,
  flags: readonly string[],
): Promise<number | undefined> {
  await refill(connection, rows)
  const begun = performance.now()
  const exitCode = await startArchiver(flags)
  const milliseconds = performance.now() - begun
  if (exitCode === undefined) return undefined
  if (exitCode !== 0) throw new Error(`pt-archiver ended with ${exitCode}`)
  await expectMoved(connection, rows)
  return milliseconds
}

function startArchiver(flags: readonly string[]): Promise<number | undefined> {
  const { hostname, port, username, password } = new URL(server.url)
  const source = `h=${hostname},P=${port},u=${username},p=${password},D=shop,t=live,L=1`
  const words = [
    ...['--source', source, '--dest', source.replace('t=live', 't=live_archive')],
    ...['--where', `created_at < '${CUTOFF}'`, '--no-check-charset', '--no-version-check'],
  ]
  return new Promise((resolve) => {
    const child = spawn('pt-archiver', [...words, ...flags], { stdio: 'inherit' })
    child.once('error', () => resolve(undefined))
    child.once('exit', (code) => resolve(code ?? 1))
  })
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
  // Over 300 days.
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
