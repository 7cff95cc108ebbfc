import { constants } from 'node:fs'
import { type FileHandle, mkdtemp, open, rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { RowkeeperError } from '../lib/errors.ts'

/** A file in the making: nobody sees it under its name before it is whole. */
export interface TemporaryFile {
  /** Where it lies meanwhile. */
  readonly path: string
  readonly handle: FileHandle
  /** A second file beside the first, gone at the end. */
  openSpool(): Promise<FileHandle>
  /** Gives the file, written and synced by then, its name; an older file of that name is replaced. */
  commit(): Promise<void>
  /** Removes what was written. Does nothing after `commit`. */
  discard(): Promise<void>
}

/** Puts into words what the file system said about a file that was to be `target`. */
export type Complain = (target: string, error: unknown) => RowkeeperError

/**
 * Begins a file that will be `target`, readable by its owner only, in a folder of its own beside it: a name nobody can
 * have guessed, on the same file system, so that the rename is one step.
 *
 * @throws what `complain` makes of the file system's errors
 */
export async function createTemporaryFile(target: string, complain: Complain): Promise<TemporaryFile> {
  const translate = <T>(attempt: Promise<T>) =>
    attempt.catch((error: unknown) => {
      throw complain(target, error)
    })
  const folder = await translate(mkdtemp(join(dirname(target), temporaryPrefix(target))))
  const path = join(folder, 'whole')
  const handle = await translate(create(path))
  const spools: FileHandle[] = []
  const remove = async () => {
    for (const spool of spools.splice(0)) await spool.close()
    await handle.close()
    await rm(folder, { recursive: true, force: true })
  }
  let release: () => Promise<void> = remove
  return {
    path,
    handle,
    async openSpool() {
      const spool = await translate(create(join(folder, `spool-${spools.length}`)))
      spools.push(spool)
      return spool
    },
    async commit() {
      await translate(rename(path, target))
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

/** How the folder of an unfinished file begins; six characters of chance follow. */
export function temporaryPrefix(target: string): string {
  return `.${basename(target)}-`
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
