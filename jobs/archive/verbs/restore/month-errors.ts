import { exitCodes, RowkeeperError } from '../../../../src/lib/errors.ts'
import type { LedgerMonth } from '../../ledger/months.ts'
import type { Month } from '../../partitions/months.ts'
import { command, type Settings } from '../input.ts'

/** Why a month is not restored, before anything was changed. */

export function isUnderWay(month: Month, { job }: Settings): RowkeeperError {
  return new RowkeeperError({
    code: 'archive.monthUnderWay',
    message: `A run was interrupted while it took ${month} in or out of the archive table as a whole.`,
    hint: `Let a run finish that first: rowkeeper run ${job}`,
    exitCode: exitCodes.refused,
  })
}

export function isDropped({ month, exportFile }: LedgerMonth, settings: Settings): RowkeeperError {
  return new RowkeeperError({
    code: 'archive.monthDropped',
    message: `${month} was taken out of ${settings.options.into.table} and dropped when its time was over.`,
    hint:
      exportFile === undefined
        ? 'It was not exported; only a backup of the server has it.'
        : `Its rows are in ${exportFile} and the columns in the file of the same name with .json behind it.`,
    exitCode: exitCodes.refused,
  })
}

export function alreadyBack(month: Month, settings: Settings): RowkeeperError {
  return new RowkeeperError({
    code: 'archive.alreadyBack',
    message: `${month} was restored before; nothing of it is left in ${settings.options.into.table}.`,
    hint: `To let runs archive it again: ${command('release', settings, month)}`,
    exitCode: exitCodes.inputMissing,
  })
}

export function monthDiffers(
  table: string,
  month: Month,
  because: string,
  settings: Settings,
): RowkeeperError {
  return new RowkeeperError({
    code: 'archive.monthDiffers',
    message: `${month} of ${table} does not hold what it must hold: ${because}.`,
    hint: `Compare with a backup. If what is there is right: ${command('verify', settings, month)} --adopt; then restore.`,
    exitCode: exitCodes.refused,
  })
}

export function wantedNothing(settings: Settings): RowkeeperError {
  return new RowkeeperError({
    code: 'usage.restoreWhat',
    message: 'archive restore takes either --month or --key.',
    hint: `${command('restore', settings)} --month 2005-06, or --key 17 for one row`,
    exitCode: exitCodes.usage,
  })
}
