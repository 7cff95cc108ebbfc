import { type ExitCode, exitCodes, RowkeeperError } from '../lib/errors.ts'
import { classifyFileError, type FileFailure } from './file-failure.ts'

interface Meaning {
  readonly code: string
  readonly observed: string
  readonly hint: string
  readonly exitCode: ExitCode
}

const meanings: Record<Exclude<FileFailure, 'other'>, Meaning> = {
  noSpace: {
    code: 'report.noSpace',
    observed: 'the disk, or the quota, is full',
    hint: 'Free space or choose another folder for --report. A .gz ending makes the file about ten times smaller.',
    exitCode: exitCodes.failed,
  },
  noFolder: {
    code: 'report.noFolder',
    observed: 'its folder does not exist',
    hint: 'Create the folder first, or choose another path for --report.',
    exitCode: exitCodes.usage,
  },
  noPermission: {
    code: 'report.noPermission',
    observed: 'this user may not write there',
    hint: 'Choose a folder for --report in which this user may create files.',
    exitCode: exitCodes.noPermission,
  },
}

/** What the file system said about the report, in words. Says nothing about the data: the run speaks for that. */
export function reportFileError(path: string, error: unknown): RowkeeperError {
  const { failure, systemCode } = classifyFileError(error)
  const { code, observed, hint, exitCode } = failure === 'other' ? notWritten(error) : meanings[failure]
  return new RowkeeperError({
    code,
    message: `The report ${path} could not be written: ${observed} (${systemCode}).`,
    hint,
    exitCode,
    cause: error,
  })
}

function notWritten(error: unknown): Meaning {
  return {
    code: 'report.notWritten',
    observed: error instanceof Error ? error.message : String(error),
    hint: 'Choose another path for --report.',
    exitCode: exitCodes.failed,
  }
}
