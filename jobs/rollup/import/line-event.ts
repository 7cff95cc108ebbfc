import { fromColumnTime, toColumnTime } from '../../../src/db/date-time.ts'
import type { JudgeAgent } from '../filters/bots.ts'
import { toDigits } from '../fold/amount.ts'
import type { ReadEvent } from '../fold/read-event.ts'
import { toMeasures } from '../measures.ts'
import type { CounterTable, GroupColumn, Settings } from '../tables.ts'
import type { Fields } from './parse-line.ts'

/** A line that is an event, one that is none by the configuration, or one that should be and cannot be read. */
export type ReadLine =
  | { readonly type: 'event'; readonly event: ReadEvent }
  | { readonly type: 'other' }
  | { readonly type: 'bad'; readonly reason: string }

export type ReadFields = (fields: Fields) => ReadLine

const other: ReadLine = { type: 'other' }

/** From the fields of a line to an event, as the configuration names them. */
export function createLineReader(
  settings: Settings,
  counters: CounterTable,
  judgeAgent: JudgeAgent | undefined,
): ReadFields {
  const names = nameFields(settings)
  const isOther = createOtherTest(settings)
  const pick = createPicker(settings)
  const cellOf = createCellReader(counters.group)
  const clock = createInstantClock(counters.zone, settings.database.dateTimeZone)
  const who = (fields: Fields): Pick<ReadEvent, 'series' | 'values' | 'viewer'> => ({
    series: names.agent === undefined ? 'people' : (judgeAgent?.(fields(names.agent) ?? null) ?? 'people'),
    values: names.uniques.map((field) => toHex(pick(fields, field))),
    viewer: names.viewer === undefined ? null : toHex(pick(fields, names.viewer)),
  })
  return (fields) => {
    if (isOther(fields)) return other
    const minute = clock(fields(names.time) ?? '')
    if (minute === undefined) return bad(names.time, fields)
    const group = names.groups.map((field, position) => cellOf(position, pick(fields, field)))
    const without = group.indexOf(undefined)
    if (without >= 0) return bad(names.groups[without] ?? '', fields)
    const amounts = names.sums.map((field, position) =>
      toAmount(pick(fields, field), counters.scales[position] ?? 0),
    )
    const odd = amounts.indexOf(undefined)
    if (odd >= 0) return bad(names.sums[odd] ?? '', fields)
    const event: ReadEvent = {
      group: group as readonly string[],
      minute,
      amounts: amounts as readonly bigint[],
      ...who(fields),
    }
    return { type: 'event', event }
  }
}

/** Which field of a line each column of an event comes from. */
function nameFields({ options }: Settings) {
  const { fields = {}, time, format } = options.lines ?? {}
  const fieldOf = (column: string) => fields[column] ?? column
  const measures = toMeasures(options)
  const { bots, repeats } = options.filters
  return {
    time: time ?? (format === 'combined' ? 'time' : fieldOf(options.source?.time ?? 'time')),
    groups: Object.values(options.group).map(fieldOf),
    sums: measures.flatMap((measure) => (measure.type === 'sum' ? [fieldOf(measure.column)] : [])),
    uniques: measures.flatMap((measure) => (measure.type === 'unique' ? [fieldOf(measure.column)] : [])),
    agent: bots && fieldOf(bots.column),
    viewer: repeats && fieldOf(repeats.viewer),
  }
}

/** Lines that the configuration does not mean. */
function createOtherTest({ options }: Settings): (fields: Fields) => boolean {
  const conditions = Object.entries(options.lines?.where ?? {}).map(([field, values]) => ({
    field,
    values: new Set(values),
  }))
  const patterns = listPatterns(options)
  return (fields) =>
    conditions.some(({ field, values }) => !values.has(fields(field) ?? '')) ||
    patterns.some(([field, pattern]) => !pattern.test(fields(field) ?? ''))
}

/** The value of a field: the first group of its pattern, where it has one. */
function createPicker({ options }: Settings): (fields: Fields, field: string) => string | undefined {
  const patterns = new Map(listPatterns(options))
  return (fields, field) => {
    const value = fields(field)
    const pattern = patterns.get(field)
    if (pattern === undefined || value === undefined) return value
    const found = pattern.exec(value)
    return found?.[1] ?? found?.[0]
  }
}

function listPatterns({ lines }: Settings['options']): readonly (readonly [string, RegExp])[] {
  return Object.entries(lines?.match ?? {}).map(([field, source]) => [field, new RegExp(source)] as const)
}

function bad(field: string, fields: Fields): ReadLine {
  return {
    type: 'bad',
    reason: `${field} cannot be read: ${JSON.stringify(fields(field) ?? null).slice(0, 200)}`,
  }
}

function toAmount(text: string | undefined, scale: number): bigint | undefined {
  return text !== undefined && /^-?\d+(\.\d+)?$/.test(text) ? toDigits(text, scale) : undefined
}

/** V8 cuts a piece out of a text by pointing into it: kept, a path of forty bytes would keep half a megabyte of lines. */
function copyOf(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8')
}

/** As a column of the events would be read: digits, or the bytes of text. */
function toCell(group: GroupColumn | undefined, text: string | undefined): string | undefined {
  if (group === undefined || text === undefined) return undefined
  const { dataType, maximumLength, characterSet } = group.column
  if (characterSet !== undefined) {
    const isTooLong = maximumLength !== undefined && [...text].length > maximumLength
    return isTooLong ? undefined : (toHex(text) ?? undefined)
  }
  if (wholeNumbers.includes(dataType)) return /^-?\d{1,20}$/.test(text) ? String(BigInt(text)) : undefined
  return /^[-+0-9a-f.: ]+$/i.test(text) ? text : undefined
}

const wholeNumbers = ['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'year']

function toHex(text: string | undefined): string | null {
  return text === undefined || text === '' ? null : Buffer.from(text, 'utf8').toString('hex').toUpperCase()
}

/** The same paths come again and again: making their digits anew took a third of the time of a line. */
function createCellReader(
  group: CounterTable['group'],
): (position: number, text: string | undefined) => string | undefined {
  const known = group.map(() => new Map<string, string | undefined>())
  return (position, text) => {
    const cells = known[position]
    if (text === undefined || cells === undefined) return undefined
    const found = cells.get(text)
    if (found !== undefined) return found
    const cell = toCell(group[position], text)
    if (cells.size >= REMEMBERED) cells.clear()
    cells.set(copyOf(text), cell)
    return cell
  }
}

const REMEMBERED = 50_000
const CLF_LENGTH = 26
const CLF = /^(\d{2})\/(\w{3})\/(\d{4}):(\d{2}:\d{2}):\d{2} ([+-]\d{2})(\d{2})$/
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const NUMBER = /^\d{9,13}(\.\d+)?$/
const ISO = /^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?\s?(Z|[+-]\d\d:?\d\d)$/
const LOCAL = /^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?)?$/

/**
 * What the clock of the buckets shows, for a time as logs write it: `17/May/2015:10:05:03 +0000`, ISO with an offset,
 * seconds or milliseconds since 1970; without an offset it is meant in `localZone`.
 */
function createInstantClock(zone: string, localZone: string): (text: string) => string | undefined {
  const known = new Map<string, string | undefined>()
  return (text) => {
    // Up to the minute: seconds decide nothing.
    const name = text.length === CLF_LENGTH ? text.slice(0, 17) + text.slice(20) : text
    const found = known.get(name)
    if (found !== undefined) return found
    const instant = toInstant(text, localZone)
    const minute =
      instant === undefined ? undefined : toColumnTime(instant, { dataType: 'datetime' }, zone).slice(0, 16)
    if (known.size >= REMEMBERED) known.clear()
    known.set(copyOf(name), minute)
    return minute
  }
}

function toInstant(text: string, localZone: string): string | undefined {
  const clf = CLF.exec(text)
  if (clf !== null) {
    const [, day, month = '', year, minute, hours, minutes] = clf
    const number = String(months.indexOf(month) + 1).padStart(2, '0')
    return toIso(`${year}-${number}-${day}T${minute}:00${hours}:${minutes}`)
  }
  if (NUMBER.test(text)) return toIso(Number(text) * (text.split('.')[0]?.length === 13 ? 1 : 1000))
  if (ISO.test(text)) return toIso(text.replace(' ', 'T').replace(/ /g, ''))
  if (!LOCAL.test(text)) return undefined
  const full = text.length === 10 ? `${text} 00:00:00` : text.replace('T', ' ')
  return fromColumnTime(full.length === 16 ? `${full}:00` : full, { dataType: 'datetime' }, localZone)
}

function toIso(time: string | number): string | undefined {
  const date = new Date(time)
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString()
}
