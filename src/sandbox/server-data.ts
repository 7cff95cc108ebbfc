import { existsSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { exitCodes, RowkeeperError } from '../lib/errors.ts'
import { type DisposableFolder, lastLines, runProgram } from './disposable-folder.ts'
import { familyTitles, type ServerBinary, type ServerFamily } from './server-binary.ts'

/** The same on every machine: neither the host's time zone nor its LD_PRELOAD reaches the server. */
export const serverEnvironment: NodeJS.ProcessEnv = { PATH: '/usr/bin:/bin', TZ: 'UTC', LC_ALL: 'C' }

/**
 * Makes a fresh data folder inside `folder`, and the init file that gives root its password.
 *
 * @throws RowkeeperError `sandbox.initialisationFailed`, `sandbox.systemTablesMissing`
 */
export async function initialiseData(
  binary: ServerBinary,
  folder: DisposableFolder,
  { password, signal }: { readonly password: string; readonly signal: AbortSignal },
): Promise<void> {
  await mkdir(dataFolder(folder.path), { mode: 0o700 })
  await writeFile(initFile(folder.path), rootStatements(password), { mode: 0o600 })
  const { flags, input } = await initialisationSteps[binary.family](binary)
  const program = {
    command: [...binary.command, ...folderFlags(binary, folder.path), ...flags],
    environment: serverEnvironment,
  } as const
  const { exitCode, output } = await runProgram(folder, program, { signal, input })
  if (exitCode !== 0) throw initialisationFailed(binary, output)
}

/** The flags that every start of the binary on this folder needs. */
export function folderFlags(binary: ServerBinary, folder: string): readonly string[] {
  const common = ['--no-defaults', `--datadir=${dataFolder(folder)}`, `--tmpdir=${folder}`]
  const user = process.getuid?.() === 0 ? ['--user=root'] : []
  return [...common, ...user, ...placeFlags(binary), ...familyFlags[binary.family]]
}

export function initFile(folder: string): string {
  return join(folder, 'init.sql')
}

const familyFlags: Record<ServerFamily, readonly string[]> = {
  mariadb: [],
  // secure-file-priv: the folder compiled in is missing, which stops the server. mysqlx: a second port.
  mysql: ['--secure-file-priv=NULL', '--mysqlx=OFF'],
}

function placeFlags(binary: ServerBinary): readonly string[] {
  if (!binary.unpacked) return []
  const share = shareFolders(binary).find((folder) => existsSync(join(folder, 'charsets')))
  const messages =
    share === undefined ? [] : [`--lc-messages-dir=${share}`, `--character-sets-dir=${share}/charsets`]
  return [`--basedir=${binary.base}`, ...messages]
}

function shareFolders(binary: ServerBinary): readonly string[] {
  return ['share/mysql', 'share/mariadb', 'share'].map((name) => join(binary.base, name))
}

interface InitialisationStep {
  readonly flags: readonly string[]
  readonly input: string
}

const initialisationSteps: Record<ServerFamily, (binary: ServerBinary) => Promise<InitialisationStep>> = {
  mysql: async () => ({ flags: ['--initialize-insecure'], input: '' }),
  mariadb: async (binary) => ({ flags: bootstrapFlags, input: await readSystemTables(binary) }),
}

// What mariadb-install-db does, without its search for paths, which fails in an unpacked package.
const bootstrapFlags = ['--bootstrap', '--log-warnings=0', '--enforce-storage-engine=', '--skip-log-bin']

// The files were renamed in MariaDB 11. Left out on purpose: the sys schema, help texts and GIS procedures
// (1.7 s instead of 1.3 s, and nothing here uses them).
async function readSystemTables(binary: ServerBinary): Promise<string> {
  const files = shareFolders(binary)
    .flatMap((folder) => [join(folder, 'mariadb'), join(folder, 'mysql')])
    .map((start) =>
      ['_system_tables', '_performance_tables', '_system_tables_data'].map((end) => `${start}${end}.sql`),
    )
    .find((group) => group.every((file) => existsSync(file)))
  if (files === undefined) throw systemTablesMissing(binary)
  const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')))
  // The server asks its users to drop these lines where the host's name is not to become an account.
  const lines = texts
    .join('\n')
    .split('\n')
    .filter((line) => !line.includes('@current_hostname'))
  return ['CREATE DATABASE mysql;', 'USE mysql;', 'SET @auth_root_socket = NULL;', ...lines].join('\n')
}

/** One statement on each line: that is how both servers read an init file. */
function rootStatements(password: string): string {
  const root = "'root'@'127.0.0.1'"
  return [
    `CREATE USER IF NOT EXISTS ${root};`,
    `ALTER USER ${root} IDENTIFIED BY '${password}';`,
    `GRANT ALL PRIVILEGES ON *.* TO ${root} WITH GRANT OPTION;`,
    `ALTER USER 'root'@'localhost' IDENTIFIED BY '${password}';`,
    '',
  ].join('\n')
}

function dataFolder(folder: string): string {
  return join(folder, 'data')
}

function initialisationFailed(binary: ServerBinary, output: string): RowkeeperError {
  return new RowkeeperError({
    code: 'sandbox.initialisationFailed',
    message: `${familyTitles[binary.family]} could not make an empty data folder. Its last words:\n${lastLines(output, 10)}`,
    hint: 'Another copy of the server may do better: ROWKEEPER_SERVER=download, or ROWKEEPER_SERVER=/path/to/it.',
    exitCode: exitCodes.unavailable,
  })
}

function systemTablesMissing(binary: ServerBinary): RowkeeperError {
  return new RowkeeperError({
    code: 'sandbox.systemTablesMissing',
    message: `${binary.command.at(-1)} runs, but its system table files are not in ${shareFolders(binary).join(', ')}.`,
    hint: 'Install the whole server package, or set ROWKEEPER_SERVER=download.',
    exitCode: exitCodes.unavailable,
  })
}
