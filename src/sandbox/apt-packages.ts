import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import type { Clock } from '../lib/clock.ts'
import { exitCodes, RowkeeperError } from '../lib/errors.ts'
import { formatDuration } from '../lib/units.ts'
import { findMainArchive, formatSuiteSource, parseAptSources } from './apt-sources.ts'
import { type DisposableFolder, lastLines, runProgram } from './disposable-folder.ts'
import { familyTitles, type ServerFamily } from './server-binary.ts'

export interface PackageRequest {
  readonly family: ServerFamily
  readonly clock: Clock
  readonly signal: AbortSignal
  readonly environment: NodeJS.ProcessEnv
  readonly say: (line: string) => void
}

export function hasApt(environment: NodeJS.ProcessEnv): boolean {
  const folders = (environment.PATH ?? '').split(delimiter)
  return ['apt-get', 'dpkg-deb'].every((program) =>
    folders.some((folder) => existsSync(join(folder, program))),
  )
}

/**
 * Fetches the family's server with everything it needs, and unpacks it.
 *
 * @returns the root folder of the unpacked tree, inside `folder`
 * @throws RowkeeperError `sandbox.downloadFailed`
 */
export async function fetchPackages(folder: DisposableFolder, request: PackageRequest): Promise<string> {
  const { family, clock, say } = request
  const startedAt = clock.elapsed()
  say(`fetching ${familyTitles[family]} with apt (${downloadSizes[family]}); nothing is installed …`)
  await Promise.all(
    ['archives/partial', 'lists/partial', 'parts', 'cache', 'root'].map(async (name) => {
      await mkdir(join(folder.path, name), { recursive: true })
    }),
  )
  await downloadArchives(folder, request)
  await unpackArchives(folder, request)
  say(`fetched and unpacked in ${formatDuration(clock.elapsed() - startedAt)}`)
  return join(folder.path, 'root')
}

const downloadSizes: Record<ServerFamily, string> = { mariadb: 'about 15 MB', mysql: 'about 70 MB' }

// Debian has the plain names; Ubuntu puts the version into some. apt takes a name it does not know as a pattern.
const packageNames: Record<ServerFamily, readonly string[]> = {
  mariadb: ['mariadb-server-core', '^mariadb-server-core-[0-9.]+$'],
  mysql: ['mysql-server-core', '^mysql-server-core-[0-9.]+$'],
}

/** Where apt looks: with the machine's lists as they are, with fresh lists of the same sources, or with another suite's. */
type Lists = 'machine' | 'fresh' | 'unstable'

async function downloadArchives(folder: DisposableFolder, request: PackageRequest): Promise<void> {
  const failures: string[] = []
  for (const lists of listsToTry(request.family)) {
    const flags = await prepareLists(lists, folder, request)
    for (const name of packageNames[request.family]) {
      const failure = await apt(folder, request, [...flags, '--download-only', '-y', 'install', name])
      if (failure === undefined) return
      failures.push(failure)
    }
  }
  throw downloadFailed(request.family, failures)
}

// Debian's releases carry no MySQL; its unstable suite does. Ubuntu's own archive has both servers.
function listsToTry(family: ServerFamily): readonly Lists[] {
  const isDebian = /^ID=["']?debian/m.test(readRelease())
  return family === 'mysql' && isDebian ? ['unstable'] : ['machine', 'fresh']
}

async function prepareLists(
  lists: Lists,
  folder: DisposableFolder,
  request: PackageRequest,
): Promise<readonly string[]> {
  if (lists === 'machine') return []
  const flags = [`-oDir::State::lists=${join(folder.path, 'lists')}`]
  if (lists === 'unstable') flags.push(...(await writeUnstableSources(folder, request.family)))
  const failure = await apt(folder, request, [...flags, 'update'])
  if (failure !== undefined) throw downloadFailed(request.family, [failure])
  return flags
}

async function writeUnstableSources(
  folder: DisposableFolder,
  family: ServerFamily,
): Promise<readonly string[]> {
  const codename = /^VERSION_CODENAME=["']?([a-z]+)/m.exec(readRelease())?.[1]
  const archive = findMainArchive(readMachineSources().flatMap(parseAptSources), codename)
  if (archive === undefined) throw downloadFailed(family, ['apt has no source for the main Debian archive.'])
  const file = join(folder.path, 'unstable.sources')
  await writeFile(file, formatSuiteSource(archive, 'unstable'))
  return [
    `-oDir::Etc::sourcelist=${file}`,
    `-oDir::Etc::sourceparts=${join(folder.path, 'parts')}`,
    // The machine's pins and its default release speak of suites that this list does not have.
    '-oDir::Etc::preferences=/dev/null',
    `-oDir::Etc::preferencesparts=${join(folder.path, 'parts')}`,
    '-oAPT::Default-Release=',
  ]
}

/** Runs apt-get with state of its own. Returns what it said when it failed, undefined when it went well. */
async function apt(
  folder: DisposableFolder,
  { environment, signal }: PackageRequest,
  more: readonly string[],
): Promise<string | undefined> {
  const command = ['apt-get', '-q', ...privateState(folder.path), ...more] as const
  const program = { command, environment: { ...environment, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' } }
  const { exitCode, output } = await runProgram(folder, program, { signal })
  return exitCode === 0 ? undefined : output
}

function privateState(folder: string): readonly string[] {
  return [
    '-oDir::State::status=/dev/null',
    `-oDir::Cache=${join(folder, 'cache')}`,
    `-oDir::Cache::archives=${join(folder, 'archives')}`,
    '-oAPT::Install-Recommends=false',
    '-oAPT::Sandbox::User=root',
    '-oDebug::NoLocking=1',
    '-oAcquire::Retries=3',
  ]
}

async function unpackArchives(folder: DisposableFolder, request: PackageRequest): Promise<void> {
  const archives = join(folder.path, 'archives')
  const files = (await readdir(archives)).filter((name) => name.endsWith('.deb'))
  const { environment, signal } = request
  for (const file of files) {
    const command = ['dpkg-deb', '-x', join(archives, file), join(folder.path, 'root')] as const
    const { exitCode, output } = await runProgram(folder, { command, environment }, { signal })
    if (exitCode !== 0) throw downloadFailed(request.family, [output])
  }
}

function readRelease(): string {
  return existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : ''
}

/** The texts of the files apt itself reads: others in that folder (`.disabled`, `.save`) do not count. */
function readMachineSources(): readonly string[] {
  const parts = '/etc/apt/sources.list.d'
  const names = existsSync(parts) ? readdirSync(parts).filter((name) => /\.(list|sources)$/.test(name)) : []
  const files = ['/etc/apt/sources.list', ...names.sort().map((name) => join(parts, name))]
  return files.filter((file) => existsSync(file)).map((file) => readFileSync(file, 'utf8'))
}

function downloadFailed(family: ServerFamily, failures: readonly string[]): RowkeeperError {
  const said = failures.map((text) => lastLines(text, 4)).join('\n')
  return new RowkeeperError({
    code: 'sandbox.downloadFailed',
    message: `apt could not fetch the ${familyTitles[family]} server. It said:\n${said}`,
    hint: `Is the network up, and does "apt-get update" work? Else name an installed server: ROWKEEPER_SERVER=/path/to/it.`,
    retryable: true,
    exitCode: exitCodes.unavailable,
  })
}
