import { existsSync, readdirSync, renameSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { exitCodes, RowkeeperError } from '../lib/errors.ts'
import { fetchPackages, hasApt, type PackageRequest } from './apt-packages.ts'
import { openCacheFolder } from './cache-folder.ts'
import { createDisposableFolder } from './disposable-folder.ts'
import { askVersion, familyOf, familyTitles, type ServerBinary, type ServerFamily } from './server-binary.ts'

/**
 * The server unpacked in our cache. When it is not there yet it is fetched with apt's own tools, from the
 * machine's own sources: no root, and nothing is installed. Remove the cache folder to fetch a newer one.
 *
 * @throws RowkeeperError `sandbox.noServer` without apt, `sandbox.downloadFailed`, `sandbox.noCache`
 */
export async function downloadBinary(request: PackageRequest): Promise<ServerBinary> {
  const { family, signal, environment } = request
  if (!hasApt(environment)) throw noServer(family)
  const cache = openCacheFolder(environment)
  const target = join(cache, `${family}-${process.arch}`)
  if (existsSync(target)) {
    const cached = await tryUnpacked(family, target, signal)
    if (cached !== undefined) return cached
    await rm(target, { recursive: true, force: true })
  }
  await fetchInto(target, cache, request)
  const fetched = await tryUnpacked(family, target, signal)
  if (fetched === undefined) throw doesNotRun(family, target)
  return fetched
}

// Unpacked aside and renamed when complete and seen to run, so that neither a half-done nor a concurrent
// fetch is ever taken for a good one.
async function fetchInto(target: string, cache: string, request: PackageRequest): Promise<void> {
  const { family, signal } = request
  const folder = await createDisposableFolder(cache, `.fetching-${family}-`)
  try {
    const root = await fetchPackages(folder, request)
    if ((await tryUnpacked(family, root, signal)) === undefined) throw doesNotRun(family, root)
    publish(root, target)
  } finally {
    await folder.remove()
  }
}

function publish(root: string, target: string): void {
  try {
    renameSync(root, target)
  } catch (error) {
    // Somebody else was faster: theirs is as good as ours.
    if (!existsSync(target)) throw error
  }
}

async function tryUnpacked(
  family: ServerFamily,
  root: string,
  signal: AbortSignal,
): Promise<ServerBinary | undefined> {
  const binary = describeUnpacked(family, root)
  const text = binary && (await askVersion(binary.command, signal))
  return text !== undefined && familyOf(text) === family ? binary : undefined
}

/**
 * The packages bring their own C library, newer than the host's in MySQL's case, so the program is run by the
 * loader beside it. Found as a plain file in the folder of libraries: `/lib64` holds a link that would lead out
 * of the unpacked tree to the host's loader.
 */
function describeUnpacked(family: ServerFamily, root: string): ServerBinary | undefined {
  const program = join(root, 'usr/sbin', family === 'mariadb' ? 'mariadbd' : 'mysqld')
  const libraries = ['lib', 'usr/lib'].flatMap((folder) => listFolder(join(root, folder), /-linux-gnu/))
  const loader = libraries.flatMap((folder) => listFolder(folder, /^ld-linux.*\.so\.\d+$/))[0]
  if (loader === undefined || !existsSync(program)) return undefined
  const command = [loader, '--library-path', libraries.join(':'), program] as const
  return { family, command, base: join(root, 'usr'), unpacked: true }
}

function listFolder(folder: string, names: RegExp): readonly string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => names.test(name))
    .map((name) => join(folder, name))
}

/** Without apt there is nothing we can fetch with; the two ways that work everywhere else. */
function noServer(family: ServerFamily): RowkeeperError {
  return new RowkeeperError({
    code: 'sandbox.noServer',
    message: `No ${familyTitles[family]} server program was found (ROWKEEPER_SERVER, PATH, /usr/sbin), and there is no apt to fetch one with.`,
    hint: [
      `Install one:        brew install ${family}`,
      `or run one:         docker run -d -p 127.0.0.1:3306:3306 -e ${family.toUpperCase()}_ROOT_PASSWORD=secret ${family}`,
      'or name a program:  ROWKEEPER_SERVER=/path/to/mariadbd',
    ].join('\n'),
    exitCode: exitCodes.unavailable,
  })
}

function doesNotRun(family: ServerFamily, root: string): RowkeeperError {
  return new RowkeeperError({
    code: 'sandbox.downloadFailed',
    message: `${familyTitles[family]} was fetched and unpacked into ${root}, but it does not run there.`,
    hint: 'The folder may be mounted noexec. Set XDG_CACHE_HOME to one from which programs may run.',
    exitCode: exitCodes.unavailable,
  })
}
