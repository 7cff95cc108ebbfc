import type { ChildProcess } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Clock } from '../lib/clock.ts'
import { exitCodes, RowkeeperError } from '../lib/errors.ts'
import { formatDuration } from '../lib/units.ts'
import { type DisposableFolder, lastLines } from './disposable-folder.ts'
import type { ServerBinary, ServerFamily } from './server-binary.ts'
import { folderFlags, initFile, serverEnvironment } from './server-data.ts'

export interface LaunchOptions {
  readonly binary: ServerBinary
  readonly folder: DisposableFolder
  readonly clock: Clock
  readonly signal: AbortSignal
  /** More flags; they win over ours. */
  readonly serverOptions: readonly string[]
}

export interface RunningServer {
  readonly child: ChildProcess
  readonly pid: number
  readonly port: number
  readonly version: string
}

const PORT_ATTEMPTS = 5

/**
 * Starts the server on initialised data and waits until it listens. Another process may take the free port
 * between our look and the server's bind; then the next one is tried.
 *
 * @throws RowkeeperError `sandbox.serverDied`, `sandbox.serverSilent`
 */
export async function launchServer(options: LaunchOptions): Promise<RunningServer> {
  const { folder, clock } = options
  for (let attempt = 1; ; attempt += 1) {
    const log = join(folder.path, `server-${attempt}.log`)
    const child = startProcess(options, { log, port: await findFreePort() })
    try {
      const ready = await waitUntilReady(child, log, options)
      child.unref()
      return { ...ready, child }
    } catch (error) {
      await endProcess(child, { limit: 0, clock })
      const isClash = /address already in use|already have another/i.test(await readFile(log, 'utf8'))
      if (!isClash || attempt === PORT_ATTEMPTS) throw error
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

function startProcess(
  { binary, folder, serverOptions }: LaunchOptions,
  { log, port }: { readonly log: string; readonly port: number },
): ChildProcess {
  const flags = [...folderFlags(binary, folder.path), ...serverFlags(folder.path, port)]
  const command = [...binary.command, ...flags, ...rowFormat[binary.family], ...serverOptions] as const
  const output = openSync(log, 'w', 0o600)
  const child = folder.start({ command, environment: serverEnvironment }, ['ignore', output, output])
  closeSync(output)
  return child
}

function serverFlags(folder: string, port: number): readonly string[] {
  return [
    '--bind-address=127.0.0.1',
    `--port=${port}`,
    `--socket=${join(folder, 'socket')}`,
    `--pid-file=${join(folder, 'pid-file')}`,
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

// MariaDB's default is MIXED. ROW is MySQL's default, and naming it there is deprecated.
const rowFormat: Record<ServerFamily, readonly string[]> = { mariadb: ['--binlog-format=ROW'], mysql: [] }

const START_LIMIT = 60_000
const START_POLL = 40

type Ready = Omit<RunningServer, 'child'>

/**
 * Asks the server's own log. A connection that opens would prove less: another server may have been faster on
 * our port. The line comes after the init file was run.
 */
async function waitUntilReady(
  child: ChildProcess,
  log: string,
  { binary, clock, signal }: LaunchOptions,
): Promise<Ready> {
  const startedAt = clock.elapsed()
  for (;;) {
    const ended = hasEnded(child)
    const text = await readFile(log, 'utf8')
    if (ended) throw serverDied(binary, text)
    const ready = readReadyLine(text)
    if (ready !== undefined) return { ...ready, pid: child.pid ?? 0 }
    if (clock.elapsed() - startedAt > START_LIMIT) throw serverSilent(binary, text)
    await clock.sleep(START_POLL, signal)
  }
}

/** The same line on both servers, on MariaDB over two lines. */
export function readReadyLine(log: string): Omit<Ready, 'pid'> | undefined {
  const match = /ready for connections\.\s+Version: '([^']+)'\s+socket: '[^']*'\s+port: (\d+)/.exec(log)
  const [, version, port] = match ?? []
  return version === undefined ? undefined : { version, port: Number(port) }
}

/** SIGTERM, and SIGKILL when it has not ended after `limit` milliseconds. A frozen process is thawed first. */
export async function endProcess(
  child: ChildProcess,
  { limit, clock }: { readonly limit: number; readonly clock: Clock },
): Promise<void> {
  if (hasEnded(child)) return
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.ref()
  child.kill('SIGCONT')
  child.kill('SIGTERM')
  const takeBack = clock.schedule(limit, () => child.kill('SIGKILL'))
  await ended
  takeBack()
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null
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
