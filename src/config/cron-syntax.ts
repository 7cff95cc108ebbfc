interface Field {
  readonly name: string
  readonly minimum: number
  readonly maximum: number
  readonly names?: readonly string[]
}

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

const second: Field = { name: 'second', minimum: 0, maximum: 59 }
const minute: Field = { name: 'minute', minimum: 0, maximum: 59 }
const hour: Field = { name: 'hour', minimum: 0, maximum: 23 }
const dayOfMonth: Field = { name: 'day of month', minimum: 1, maximum: 31 }
const month: Field = { name: 'month', minimum: 1, maximum: 12, names: months }
const dayOfWeek: Field = { name: 'day of week', minimum: 0, maximum: 7, names: weekdays }

const fiveFields = [minute, hour, dayOfMonth, month, dayOfWeek]
const longestMonths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/**
 * What is wrong with a cron expression of five or six fields; undefined when nothing is. A date that never
 * comes, such as 31 February, is refused here: schedulers search for it without end.
 */
export function findCronProblem(expression: string): string | undefined {
  const parts = expression.trim().split(/\s+/)
  if (expression.trim().startsWith('@')) return `write the five fields instead of ${expression.trim()}`
  if (parts.length !== 5 && parts.length !== 6)
    return `a cron expression has 5 fields, or 6 with seconds first; this one has ${expression.trim() === '' ? 0 : parts.length}`
  const fields = parts.length === 6 ? [second, ...fiveFields] : fiveFields
  const values = fields.map((field, index) => readField(field, parts[index] ?? ''))
  const broken = values.indexOf(undefined)
  if (broken >= 0) {
    const { name, minimum, maximum } = fields[broken] ?? minute
    return `the ${name} field ${JSON.stringify(parts[broken])} of the cron expression cannot be read; it takes ${minimum} to ${maximum}, *, lists, ranges and steps`
  }
  const [days = [], allowedMonths = []] = values.slice(-3)
  const anyWeekday = parts.at(-1) === '*'
  if (anyWeekday && !someDateExists(days, allowedMonths))
    return `the date ${parts.slice(-3, -1).join(' ')} never comes`
  return undefined
}

function someDateExists(days: readonly number[], allowedMonths: readonly number[]): boolean {
  return allowedMonths.some((number) => days.some((day) => day <= (longestMonths[number - 1] ?? 0)))
}

/** The values a field allows; undefined when it cannot be read. */
function readField(field: Field, text: string): readonly number[] | undefined {
  const parts = text.split(',').map((part) => readPart(field, part))
  return parts.every((part) => part !== undefined) ? parts.flat() : undefined
}

function readPart(field: Field, text: string): readonly number[] | undefined {
  const match = /^(\*|[a-z0-9]+)(?:-([a-z0-9]+))?(?:\/(\d+))?$/i.exec(text)
  if (match?.[1] === undefined) return undefined
  const [, start, end, step = '1'] = match
  if (start === '*' && end !== undefined) return undefined
  const from = start === '*' ? field.minimum : readValue(field, start)
  const openEnd = start === '*' || match[3] !== undefined ? field.maximum : from
  const to = end === undefined ? openEnd : readValue(field, end)
  const stride = Number(step)
  if (from === undefined || to === undefined || from > to || stride < 1) return undefined
  return Array.from({ length: Math.floor((to - from) / stride) + 1 }, (_, index) => from + index * stride)
}

function readValue(field: Field, text: string): number | undefined {
  const named = field.names?.indexOf(text.toLowerCase()) ?? -1
  if (named >= 0) return named + field.minimum
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  return value >= field.minimum && value <= field.maximum ? value : undefined
}
