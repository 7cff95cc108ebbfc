import { readFileSync, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { exitCodes, RowkeeperError } from '../lib/errors.ts'
import { ConfigError } from './problem.ts'

const READABLE_BY_OTHERS = 0o004

/**
 * The text of the configuration file. Throws `config.missing` (exit 66) when it cannot be read, and ConfigError
 * when it is not UTF-8.
 */
export function readConfigFile(file: string): string {
  const bytes = readBytes(file)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw new ConfigError([{ file, line: 1, column: 1, path: '', message: 'the file is not UTF-8 text' }])
  }
}

/** Reads the file of a `${file:path}`; a relative path begins at the folder of the configuration file. */
export function createSecretFileReader(configFile: string): (path: string) => string {
  return (path) => {
    const file = resolve(dirname(configFile), path)
    try {
      return readFileSync(file, 'utf8')
    } catch (error) {
      throw new RowkeeperError({
        code: 'config.secretFile',
        message: `the file ${file} cannot be read: ${describeSystemError(error)}`,
        exitCode: exitCodes.badConfiguration,
        cause: error,
      })
    }
  }
}

/** True when every account of the machine can read the file. Windows has no such bits: false. */
export function isReadableByOthers(file: string): boolean {
  if (process.platform === 'win32') return false
  return (statSync(file).mode & READABLE_BY_OTHERS) !== 0
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    throw new RowkeeperError({
      code: 'config.missing',
      message: `The configuration file ${file} cannot be read: ${describeSystemError(error)}.`,
      hint: 'Write one with: rowkeeper init. Or name another with: --config FILE',
      exitCode: exitCodes.inputMissing,
      cause: error,
    })
  }
}

const systemErrors: Record<string, string> = {
  ENOENT: 'there is no such file',
  EACCES: 'permission denied',
  EISDIR: 'it is a folder',
  ENOTDIR: 'a part of its path is no folder',
}

function describeSystemError(error: unknown): string {
  const { code = '', message = String(error) } = error as NodeJS.ErrnoException
  return systemErrors[code] ?? message
}
