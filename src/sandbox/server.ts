import type { ChildProcess } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Clock } from '../lib/clock.ts'
import { exitCodes, RowkeeperError } from '../lib/errors.ts'
import type { Random } from '../lib/random.ts'
import { formatDuration } from '../lib/units.ts'
import { createDisposableFolder, type DisposableFolder, lastLines } from './disposable-folder.ts'
import { familyTitles, findInstalledBinary, type ServerBinary, type ServerFamily } from './server-binary.ts'
import { folderFlags, initFile, initialiseData, serverEnvironment } from './server-data.ts'
import { downloadBinary } from './server-download.ts'

export type { ServerFamily } from './server-binary.ts'

export interface SandboxServerOptions {
  readonly family: ServerFamily
  readonly clock: Clock
  /** Makes root's password. */
  readonly random: Random
  /** Aborts the start: download, initialisation, waiting. A server that is up is ended with `stop`. */
  readonly signal: AbortSignal
  /** Read here: ROWKEEPER_SERVER, PATH, HOME, XDG_CACHE_HOME. */
  readonly environment: NodeJS.ProcessEnv
  /** Takes a line of progress talk. */
  readonly say: (line: string) => void
  /** More flags for the server; they win over ours. */
  readonly serverOptions?: readonly string[]
}

export interface SandboxServer {
  readonly family: ServerFamily
  /** As the server tells it: `10.11.18-MariaDB-0+deb12u1-log`, `9.7.4-2`. */
  readonly version: string
  /** `mysql://root:password@127.0.0.1:port/` */
  readonly url: string
  readonly port: number
  readonly pid: number
  /** Halts the process (SIGSTOP): connections stay open and nothing answers. */
  freeze(): void
  /** Lets it go on (SIGCONT). */
  thaw(): void
  /** Ends the process and removes its folder. A second call waits for the first. */
  stop(): Promise<void>
}

/**
 * Starts a private server on a free loopback port, with its own data folder, the binary log on (ROW) and
 * durability off. The server and its folder are gone when this process is, however it ends.
 *
 * @throws RowkeeperError `sandbox.noServer`, `sandbox.downloadFailed`, `sandbox.serverNotRunnable`,
 * `sandbox.initialisationFailed`, `sandbox.serverDied`, `sandbox.serverSilent`
 */
export async function startSandboxServer(options: SandboxServerOptions): Promise<SandboxServer> {
  const { family, environment, signal } = options
  const installed = await findInstalledBinary(family, environment, signal)
  const binary = installed ?? (await downloadBinary(options))
  const folder = await createDisposableFolder(tmpdir(), 'rowkeeper-server-')
  try {
    const password = options.random.token()
    await initialiseData(binary, folder, { password, signal })
    const running = await launch(binary, folder, options)
    options.say(`${familyTitles[family]} ${running.version} listens on 127.0.0.1:${running.port}`)
    return toServer(running, { folder, family, password, clock: options.clock })
  } catch (error) {
    await folder.remove()
    throw error
  }
}

interface RunningServer {
  readonly child: ChildProcess
  readonly pid: number
  readonly port: number
  readonly version: string
}

const PORT_ATTEMPTS = 5

/** Another process may take the free port between our look and the server's bind; then the next one is tried. */
async function launch(
  binary: ServerBinary,
  folder: DisposableFolder,
  options: SandboxServerOptions,
): Promise<RunningServer> {
  for (let attempt = 1; ; attempt += 1) {
    const port = await findFreePort()
    const log = join(folder.path, `server-${attempt}.log`)
    const child = startProcess({ binary, folder, port, log, more: options.serverOptions ?? [] })
    try {
      const version = await waitUntilReady({ child, log, binary, port }, options)
      child.unref()
      return { child, pid: child.pid ?? 0, port, version }
    } catch (error) {
      await endProcess(child, 0, options.clock)
      const clashed = /address already in use|already have another/i.test(await readLog(log))
      if (!clashed || attempt === PORT_ATTEMPTS) throw error
    }
  }
}

function findFreePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      const port = typeof address === 'object' && address !== null ? address.port : 0
      probe.close(() => resolve(port))
    })
  })
}

interface Launch {
  readonly binary: ServerBinary
  readonly folder: DisposableFolder
  readonly port: number
  readonly log: string
  readonly more: readonly string[]
}

function startProcess({ binary, folder, port, log, more }: Launch): ChildProcess {
  const output = openSync(log, 'w', 0o600)
  const flags = [
    ...folderFlags(binary, folder.path),
    ...serverFlags(folder.path, port),
    ...rowFormat[binary.family],
  ]
  const command = [...binary.command, ...flags, ...more] as const
  const child = folder.start({ command, environment: serverEnvironment }, ['ignore', output, output])
  closeSync(output)
  return child
}

function serverFlags(folder: string, port: number): readonly string[] {
  return [
    '--bind-address=127.0.0.1',
    `--port=${port}`,
    `--socket=${join(folder, 'socket')}`,
    `--pid-file=${join(folder, 'server-own-pid')}`,
    `--init-file=${initFile(folder)}`,
    '--skip-name-resolve',
    '--character-set-server=utf8mb4',
    '--server-id=1',
    '--log-bin=binlog',
    '--sync-binlog=0',
    '--innodb-buffer-pool-size=128M',
    '--innodb-flush-log-at-trx-commit=2',
    '--innodb-fast-shutdown=2',
  ]
}

// ROW is MySQL's default, and naming it there is deprecated. MariaDB's default is MIXED.
const rowFormat: Record<ServerFamily, readonly string[]> = { mariadb: ['--binlog-format=ROW'], mysql: [] }

const START_LIMIT = 60_000
const START_POLL = 40

interface Starting {
  readonly child: ChildProcess
  readonly log: string
  readonly binary: ServerBinary
  readonly port: number
}

/** The version, as soon as the server's own log says that it listens on our port. A connection that opens would
 * prove less: another server may have taken the port. */
async function waitUntilReady(
  { child, log, binary, port }: Starting,
  { clock, signal }: SandboxServerOptions,
): Promise<string> {
  const startedAt = clock.elapsed()
  for (;;) {
    const hasEnded = child.pid === undefined || child.exitCode !== null || child.signalCode !== null
    const text = await readLog(log)
    const version = readyVersion(text, port)
    if (hasEnded) throw serverDied(binary, text)
    if (version !== undefined) return version
    if (clock.elapsed() - startedAt > START_LIMIT) throw serverSilent(binary, text)
    await clock.sleep(START_POLL, signal)
  }
}

function readyVersion(log: string, port: number): string | undefined {
  const match = /ready for connections\.\s+Version: '([^']+)'\s+socket: '[^']*'\s+port: (\d+)/.exec(log)
  return Number(match?.[2]) === port ? match?.[1] : undefined
}

function readLog(path: string): Promise<string> {
  return readFile(path, 'utf8')
}

const STOP_LIMIT = 10_000

interface Belongings {
  readonly folder: DisposableFolder
  readonly family: ServerFamily
  readonly password: string
  readonly clock: Clock
}

function toServer({ child, pid, port, version }: RunningServer, belongings: Belongings): SandboxServer {
  const { folder, family, password, clock } = belongings
  let stopped: Promise<void> | undefined
  const stop = () => {
    stopped ??= endProcess(child, STOP_LIMIT, clock).then(folder.remove)
    return stopped
  }
  const freeze = () => void child.kill('SIGSTOP')
  const thaw = () => void child.kill('SIGCONT')
  return {
    family,
    version,
    url: `mysql://root:${password}@127.0.0.1:${port}/`,
    port,
    pid,
    freeze,
    thaw,
    stop,
  }
}

/** SIGTERM, and SIGKILL when it has not ended after `limit` milliseconds. A frozen process is thawed first. */
async function endProcess(child: ChildProcess, limit: number, clock: Clock): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.ref()
  child.kill('SIGCONT')
  child.kill('SIGTERM')
  const takeBack = clock.schedule(limit, () => child.kill('SIGKILL'))
  await ended
  takeBack()
}

function serverDied(binary: ServerBinary, log: string): RowkeeperError {
  return new RowkeeperError({
    code: 'sandbox.serverDied',
    message: `${binary.command.at(-1)} ended before it was ready. Its last words:\n${lastLines(log, 10)}`,
    hint: 'Another copy of the server may do better: ROWKEEPER_SERVER=download, or ROWKEEPER_SERVER=/path/to/it.',
    exitCode: exitCodes.unavailable,
  })
}

function serverSilent(binary: ServerBinary, log: string): RowkeeperError {
  return new RowkeeperError({
    code: 'sandbox.serverSilent',
    message: `${binary.command.at(-1)} was not ready after ${formatDuration(START_LIMIT)}. Its last words:\n${lastLines(log, 10)}`,
    hint: 'The machine may be overloaded or its disk full. Look at both, then start again.',
    retryable: true,
    exitCode: exitCodes.unavailable,
  })
}
