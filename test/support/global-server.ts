import { createConnection } from 'node:net'
import type {} from 'vitest'
import type { TestProject } from 'vitest/node'
import { never } from '../../src/lib/abort.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { systemRandom } from '../../src/lib/random.ts'
import { type SandboxServer, type ServerFamily, startSandboxServer } from '../../src/sandbox/server.ts'

export interface TestServer {
  readonly family: ServerFamily
  readonly version: string
  /** Ends with a slash and names no database; root may do everything. */
  readonly url: string
  readonly port: number
  /** Undefined for a server that was running before the tests. */
  readonly pid: number | undefined
}

declare module 'vitest' {
  export interface ProvidedContext {
    servers: readonly TestServer[]
  }
}

/**
 * A server for each worker, handed to its files by `testServer()`. To keep one running between test runs, for all of
 * them: `ROWKEEPER_TEST_URL_MARIADB=mysql://root:secret@127.0.0.1:3306/ npx vitest`.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const family: ServerFamily = project.name === 'mysql' ? 'mysql' : 'mariadb'
  const url = process.env[`ROWKEEPER_TEST_URL_${family.toUpperCase()}`]
  if (url !== undefined && url !== '') return useRunningServer(project, family, url)
  const started: SandboxServer[] = []
  // One after another: the first may have to fetch what the others find.
  for (let worker = 0; worker < project.vitest.config.maxWorkers; worker++)
    started.push(await startServer(family))
  project.provide(
    'servers',
    started.map(({ version, port, pid, url: address }) => ({ family, version, url: address, port, pid })),
  )
  return async () => {
    await Promise.all(started.map((server) => server.stop()))
  }
}

function startServer(family: ServerFamily): Promise<SandboxServer> {
  return startSandboxServer({
    family,
    clock: systemClock,
    random: systemRandom,
    signal: never,
    environment: process.env,
    say: (line) => void process.stderr.write(`${line}\n`),
  })
}

async function useRunningServer(project: TestProject, family: ServerFamily, url: string) {
  const { hostname, port: portText, pathname } = new URL(url)
  const port = Number(portText || 3306)
  const version = await readGreeting(hostname, port)
  project.provide('servers', [
    { family, version, url: pathname === '' ? `${url}/` : url, port, pid: undefined },
  ])
  return async () => {}
}

/** The version in the first packet a server sends: a header of four bytes, the protocol, text up to a NUL. */
function readGreeting(host: string, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port })
    socket.once('error', reject)
    socket.once('data', (packet) => {
      socket.destroy()
      resolve(packet.toString('latin1', 5, packet.indexOf(0, 5)).replace(/^5\.5\.5-/, ''))
    })
  })
}
