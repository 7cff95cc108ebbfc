import { constants } from 'node:fs'
import { type FileHandle, lstat, mkdtemp, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { exitCodes, RowkeeperError } from '../lib/errors.ts'
import { reportFileError } from './report-file-error.ts'

/** A file in the making: nobody sees it under its name before it is whole. */
export interface TemporaryFile {
  readonly handle: FileHandle
  /** A second file beside the first, gone at the end. */
  openSpool(): Promise<FileHandle>
  /** Gives the file, written and synced by then, its name; an older file of that name is replaced. */
  commit(): Promise<void>
  /** Removes what was written. Does nothing after `commit`. */
  discard(): Promise<void>
}

/**
 * Begins a file that will be `target`, readable by its owner only, in a folder of its own beside it: a name nobody can
 * have guessed, on the same file system, so that the rename is one step.
 *
 * @throws RowkeeperError `report.notAFile`, `report.noFolder`, `report.noPermission`, `report.noSpace`
 */
export async function createTemporaryFile(target: string): Promise<TemporaryFile> {
  await refuseSpecialTarget(target)
  const folder = await translate(target, mkdtemp(join(dirname(target), `.${basename(target)}-`)))
  const path = join(folder, 'report')
  const handle = await translate(target, create(path))
  const spools: FileHandle[] = []
  const remove = async () => {
    for (const spool of spools.splice(0)) await spool.close()
    await handle.close()
    await rm(folder, { recursive: true, force: true })
  }
  let release: () => Promise<void> = remove
  return {
    handle,
    async openSpool() {
      const spool = await translate(target, create(join(folder, `spool-${spools.length}`)))
      spools.push(spool)
      return spool
    },
    async commit() {
      await translate(target, rename(path, target))
      await syncFolder(dirname(target))
      await release()
      release = async () => {}
    },
    async discard() {
      const releaseOnce = release
      release = async () => {}
      await releaseOnce()
    },
  }
}

function create(path: string): Promise<FileHandle> {
  return open(path, constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW, 0o600)
}

/** Without it the new name may be gone after a power cut. File systems that cannot do it are no worse off. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, constants.O_RDONLY)
  await folder.sync().catch(() => {})
  await folder.close()
}

async function refuseSpecialTarget(target: string): Promise<void> {
  const found = await lstat(target).catch(() => undefined)
  if (found === undefined || found.isFile()) return
  throw new RowkeeperError({
    code: 'report.notAFile',
    message: `The report cannot be written to ${target}: that is ${found.isDirectory() ? 'a folder' : 'a link, pipe or device'}.`,
    hint: 'Give --report the path of a file.',
    exitCode: exitCodes.usage,
  })
}

async function translate<T>(target: string, attempt: Promise<T>): Promise<T> {
  try {
    return await attempt
  } catch (error) {
    throw reportFileError(target, error)
  }
}
