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
 * Migrate beside the server's own ALTER, which blocks writers, and pt-online-schema-change, on the same table and the same
 * server, in turn. MySQL with ROWKEEPER_BENCH_SERVER=mysql. Then how well the time was told before, on three sizes.
 */
const ROWS = Number(process.env.ROWKEEPER_BENCH_ROWS ?? 2_000_000)
const ROUNDS = 3
const ESTIMATED = [100_000, 1_000_000, 5_000_000]
const ALTER = 'MODIFY COLUMN k BIGINT NOT NULL DEFAULT 0'
const family = process.env.ROWKEEPER_BENCH_SERVER === 'mysql' ? 'mysql' : 'mariadb'

const folder = await mkdtemp(join(tmpdir(), 'rowkeeper-bench-'))
const server = await startSandboxServer({
  family,
  clock: systemClock,
  random: systemRandom,
  signal: never,
  environment: process.env,
  say: (line) => process.stderr.write(`${line}\n`),
  serverOptions: ['--innodb-buffer-pool-size=4G'],
})

try {
  print(`server: ${server.version}; Node ${process.version}`)
  const connection = await createConnection(server.url)
  const config = await prepare(connection)
  await compare(connection, config)
  await judgeEstimates(connection, config)
  await connection.end()
} finally {
  await server.stop()
  await rm(folder, { recursive: true })
}

interface Detail {
  readonly phaseMs: Readonly<Record<string, number>>
  readonly cutOverStallMs: number
  readonly estimate: {
    readonly lowSeconds: number
    readonly likelySeconds: number
    readonly highSeconds: number
  }
  readonly actualSeconds: number
}

async function compare(connection: Connection, config: string): Promise<void> {
  const product: Measured[] = []
  const native: number[] = []
  const percona: (number | undefined)[] = []
  for (let round = 0; round < ROUNDS; round++) {
    native.push(await measureNative(connection))
    product.push(await measureProduct(connection, config, ROWS))
    percona.push(await measurePercona(connection))
  }
  const details = product.map(({ detail }) => detail as unknown as Detail)
  const total = median(product.map(({ runMilliseconds = 0 }) => runMilliseconds))
  const check = median(details.map(({ phaseMs }) => phaseMs.checking ?? 0))
  const copy = median(details.map(({ phaseMs }) => phaseMs.copying ?? 0))
  const stall = Math.max(...details.map(({ cutOverStallMs }) => cutOverStallMs))
  print(`\n${ROWS} rows of about 200 bytes, one index, ${ALTER}, median of ${ROUNDS}`)
  line('rowkeeper, from start to end', total, '')
  line(
    'native ALTER, ALGORITHM=COPY, blocks writers',
    median(native),
    ratio(total - check, median(native), 'without the check'),
  )
  const others = percona.filter((one): one is number => one !== undefined)
  if (others.length > 0)
    line('pt-online-schema-change', median(others), ratio(total, median(others), 'with the check'))
  print(`phases: ${JSON.stringify(details[0]?.phaseMs)}`)
  print(
    `check ÷ copy ${(check / copy).toFixed(2)} (bar: 0.4); longest stall ${stall.toFixed(0)} ms (bar: under 100)`,
  )
  print(`peak memory ${Math.max(...product.map(({ maximumMegabytes }) => maximumMegabytes)).toFixed(0)} MB`)
}

function line(name: string, milliseconds: number, more: string): void {
  print(`${name.padEnd(48)}${(milliseconds / 1000).toFixed(1).padStart(8)} s   ${more}`)
}

function ratio(own: number, other: number, what: string): string {
  return `rowkeeper ${what}: ${(own / other).toFixed(2)} ×`
}

async function judgeEstimates(connection: Connection, config: string): Promise<void> {
  for (const rows of ESTIMATED) {
    const { detail } = await measureProduct(connection, config, rows)
    const { estimate, actualSeconds } = detail as unknown as Detail
    const { lowSeconds, likelySeconds, highSeconds } = estimate
    const [low, likely, high] = [lowSeconds, likelySeconds, highSeconds].map((seconds) => seconds.toFixed(1))
    print(
      `${rows} rows: ${low} to ${high} s, likely ${likely}; took ${actualSeconds.toFixed(1)} s: ${(actualSeconds / likelySeconds).toFixed(2)} (bar: 0.67 to 1.5, or within 2 s)`,
    )
  }
}

async function measureProduct(connection: Connection, config: string, rows: number): Promise<Measured> {
  await refill(connection, rows)
  const words = ['run', 'wider', '--config', config, '--quiet', '--format', 'json']
  const measured = await measure('product.js', words)
  if (measured.exitCode !== 0) throw new Error(`the run ended with ${measured.exitCode}`)
  await expectChanged(connection, rows)
  return measured
}

async function measureNative(connection: Connection): Promise<number> {
  await refill(connection, ROWS)
  const begun = performance.now()
  await connection.query(`ALTER TABLE live ${ALTER}, ALGORITHM=COPY`)
  const milliseconds = performance.now() - begun
  await expectChanged(connection, ROWS)
  return milliseconds
}

/** Milliseconds; undefined where it is not installed. */
async function measurePercona(connection: Connection): Promise<number | undefined> {
  await refill(connection, ROWS)
  const { hostname, port, username, password } = new URL(server.url)
  const words = [
    ...['--execute', '--alter', ALTER, '--no-drop-old-table', '--no-version-check', '--quiet'],
    ...['--recursion-method', 'none', `h=${hostname},P=${port},u=${username},p=${password},D=shop,t=live`],
  ]
  const begun = performance.now()
  const exitCode = await new Promise<number | undefined>((resolve) => {
    const child = spawn('pt-online-schema-change', words, { stdio: ['ignore', 'ignore', 'inherit'] })
    child.once('error', () => resolve(undefined))
    child.once('exit', (code) => resolve(code ?? 1))
  })
  const milliseconds = performance.now() - begun
  if (exitCode === undefined) return undefined
  if (exitCode !== 0) throw new Error(`pt-online-schema-change ended with ${exitCode}`)
  await expectChanged(connection, ROWS)
  return milliseconds
}

/** Doubled until there are enough: nothing passes through this process. */
async function prepare(connection: Connection): Promise<string> {
  await connection.query('CREATE DATABASE shop')
  await connection.query('USE shop')
  await connection.query(`CREATE TABLE store (id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, k INT NOT NULL DEFAULT 0,
    c CHAR(120) NOT NULL DEFAULT '', pad CHAR(60) NOT NULL DEFAULT '', KEY k_1 (k))`)
  await connection.query("INSERT INTO store VALUES (1, 1, 'c', 'p')")
  const many = Math.max(ROWS, ...ESTIMATED)
  for (let count = 1; count < many; count *= 2) {
    await connection.query(`INSERT INTO store SELECT id + ${count}, CRC32(id + ${count}) MOD ${many},
        REPEAT(CONCAT(LPAD(CRC32(id + ${count}), 11, '0'), '-'), 10), REPEAT(CONCAT(LPAD(CRC32(id), 11, '0'), '-'), 5)
      FROM store WHERE id + ${count} <= ${many}`)
  }
  const config = join(folder, 'rowkeeper.yaml')
  await writeFile(config, configText(`${server.url}shop`), { mode: 0o600 })
  const installed = await measure('product.js', ['state', 'install', '--config', config])
  if (installed.exitCode !== 0) throw new Error(`state install ended with ${installed.exitCode}`)
  return config
}

/** Everyone begins with the same rows, and a server that has cleaned up after the one before. */
async function refill(connection: Connection, rows: number): Promise<void> {
  const leftovers = ['live', '_live_old', 'live__rk_old', 'live__rk_bak']
  await connection.query(`DROP TABLE IF EXISTS ${leftovers.join(', ')}`)
  await connection.query('DELETE FROM rowkeeper_migrate')
  await connection.query('CREATE TABLE live LIKE store')
  await connection.query(`INSERT INTO live SELECT * FROM store WHERE id <= ${rows} ORDER BY id`)
  await connection.query('ANALYZE TABLE live')
  await systemClock.sleep(2000, never)
}

async function expectChanged(connection: Connection, rows: number): Promise<void> {
  const [[column], [counted]] = await Promise.all([
    connection.query<RowDataPacket[]>("SHOW COLUMNS FROM live LIKE 'k'").then(([found]) => found),
    connection.query<RowDataPacket[]>('SELECT COUNT(*) AS found FROM live').then(([found]) => found),
  ])
  if (!String(column?.Type).startsWith('bigint')) throw new Error('the table is not changed')
  if (Number(counted?.found) !== rows) throw new Error(`${counted?.found} rows instead of ${rows}`)
}

function configText(url: string): string {
  return `version: 1
databases: { shop: { url: "${url}" } }
jobs:
  wider: { kind: migrate, database: shop, table: live, alter: "${ALTER}" }
`
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
