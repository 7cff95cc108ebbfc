import { tmpdir } from 'node:os'
import type { Clock } from '../lib/clock.ts'
import type { Random } from '../lib/random.ts'
import { createDisposableFolder, type DisposableFolder } from './disposable-folder.ts'
import { familyTitles, findInstalledBinary, type ServerFamily } from './server-binary.ts'
import { initialiseData } from './server-data.ts'
import { downloadBinary } from './server-download.ts'
import { endProcess, launchServer, type RunningServer } from './server-process.ts'

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
  /** More flags for the running server, not for its initialisation; they win over ours. */
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
 * `sandbox.noCache`, `sandbox.initialisationFailed`, `sandbox.serverDied`, `sandbox.serverSilent`
 */
export async function startSandboxServer(options: SandboxServerOptions): Promise<SandboxServer> {
  const { family, environment, clock, signal, serverOptions = [] } = options
  const installed = await findInstalledBinary(family, environment, signal)
  const binary = installed ?? (await downloadBinary(options))
  const folder = await createDisposableFolder(tmpdir(), 'rowkeeper-server-')
  try {
    const password = options.random.token()
    await initialiseData(binary, folder, { password, signal })
    const running = await launchServer({ binary, folder, clock, signal, serverOptions })
    options.say(`${familyTitles[family]} ${running.version} listens on 127.0.0.1:${running.port}`)
    return toServer(running, { folder, family, password, clock })
  } catch (error) {
    await folder.remove()
    throw error
  }
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
    stopped ??= endProcess(child, { limit: STOP_LIMIT, clock }).then(folder.remove)
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
