import { type ExitCode, exitCodes, RowkeeperError } from '../lib/errors.ts'
import { classifyFileError, type FileFailure } from './file-failure.ts'

interface Meaning {
  readonly observed: string
  readonly hint: string
  readonly exitCode: ExitCode
}

const meanings: Record<Exclude<FileFailure, 'other'>, Meaning> = {
  noSpace: {
    observed: 'the disk, or the quota, is full',
    hint: 'Free space, or name another folder under into.export in the configuration. Then run the job again.',
    exitCode: exitCodes.failed,
  },
  noFolder: {
    observed: 'the folder does not exist',
    hint: 'Create it, or correct into.export.folder in the configuration. Then run the job again.',
    exitCode: exitCodes.failed,
  },
  noPermission: {
    observed: 'this user may not write there',
    hint: 'Let this user create files in the folder, or name another under into.export in the configuration.',
    exitCode: exitCodes.noPermission,
  },
}

/** What the file system said about an export. The rows are where they were: nothing is taken away before a file is proven. */
export function tableFileError(path: string, error: unknown): RowkeeperError {
  const { failure, systemCode } = classifyFileError(error)
  const { observed, hint, exitCode } = failure === 'other' ? notWritten(error) : meanings[failure]
  return new RowkeeperError({
    code: `export.${failure === 'other' ? 'notWritten' : failure}`,
    message: `The file ${path} could not be written: ${observed} (${systemCode}).`,
    hint,
    exitCode,
    cause: error,
  })
}

function notWritten(error: unknown): Meaning {
  return {
    observed: error instanceof Error ? error.message : String(error),
    hint: 'Name another folder under into.export in the configuration. Then run the job again.',
    exitCode: exitCodes.failed,
  }
}

/** The disk gave back something else than what was written. */
export function damagedFile(path: string, observed: string, cause?: unknown): RowkeeperError {
  return new RowkeeperError({
    code: 'export.damaged',
    message: `The file ${path} does not read back as it was written: ${observed}.`,
    hint: 'Check the disk under the folder, or name another under into.export in the configuration. Then run the job again.',
    exitCode: exitCodes.failed,
    cause,
  })
}
