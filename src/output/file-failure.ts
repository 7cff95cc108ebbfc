/** What a file system refuses, in the words that a message about any file begins from. */
export type FileFailure = 'noSpace' | 'noFolder' | 'noPermission' | 'other'

const failures: Readonly<Record<string, FileFailure>> = {
  ENOSPC: 'noSpace',
  EDQUOT: 'noSpace',
  EFBIG: 'noSpace',
  ENOENT: 'noFolder',
  ENOTDIR: 'noFolder',
  EACCES: 'noPermission',
  EPERM: 'noPermission',
  EROFS: 'noPermission',
}

export function classifyFileError(error: unknown): { failure: FileFailure; systemCode: string } {
  const systemCode = error instanceof Error && 'code' in error ? String(error.code) : 'no code'
  return { failure: failures[systemCode] ?? 'other', systemCode }
}
