import { accessSync, constants, mkdirSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { exitCodes, RowkeeperError } from '../lib/errors.ts'

/**
 * The folder for unpacked servers, made when missing: `$XDG_CACHE_HOME/rowkeeper/servers`, else
 * `$HOME/.cache/rowkeeper/servers`, else one under the system's temporary folder.
 *
 * @throws RowkeeperError `sandbox.noCache` when none of them can be written
 */
export function openCacheFolder(environment: NodeJS.ProcessEnv): string {
  const candidates = listCacheFolders(environment, { temporary: tmpdir(), userId: process.getuid?.() ?? 0 })
  const folder = candidates.find(canUse)
  if (folder === undefined) throw noCache(candidates)
  return folder
}

/** Best first. A relative XDG_CACHE_HOME is ignored, as its specification says. */
export function listCacheFolders(
  environment: NodeJS.ProcessEnv,
  system: { readonly temporary: string; readonly userId: number },
): readonly string[] {
  const { XDG_CACHE_HOME: cache = '', HOME: home = '' } = environment
  const roots = [cache, isAbsolute(home) ? join(home, '.cache') : ''].filter(isAbsolute).slice(0, 1)
  return [
    ...roots.map((root) => join(root, 'rowkeeper', 'servers')),
    join(system.temporary, `rowkeeper-servers-${system.userId}`),
  ]
}

// Programs are run from here: a folder that somebody else owns or may write to is not taken, which matters
// under the system's temporary folder, where anybody could have made it first.
function canUse(folder: string): boolean {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    accessSync(folder, constants.W_OK | constants.X_OK)
    const { uid, mode } = statSync(folder)
    return uid === (process.getuid?.() ?? uid) && (mode & 0o022) === 0
  } catch {
    return false
  }
}

function noCache(candidates: readonly string[]): RowkeeperError {
  return new RowkeeperError({
    code: 'sandbox.noCache',
    message: `No folder to unpack a server into: tried ${candidates.join(' and ')}.`,
    hint: 'Set XDG_CACHE_HOME to a folder that you own, with 400 MB free.',
    exitCode: exitCodes.unavailable,
  })
}
