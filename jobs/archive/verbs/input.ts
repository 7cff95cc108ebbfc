import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import type { JobSettings, VerbInput } from '../../../src/run/job.ts'
import type { ArchiveConfig } from '../config.ts'
import { isMonth, type Month } from '../partitions/months.ts'

export type Settings = JobSettings<ArchiveConfig>

export const monthOption = { flags: '--month <month>', description: 'one month, like 2005-06' }

/** Undefined when none is given. */
export function readMonth({ options }: VerbInput): Month | undefined {
  const { month } = options
  if (month === undefined || isMonth(month)) return month
  throw new RowkeeperError({
    code: 'usage.badMonth',
    message: `--month ${month} is no month. A month is written like 2005-06.`,
    hint: 'Give the year with four digits and the month with two.',
    exitCode: exitCodes.usage,
  })
}

/** What each of these commands is called with, as in `rowkeeper archive restore old-orders --month 2005-06`. */
export function command(verb: string, { job }: Settings, month?: Month): string {
  return `rowkeeper archive ${verb} ${job}${month === undefined ? '' : ` --month ${month}`}`
}

/** `rowkeeper archive release old-orders` without saying which month. */
export function monthNeeded(verb: string, settings: Settings): RowkeeperError {
  return new RowkeeperError({
    code: 'usage.monthNeeded',
    message: `archive ${verb} needs to know which month.`,
    hint: `${command('months', settings)} lists them; then: ${command(verb, settings)} --month 2005-06`,
    exitCode: exitCodes.usage,
  })
}

export function noSuchMonth(month: Month, table: string, settings: Settings): RowkeeperError {
  return new RowkeeperError({
    code: 'archive.noSuchMonth',
    message: `${table} has no rows of ${month}, and nothing is known of that month.`,
    hint: command('months', settings),
    exitCode: exitCodes.inputMissing,
  })
}
