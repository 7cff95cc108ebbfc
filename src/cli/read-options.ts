import { exitCodes, RowkeeperError } from '../lib/errors.ts'
import { parseDuration } from '../lib/units.ts'

export function readCount(value: unknown, name: string): number | undefined {
  if (value === undefined) return undefined
  const text = String(value)
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text)
  throw badOption(`${name} takes a whole number from 1, not ${JSON.stringify(text)}.`)
}

/** Milliseconds. */
export function readDuration(value: unknown, name: string): number | undefined {
  if (value === undefined) return undefined
  const milliseconds = parseDuration(String(value))
  if (milliseconds !== undefined) return milliseconds
  throw badOption(`${name} takes a duration such as 30s, 20m or 2h, not ${JSON.stringify(String(value))}.`)
}

function badOption(message: string): RowkeeperError {
  return new RowkeeperError({
    code: 'usage.badOption',
    message,
    hint: 'rowkeeper --help',
    exitCode: exitCodes.usage,
  })
}
