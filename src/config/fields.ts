import { z } from 'zod'
import { type Period, parseDuration, parsePeriod, parseRatio } from '../lib/units.ts'
import { findCronProblem } from './cron-syntax.ts'
import { findPredicateProblem } from './predicate.ts'
import { isTimeZone } from './time-zone.ts'

/**
 * What a field may give away. `plain`: names, numbers and zones, printed as they are, also when they come from
 * the environment. `secret`: never printed. `url`: printed without its password.
 */
export type Secrecy = 'plain' | 'secret' | 'url'

export interface FieldKind {
  /** As the reference names it. */
  readonly kind: string
  readonly secrecy: Secrecy
  /** The value is the name of an entry of this group. */
  readonly refersTo?: 'databases' | 'services'
}

/** The field kinds by schema. */
export const fieldKinds = z.registry<FieldKind>()

/** `5s`, `500ms`, `24h`, `30 days` → milliseconds. A bare number has no unit and is refused. */
export const duration: z.ZodType<number, string> = readText(
  z.string({ error: (issue) => durationTypeProblem(issue.input) }),
  (text) => {
    const milliseconds = parseDuration(text)
    return milliseconds === undefined ? problem(durationProblem(text)) : { value: milliseconds }
  },
).register(fieldKinds, { kind: 'duration', secrecy: 'plain' })

/** A duration longer than nothing: for time-outs, where 0 would mean "never" to one reader and "at once" to another. */
export const positiveDuration: z.ZodType<number, string> = duration
  .refine((milliseconds) => milliseconds > 0, 'must be longer than nothing, such as 5s')
  .register(fieldKinds, { kind: 'duration', secrecy: 'plain' })

/** `13 months`, `2 years`, `90 days`, `3 weeks`: counted on the calendar, from 1. */
export const period: z.ZodType<Period, string> = readText(
  z.string({ error: (issue) => periodTypeProblem(issue.input) }),
  (text) => {
    const value = parsePeriod(text)
    return value === undefined ? problem(periodProblem(text)) : { value }
  },
).register(fieldKinds, { kind: 'period', secrecy: 'plain' })

/** `2%` or `0.02` → 0.02; from 0 to 1. */
export const ratio: z.ZodType<number, string | number> = readText(numberOrText(), (input) => {
  const share = parseRatio(String(input))
  return share === undefined
    ? problem(`expected a share such as 2% or 0.02, from 0 to 1, found ${JSON.stringify(input)}`)
    : { value: share }
}).register(fieldKinds, { kind: 'ratio', secrecy: 'plain' })

/** A whole number from 0. Text of digits counts too, since a value from the environment is always text. */
export const count: z.ZodType<number, string | number> = wholeNumber(0)

/** A whole number from 1. */
export const positiveCount: z.ZodType<number, string | number> = wholeNumber(1)

/** A number above 0, such as a rate: 50 or 0.5. */
export const positiveNumber: z.ZodType<number, string | number> = readText(numberOrText(), (input) => {
  const value = /^\d+(\.\d+)?$/.test(String(input)) ? Number(input) : 0
  return value > 0 ? { value } : problem(`expected a number above 0, found ${JSON.stringify(input)}`)
}).register(fieldKinds, { kind: 'number', secrecy: 'plain' })

/**
 * A decimal such as an amount, as exact text: never a float. A number written in the file comes as the digits
 * written there whenever a float cannot hold them.
 */
export const decimalText: z.ZodType<string, string | number> = readText(numberOrText(), (input) => {
  const text = String(input)
  return /^\d+(\.\d+)?$/.test(text)
    ? { value: text }
    : problem(`expected a decimal such as 5000000 or 12.50, found ${JSON.stringify(input)}`)
}).register(fieldKinds, { kind: 'decimal', secrecy: 'plain' })

/**
 * A table, column or schema name. Refused: empty, NUL, more than 64 characters, a trailing space, invalid UTF-16,
 * characters beyond U+FFFF (MySQL manual, "Schema Object Names"), and `db.table` in one text.
 */
export const identifier: z.ZodType<string, string> = checkText(findIdentifierProblem).register(fieldKinds, {
  kind: 'name',
  secrecy: 'plain',
})

/** The name of an entry under databases; that it is there is checked with the rest of the file. */
export const databaseReference: z.ZodType<string, string> = entryReference('databases')

/** The name of an entry under services. */
export const serviceReference: z.ZodType<string, string> = entryReference('services')

function entryReference(refersTo: NonNullable<FieldKind['refersTo']>): z.ZodType<string, string> {
  return z.string().register(fieldKinds, { kind: 'name of an entry', secrecy: 'plain', refersTo })
}

/** An IANA name such as `Asia/Seoul`, `UTC`, or a fixed offset such as `+05:45`. */
export const timeZone: z.ZodType<string, string> = checkText((text) =>
  isTimeZone(text)
    ? undefined
    : `unknown time zone ${JSON.stringify(text)}; write a name such as Asia/Seoul, UTC, or an offset such as +05:45`,
).register(fieldKinds, { kind: 'time zone', secrecy: 'plain' })

/** A piece of SQL that goes, in parentheses, into a WHERE. May be empty. */
export const predicate: z.ZodType<string, string> = checkText(findPredicateProblem).register(fieldKinds, {
  kind: 'SQL predicate',
  secrecy: 'plain',
})

/** Text nobody may see: tokens and passwords. */
export const secret: z.ZodType<string, string> = checkText((text) =>
  text === '' ? 'must not be empty' : undefined,
).register(fieldKinds, { kind: 'secret', secrecy: 'secret' })

/** A JSON pointer (RFC 6901) such as `/data/0/id`; empty means the whole answer. */
export const jsonPointer: z.ZodType<string, string> = checkText((text) =>
  /^(\/([^~/]|~[01])*)*$/.test(text)
    ? undefined
    : `expected a JSON pointer such as /payment/id, found ${JSON.stringify(text)}`,
).register(fieldKinds, { kind: 'JSON pointer', secrecy: 'plain' })

/** Five fields, or six with seconds first. */
export const cronExpression: z.ZodType<string, string> = checkText(findCronProblem).register(fieldKinds, {
  kind: 'cron expression',
  secrecy: 'plain',
})

export interface Schedule {
  readonly cron: string
  readonly timeZone: string
}

/** A cron expression, read in UTC, or one with its zone. */
export const schedule: z.ZodType<Schedule, string | { cron: string; timeZone?: string | undefined }> = z
  .union([
    cronExpression.transform((cron) => ({ cron, timeZone: 'UTC' })),
    z.strictObject({ cron: cronExpression, timeZone: timeZone.prefault('UTC') }),
  ])
  .register(fieldKinds, { kind: 'cron expression, or cron and timeZone', secrecy: 'plain' })

type Reading<Output> = { readonly value: Output } | { readonly problem: string }

function problem(text: string): { readonly problem: string } {
  return { problem: text }
}

/** A field that becomes something else, or says in one sentence why it cannot. */
function readText<Input, Output>(
  input: z.ZodType<Input, Input>,
  read: (input: Input) => Reading<Output>,
): z.ZodType<Output, Input> {
  return input.transform((given, context) => {
    const reading = read(given)
    if ('value' in reading) return reading.value
    context.addIssue({ code: 'custom', message: reading.problem })
    return z.NEVER
  })
}

/** A text field with a rule; the rule answers what is wrong, or nothing. */
export function checkText(findProblem: (text: string) => string | undefined): z.ZodType<string, string> {
  return z.string().check((payload) => {
    const message = findProblem(payload.value)
    if (message !== undefined) payload.issues.push({ code: 'custom', message, input: payload.value })
  })
}

function numberOrText(): z.ZodType<string | number, string | number> {
  return z.union([z.number(), z.string()])
}

function wholeNumber(minimum: number): z.ZodType<number, string | number> {
  return readText(numberOrText(), (input) => {
    const isWhole = /^\d+$/.test(String(input)) && Number.isSafeInteger(Number(input))
    return isWhole && Number(input) >= minimum
      ? { value: Number(input) }
      : problem(`expected a whole number from ${minimum}, found ${JSON.stringify(input)}`)
  }).register(fieldKinds, { kind: 'whole number', secrecy: 'plain' })
}

function durationTypeProblem(input: unknown): string | undefined {
  return typeof input === 'number' ? `durations carry a unit: write ${input}s` : undefined
}

function durationProblem(text: string): string {
  if (/^\d+$/.test(text)) return `durations carry a unit: write ${text}s`
  if (/(month|year)s?$/.test(text))
    return `months and years have no fixed length: write days, such as 30 days`
  return `expected a duration such as 500ms, 5s, 10m, 24h or 30 days, found ${JSON.stringify(text)}`
}

function periodTypeProblem(input: unknown): string | undefined {
  return typeof input === 'number' ? bareNumberProblem(String(input)) : undefined
}

function periodProblem(text: string): string {
  if (/^\d+$/.test(text)) return bareNumberProblem(text)
  if (/^0+\s*[a-z]+$/i.test(text)) return 'a period is not empty: write 1 day or more'
  if (parseDuration(text) !== undefined)
    return `a period is counted in days, weeks, months or years, such as 13 months; found ${JSON.stringify(text)}`
  return `expected a period such as 13 months, 90 days or 2 years, found ${JSON.stringify(text)}`
}

function bareNumberProblem(digits: string): string {
  return `periods carry a unit: write ${digits} months, or days, weeks, years`
}

const MAXIMUM_IDENTIFIER_LENGTH = 64

/** What is wrong with the name of a table or a column, in words; nothing when it is one. */
export function findIdentifierProblem(text: string): string | undefined {
  if (text === '') return 'a name must not be empty'
  if (text.includes('\0')) return 'a name must not contain NUL'
  if (/\p{Surrogate}/u.test(text)) return 'the name is not valid Unicode'
  if (/[\u{10000}-\u{10ffff}]/u.test(text)) return 'the server takes no characters beyond U+FFFF in names'
  if (text.length > MAXIMUM_IDENTIFIER_LENGTH)
    return `a name has at most ${MAXIMUM_IDENTIFIER_LENGTH} characters, this one has ${text.length}`
  if (text.endsWith(' ')) return 'a name must not end with a space'
  if (text.includes('.'))
    return `${JSON.stringify(text)} is two names: put the table here; its schema is the one in the database's url`
  return undefined
}
