import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import { parseRatio } from '../../../src/lib/units.ts'
import type { VerbInput } from '../../../src/run/job.ts'

/** Days by the clock of the buckets, `2026-03-29`: from the first to before the other. */
export interface AskedDays {
  readonly from: string | undefined
  readonly to: string | undefined
}

export const dayOptions = [
  { flags: '--from <day>', description: 'from this day on, like 2026-03-29; by the clock of the buckets' },
  { flags: '--to <day>', description: 'before this day' },
]

export function readDays({ options }: VerbInput): AskedDays {
  const [from, to] = [readDay('from', options.from), readDay('to', options.to)]
  if (from === undefined || to === undefined || from < to) return { from, to }
  throw badOption('from', from, `the day before which it ends, --to ${to}, is not later`)
}

function readDay(name: string, text: string | undefined): string | undefined {
  if (text === undefined || isDay(text)) return text
  throw badOption(name, text, 'a day is written like 2026-03-29')
}

export function isDay(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false
  const date = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
}

/** A share of all, 1 for everything. */
export function readSample({ options: { sample } }: VerbInput): number {
  if (sample === undefined) return 1
  const share = parseRatio(sample)
  if (share !== undefined && share > 0) return share
  throw badOption('sample', sample, 'a share is written like 1%')
}

export function badOption(name: string, given: string, problem: string): RowkeeperError {
  return new RowkeeperError({
    code: 'usage.badOption',
    message: `--${name} ${given} cannot be used: ${problem}.`,
    hint: `Correct --${name} and run the command again.`,
    exitCode: exitCodes.usage,
  })
}
