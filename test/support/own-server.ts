import { tmpdir } from 'node:os'
import { createConnection } from 'mysql2/promise'

import { never } from '../../src/lib/abort.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { systemRandom } from '../../src/lib/random.ts'
import { createDisposableFolder } from '../../src/sandbox/disposable-folder.ts'
import { findInstalledBinary, type ServerBinary, type ServerFamily } from '../../src/sandbox/server-binary.ts'
import { initialiseData } from '../../src/sandbox/server-data.ts'
import { downloadBinary } from '../../src/sandbox/server-download.ts'
import { endProcess, launchServer, type RunningServer } from '../../src/sandbox/server-process.ts'
import type { TestDatabase } from './database.ts'
import { testServer } from './test-server.ts'

/** A server of one test file alone, to be frozen, killed and started again on the same data and port. */
export interface OwnServer {
  /** `mysql://root:password@127.0.0.1:port/` */
  readonly url: string
  freeze(): void
  thaw(): void
  /** kill -9: the server recovers from its log at the next start. */
  kill(): Promise<void>
  start(): Promise<void>
  /** Over a connection for each query: those of the test survive neither freezing nor killing. */
  createDatabase(name: string): Promise<TestDatabase>
  stop(): Promise<void>
}

export interface OwnServerOptions {
  /** More flags, for making its data too; they win over those of every disposable server. */
  readonly flags?: readonly string[]
  /** Shell commands that the server's process runs before it becomes the server: limits. */
  readonly prelude?: string
}

/** Of the same family as the server of the test run, unless another is asked for. */
export async function startOwnServer(
  family: ServerFamily = testServer().family,
  options: OwnServerOptions = {},
): Promise<OwnServer> {
  const binary = adapt(await findBinary(family), options)
  const folder = await createDisposableFolder(tmpdir(), 'rowkeeper-own-server-')
  const password = systemRandom.token()
  await initialiseData(binary, folder, { password, signal: never })
  const launch = (serverOptions: readonly string[]) =>
    launchServer({ binary, folder, clock: systemClock, signal: never, serverOptions })
  let running: RunningServer = await launch([])
  const { port } = running
  const url = `mysql://root:${password}@127.0.0.1:${port}/`
  return {
    url,
    freeze: () => void running.child.kill('SIGSTOP'),
    thaw: () => void running.child.kill('SIGCONT'),
    async kill() {
      const gone = new Promise<void>((resolve) => running.child.once('exit', () => resolve()))
      running.child.kill('SIGKILL')
      await gone
    },
    async start() {
      running = await launch([`--port=${port}`])
    },
    createDatabase: (name) => createDatabase(url, name),
    async stop() {
      await endProcess(running.child, { limit: 0, clock: systemClock })
      await folder.remove()
    },
  }
}

function adapt(binary: ServerBinary, { flags = [], prelude = ':' }: OwnServerOptions): ServerBinary {
  const script = `${prelude}; exec "$@" ${flags.join(' ')}`
  return { ...binary, command: ['/bin/sh', '-c', script, 'sh', ...binary.command] }
}

async function findBinary(family: ServerFamily): Promise<ServerBinary> {
  const environment = process.env
  const installed = await findInstalledBinary(family, environment, never)
  if (installed !== undefined) return installed
  return downloadBinary({
    family,
    clock: systemClock,
    signal: never,
    environment,
    say: () => {},
  })
}

async function createDatabase(url: string, name: string): Promise<TestDatabase> {
  const query: TestDatabase['query'] = async (sql, values = []) => {
    const connection = await createConnection({
      uri: url,
      multipleStatements: true,
      supportBigNumbers: true,
      bigNumberStrings: true,
      dateStrings: true,
      timezone: 'Z',
    })
    try {
      await connection.query(`CREATE DATABASE IF NOT EXISTS ${name}; USE ${name}`)
      const [result] = await connection.query(sql, [...values])
      const last = Array.isArray(result) && Array.isArray(result.at(-1)) ? result.at(-1) : result
      return Array.isArray(last) ? (last as Awaited<ReturnType<TestDatabase['query']>>) : []
    } finally {
      await connection.end()
    }
  }
  await query('SELECT 1')
  return { name, url: `${url}${name}`, query }
}
