import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { basename, delimiter, join } from 'node:path'
import type { Clock } from '../lib/clock.ts'
import { exitCodes, RowkeeperError } from '../lib/errors.ts'
import { formatDuration } from '../lib/units.ts'
import { findMainArchive, formatSuiteSource, parseAptSources } from './apt-sources.ts'
import { type DisposableFolder, runProgram } from './disposable-folder.ts'
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
  const archives = await downloadArchives(folder, request)
  const root = await makeFolder(folder, 'root')
  for (const file of await listPackages(archives)) await unpack(file, { root, folder, request })
  say(`fetched and unpacked in ${formatDuration(clock.elapsed() - startedAt)}`)
  return root
}

const downloadSizes: Record<ServerFamily, string> = { mariadb: 'about 15 MB', mysql: 'about 70 MB' }

// Debian has the plain names; Ubuntu puts the version into some. apt takes a name it does not know as a pattern.
const packageNames: Record<ServerFamily, readonly string[]> = {
  mariadb: ['mariadb-server-core', '^mariadb-server-core-[0-9.]+$'],
  mysql: ['mysql-server-core', '^mysql-server-core-[0-9.]+$'],
}

/** Where apt looks: with the machine's lists as they are, with fresh lists of the same sources, or with another suite's. */
type Lists = 'machine' | 'fresh' | 'unstable'

/** The folder that holds the downloaded packages. Each attempt has its own, so that versions never mix. */
async function downloadArchives(folder: DisposableFolder, request: PackageRequest): Promise<string> {
  const complaints: string[] = []
  for (const lists of listsToTry(request.family)) {
    const prepared = await prepareLists(lists, folder, request)
    complaints.push(...prepared.complaints)
    for (const [index, name] of packageNames[request.family].entries()) {
      const archives = await makeFolder(folder, `${lists}-${index}`)
      const flags = [...prepared.flags, `-oDir::Cache::archives=${archives}`, '--download-only', '-y']
      const result = await runApt(folder, request, [...flags, 'install', name])
      if (result.succeeded && (await holdsServer(archives))) return archives
      complaints.push(...result.complaints)
    }
  }
  throw downloadFailed(request.family, complaints)
}

// apt's word is not enough: for a pattern that matches only virtual packages it fetches nothing and is content.
async function holdsServer(archives: string): Promise<boolean> {
  return (await listPackages(archives)).some((path) => basename(path).includes('-server-core'))
}

async function listPackages(archives: string): Promise<readonly string[]> {
  const names = await readdir(archives)
  return names.filter((name) => name.endsWith('.deb')).map((name) => join(archives, name))
}

async function makeFolder(folder: DisposableFolder, name: string): Promise<string> {
  const path = join(folder.path, name)
  await mkdir(join(path, 'partial'), { recursive: true })
  return path
}

// Debian's releases carry no MySQL; its unstable suite does. Ubuntu's own archive has both servers.
function listsToTry(family: ServerFamily): readonly Lists[] {
  const isDebian = /^ID=["']?debian/m.test(readRelease())
  return family === 'mysql' && isDebian ? ['unstable'] : ['machine', 'fresh']
}

interface PreparedLists {
  readonly flags: readonly string[]
  readonly complaints: readonly string[]
}

// An update that failed is no end: apt goes on with the lists it could get, and so do we.
async function prepareLists(
  lists: Lists,
  folder: DisposableFolder,
  request: PackageRequest,
): Promise<PreparedLists> {
  if (lists === 'machine') return { flags: [], complaints: [] }
  const sources = lists === 'unstable' ? await writeUnstableSources(folder, request.family) : []
  const flags = [`-oDir::State::lists=${await makeFolder(folder, 'lists')}`, ...sources]
  const { complaints } = await runApt(folder, request, [...flags, 'update'])
  return { flags, complaints }
}

async function writeUnstableSources(
  folder: DisposableFolder,
  family: ServerFamily,
): Promise<readonly string[]> {
  const codename = /^VERSION_CODENAME=["']?([a-z]+)/m.exec(readRelease())?.[1]
  const archive = findMainArchive(readMachineSources().flatMap(parseAptSources), codename)
  if (archive === undefined) throw downloadFailed(family, ['apt has no source for the main Debian archive.'])
  const file = join(folder.path, 'unstable.sources')
  const empty = await makeFolder(folder, 'parts')
  await writeFile(file, formatSuiteSource(archive, 'unstable'))
  return [
    `-oDir::Etc::sourcelist=${file}`,
    `-oDir::Etc::sourceparts=${empty}`,
    // The machine's pins and its default release speak of suites that this list does not have.
    '-oDir::Etc::preferences=/dev/null',
    `-oDir::Etc::preferencesparts=${empty}`,
    '-oAPT::Default-Release=',
  ]
}

interface AptResult {
  readonly succeeded: boolean
  /** Its error and warning lines. */
  readonly complaints: readonly string[]
}

/** Runs apt-get with state of its own. */
async function runApt(
  folder: DisposableFolder,
  { environment, signal }: PackageRequest,
  more: readonly string[],
): Promise<AptResult> {
  const command = ['apt-get', '-q', ...privateState(folder.path), ...more] as const
  const program = { command, environment: { ...environment, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' } }
  const { exitCode, output } = await runProgram(folder, program, { signal })
  return { succeeded: exitCode === 0, complaints: output.split('\n').filter((line) => /^[EW]: /.test(line)) }
}

function privateState(folder: string): readonly string[] {
  return [
    '-oDir::State::status=/dev/null',
    `-oDir::Cache=${join(folder, 'cache')}`,
    '-oAPT::Install-Recommends=false',
    '-oAPT::Sandbox::User=root',
    '-oDebug::NoLocking=1',
    '-oAcquire::Retries=3',
  ]
}

interface Unpacking {
  readonly root: string
  readonly folder: DisposableFolder
  readonly request: PackageRequest
}

async function unpack(file: string, { root, folder, request }: Unpacking): Promise<void> {
  const program = { command: ['dpkg-deb', '-x', file, root], environment: request.environment } as const
  const { exitCode, output } = await runProgram(folder, program, { signal: request.signal })
  if (exitCode !== 0) throw downloadFailed(request.family, [output.trimEnd()])
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

const SHOWN_COMPLAINTS = 5

/** The first complaints are shown: the later ones mostly follow from them. */
function downloadFailed(family: ServerFamily, complaints: readonly string[]): RowkeeperError {
  const shown = [...new Set(complaints)].slice(0, SHOWN_COMPLAINTS).join('\n')
  return new RowkeeperError({
    code: 'sandbox.downloadFailed',
    message: `apt could not fetch the ${familyTitles[family]} server. It said:\n${shown}`,
    hint: 'Is the network up, and does "apt-get update" work? Else name an installed server: ROWKEEPER_SERVER=/path/to/it.',
    retryable: true,
    exitCode: exitCodes.unavailable,
  })
}
