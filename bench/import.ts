import { createWriteStream } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createConnection } from 'mysql2/promise'
import { never } from '../src/lib/abort.ts'
import { systemClock } from '../src/lib/clock.ts'
import { systemRandom } from '../src/lib/random.ts'
import { startSandboxServer } from '../src/sandbox/server.ts'
import { measure, median } from './measure.ts'

/** Import beside a bare loop over the same lines, in turn: ratios, since machines are noisy. */
const LINES = 1_000_000
const PATHS = 2_000
const ROUNDS = 3

const folder = await mkdtemp(join(tmpdir(), 'rowkeeper-bench-'))
const server = await startSandboxServer({
  family: process.env.ROWKEEPER_BENCH_SERVER === 'mysql' ? 'mysql' : 'mariadb',
  clock: systemClock,
  random: systemRandom,
  signal: never,
  environment: process.env,
  say: (line) => process.stderr.write(`${line}\n`),
  serverOptions: [],
})

try {
  const connection = await createConnection(server.url)
  await connection.query('CREATE DATABASE shop')
  const log = join(folder, 'access.log')
  await writeLog(log)
  const config = join(folder, 'rowkeeper.yaml')
  await writeFile(config, configText(`${server.url}shop`), { mode: 0o600 })
  await measure('product.js', ['state', 'install', '--config', config])
  const bare: number[] = []
  const product: number[] = []
  let megabytes = 0
  for (let round = 0; round < ROUNDS; round++) {
    bare.push((await measure('bare-lines.js', [log])).milliseconds)
    await connection.query('DROP TABLE IF EXISTS shop.counts')
    await connection.query('DELETE FROM shop.rowkeeper_file')
    const words = ['rollup', 'import', 'page-views', log, '--config', config, '--quiet', '--format', 'json']
    const measured = await measure('product.js', words)
    if (measured.exitCode !== 0) throw new Error(`the import ended with ${measured.exitCode}`)
    product.push(measured.runMilliseconds ?? 0)
    megabytes = Math.max(megabytes, measured.maximumMegabytes)
  }
  const [floor, ours] = [median(bare), median(product)]
  const rate = (milliseconds: number) => ((LINES / milliseconds) * 1000).toFixed(0).padStart(8)
  process.stdout.write(`\n${LINES} lines of a web log, ${PATHS} paths, median of ${ROUNDS}: lines/s
bare loop that reads, splits, parses and counts in a Map   ${rate(floor)}
rowkeeper rollup import, hours, days and months            ${rate(ours)}   ${(floor / ours).toFixed(2)} ×   (bar: at least 0.5)
peak memory ${megabytes.toFixed(0)} MB   (bar: under 150 MB)\n`)
  await connection.end()
} finally {
  await server.stop()
  await rm(folder, { recursive: true })
}

async function writeLog(path: string): Promise<void> {
  const file = createWriteStream(path)
  const begin = Date.UTC(2026, 2, 1)
  for (let line = 0; line < LINES; line++) {
    const at = new Date(begin + line * 86).toISOString()
    const time = `${at.slice(8, 10)}/Mar/2026:${at.slice(11, 19)} +0000`
    const page = Math.floor(PATHS ** ((line * 0.618034) % 1))
    const text = `203.0.113.${line % 250} - - [${time}] "GET /articles/2026/some-longer-title-${page} HTTP/1.1" 200 ${1000 + (line % 9000)} "https://www.example.com/" "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Safari/537.36"\n`
    if (!file.write(text)) await new Promise<void>((resolve) => file.once('drain', () => resolve()))
  }
  await new Promise<void>((resolve) => file.end(() => resolve()))
}

function configText(url: string): string {
  return `version: 1
databases: { shop: { url: "${url}" } }
jobs:
  page-views:
    kind: rollup
    database: shop
    group: { path: path }
    measures: { views: count }
    lines: { format: combined }
    into: { table: counts }
`
}
