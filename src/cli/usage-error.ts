import { exitCodes, RowkeeperError } from '../lib/errors.ts'

export function usageError(message: string, hint: string): RowkeeperError {
  return new RowkeeperError({ code: 'usage.invalid', message, hint, exitCode: exitCodes.usage })
}
