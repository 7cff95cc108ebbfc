/** Durations, counts, sizes and ratios: text in, numbers out, and back. Durations are milliseconds everywhere. */

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const durationUnits = new Map(
  Object.entries({
    ms: 1,
    s: SECOND,
    second: SECOND,
    seconds: SECOND,
    m: MINUTE,
    min: MINUTE,
    minute: MINUTE,
    minutes: MINUTE,
    h: HOUR,
    hour: HOUR,
    hours: HOUR,
    d: DAY,
    day: DAY,
    days: DAY,
    w: 7 * DAY,
    week: 7 * DAY,
    weeks: 7 * DAY,
  }),
)

/** Milliseconds of `5s`, `500ms`, `2h`, `30 days`; undefined when the text is no duration. Months are calendar values and not accepted here. */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*([a-z]+)$/i.exec(text.trim())
  const unit = durationUnits.get(match?.[2]?.toLowerCase() ?? '')
  if (match?.[1] === undefined || unit === undefined) return undefined
  return Math.round(Number(match[1]) * unit)
}

/** A length of the calendar: a month has no fixed number of days. */
export interface Period {
  readonly count: number
  readonly unit: 'days' | 'weeks' | 'months' | 'years'
}

const periodUnits = new Map<string, Period['unit']>(
  Object.entries({
    d: 'days',
    day: 'days',
    days: 'days',
    w: 'weeks',
    week: 'weeks',
    weeks: 'weeks',
    month: 'months',
    months: 'months',
    year: 'years',
    years: 'years',
  }),
)

/** `13 months`, `2 years`, `90 days`, `3 weeks`: a whole number from 1 to 99,999 and a unit; undefined for anything else. */
export function parsePeriod(text: string): Period | undefined {
  const match = /^(\d{1,5})\s*([a-z]+)$/i.exec(text.trim())
  const unit = periodUnits.get(match?.[2]?.toLowerCase() ?? '')
  const count = Number(match?.[1] ?? 0)
  return unit === undefined || count === 0 ? undefined : { count, unit }
}

/** `1 month`, `13 months`. */
export function formatPeriod({ count, unit }: Period): string {
  return plural(count, unit.slice(0, -1), unit)
}

/** The two largest units that say it: `2 h 5 min`, `14 s`, `320 ms`. */
export function formatDuration(milliseconds: number): string {
  if (milliseconds < SECOND) return `${Math.round(milliseconds)} ms`
  if (milliseconds < 10 * SECOND) return `${(milliseconds / SECOND).toFixed(1)} s`
  const steps: [number, string][] = [
    [DAY, 'd'],
    [HOUR, 'h'],
    [MINUTE, 'min'],
    [SECOND, 's'],
  ]
  const first = steps.findIndex(([size]) => milliseconds >= size)
  return steps
    .slice(first, first + 2)
    .map(([size, unit], index) => {
      const [outer] = steps[first + index - 1] ?? [Number.POSITIVE_INFINITY]
      return { amount: Math.floor((milliseconds % outer) / size), unit }
    })
    .filter(({ amount }, index) => index === 0 || amount > 0)
    .map(({ amount, unit }) => `${amount} ${unit}`)
    .join(' ')
}

/** A share as a number 0…1 of `2%` or `0.02`; undefined when it is neither. */
export function parseRatio(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)\s*(%?)$/.exec(text.trim())
  if (match?.[1] === undefined) return undefined
  const ratio = Number(match[1]) / (match[2] === '%' ? 100 : 1)
  return ratio <= 1 ? ratio : undefined
}

/** `20,000`. The same on every machine: no locale decides how a report reads. */
export function formatCount(count: number): string {
  return Math.round(count).toLocaleString('en-US')
}

/** `71.0 MiB`. */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log2(bytes) / 10), units.length - 1)
  return power === 0 ? `${Math.round(bytes)} B` : `${(bytes / 1024 ** power).toFixed(1)} ${units[power]}`
}

/** `1 row`, `2 rows`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`
}
