import type { VerbInput } from '../../../../src/run/job.ts'
import { type BucketSize, bucketStart } from '../../buckets/sizes.ts'
import type { Measure } from '../../measures.ts'
import type { CounterTable } from '../../tables.ts'
import { badOption, isDay, readDays } from '../input.ts'

/** What the highest counters are asked of. */
export interface Asked {
  readonly size: BucketSize
  readonly measure: Measure
  readonly rows: number
  readonly span: Span
}

export type Span =
  | { readonly type: 'newest' }
  | { readonly type: 'bucket'; readonly start: string }
  /** Buckets that begin from the one to before the other; without one of them, all on that side. */
  | { readonly type: 'range'; readonly from: string | undefined; readonly to: string | undefined }

export function readAsked(counters: CounterTable, input: VerbInput): Asked {
  const measure = readMeasure(counters, input.options.measure)
  const rows = readCount(input.options.rows)
  const isRange = input.options.from !== undefined || input.options.to !== undefined
  const size = readSize(counters, input.options.size) ?? (isRange ? sizeForDays(counters) : largest(counters))
  const span = isRange ? readRange(size, input) : readBucket(size, input)
  return { size, measure, rows, span }
}

function readMeasure({ measures }: CounterTable, name: string | undefined): Measure {
  const measure = name === undefined ? measures[0] : measures.find((one) => one.name === name)
  if (measure !== undefined) return measure
  throw badOption('measure', `${name}`, `the job counts ${measures.map((one) => one.name).join(', ')}`)
}

const ROWS = 10
const MOST_ROWS = 1000

function readCount(text: string | undefined): number {
  if (text === undefined) return ROWS
  const rows = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (rows >= 1 && rows <= MOST_ROWS) return rows
  throw badOption('rows', text, `it is a whole number from 1 to ${MOST_ROWS}`)
}

function readSize({ sizes }: CounterTable, text: string | undefined): BucketSize | undefined {
  if (text === undefined) return undefined
  const size = sizes.find((one) => one === text)
  if (size !== undefined) return size
  throw badOption('size', text, `the job counts by ${sizes.join(', ')}`)
}

function largest({ sizes }: CounterTable): BucketSize {
  return sizes.at(-1) ?? sizes[0]
}

/** The fewest counters that add up to any days. */
function sizeForDays({ sizes }: CounterTable): BucketSize {
  return sizes.findLast((size) => size !== 'month') ?? sizes[0]
}

function readBucket(size: BucketSize, { options: { at } }: VerbInput): Span {
  if (at === undefined) return { type: 'newest' }
  const isMoment = /^.{10}([ T]([01]\d|2[0-3]):[0-5]\d)?$/.test(at) && isDay(at.slice(0, 10))
  if (!isMoment) throw badOption('at', at, 'a time is written like 2026-03-29 or "2026-03-29 14:00"')
  const minute = at.length === 10 ? `${at} 00:00` : at.replace('T', ' ')
  return { type: 'bucket', start: bucketStart(minute, size) }
}

function readRange(size: BucketSize, input: VerbInput): Span {
  const { at } = input.options
  if (at !== undefined) throw badOption('at', at, 'it is one bucket, and --from and --to are several')
  const { from, to } = readDays(input)
  for (const [name, day] of [
    ['from', from],
    ['to', to],
  ] as const) {
    const start = day === undefined ? undefined : bucketStart(`${day} 00:00`, size).slice(0, 10)
    if (day !== undefined && start !== day)
      throw badOption(name, day, `a ${size} begins on ${start}, and nothing smaller is asked for`)
  }
  return { type: 'range', from, to }
}
