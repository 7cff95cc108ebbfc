import { execFile } from 'node:child_process'
import { existsSync, realpathSync } from 'node:fs'
import { delimiter, dirname, isAbsolute, join } from 'node:path'
import { promisify } from 'node:util'
import { exitCodes, RowkeeperError } from '../lib/errors.ts'

export type ServerFamily = 'mariadb' | 'mysql'

export const familyTitles: Record<ServerFamily, string> = { mariadb: 'MariaDB', mysql: 'MySQL' }

/** A server program that was seen to run. */
export interface ServerBinary {
  readonly family: ServerFamily
  /** The program, or an unpacked loader and then the program. */
  readonly command: readonly [string, ...string[]]
  /** The `/usr` it belongs to. */
  readonly base: string
  /** True for one that lies in our cache: its compiled-in paths point to nothing. */
  readonly unpacked: boolean
}

const programNames: Record<ServerFamily, readonly string[]> = {
  mariadb: ['mariadbd', 'mysqld'],
  mysql: ['mysqld'],
}

/** Where an installed server may be, best first: `ROWKEEPER_SERVER`, PATH, `/usr/sbin`. */
export function listCandidates(family: ServerFamily, environment: NodeJS.ProcessEnv): readonly string[] {
  const named = environment.ROWKEEPER_SERVER || undefined
  if (named === 'download') return []
  const onPath = (environment.PATH ?? '').split(delimiter).filter(isAbsolute)
  const folders = [...new Set([...onPath, '/usr/sbin'])]
  const found = folders.flatMap((folder) => programNames[family].map((name) => join(folder, name)))
  return named === undefined ? found : [named, ...found]
}

/**
 * The first candidate that runs and is of the family, or undefined.
 *
 * @throws RowkeeperError `sandbox.serverNotRunnable` when the one named in `ROWKEEPER_SERVER` does not run
 */
export async function findInstalledBinary(
  family: ServerFamily,
  environment: NodeJS.ProcessEnv,
  signal: AbortSignal,
): Promise<ServerBinary | undefined> {
  for (const path of listCandidates(family, environment)) {
    const isNamed = path === environment.ROWKEEPER_SERVER
    if (!isNamed && !existsSync(path)) continue
    const text = await askVersion([path], signal)
    if (text === undefined && isNamed) throw notRunnable(path)
    if (text === undefined || familyOf(text) !== family) continue
    return { family, command: [path], base: dirname(dirname(realpathSync(path))), unpacked: false }
  }
  return undefined
}

/** What `--version` prints, or undefined when the program does not run. */
export async function askVersion(
  [program, ...rest]: readonly [string, ...string[]],
  signal: AbortSignal,
): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)(program, [...rest, '--no-defaults', '--version'], { signal })
    return stdout.trim()
  } catch {
    signal.throwIfAborted()
    return undefined
  }
}

/** By what the program says of itself: on many systems `mysqld` is a link to MariaDB's server. */
export function familyOf(versionText: string): ServerFamily | undefined {
  if (/mariadb/i.test(versionText)) return 'mariadb'
  return /\bVer \d/.test(versionText) ? 'mysql' : undefined
}

function notRunnable(path: string): RowkeeperError {
  return new RowkeeperError({
    code: 'sandbox.serverNotRunnable',
    message: `ROWKEEPER_SERVER names ${path}, but that does not run: it gave no answer to --version.`,
    hint: 'Name the path of a mariadbd or mysqld program, or unset ROWKEEPER_SERVER.',
    exitCode: exitCodes.badConfiguration,
  })
}
