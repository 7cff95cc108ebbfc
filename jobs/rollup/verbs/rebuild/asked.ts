import { toColumnTime } from '../../../../src/db/date-time.ts'
import { exitCodes, RowkeeperError } from '../../../../src/lib/errors.ts'
import type { VerbInput } from '../../../../src/run/job.ts'
import { type BucketSize, bucketStart } from '../../buckets/sizes.ts'
import { shiftBucket } from '../../buckets/steps.ts'
import type { CounterTable } from '../../tables.ts'
import { badOption, readDays } from '../input.ts'

/** From the first moment to before the other, by the clock of the buckets: `2026-03-01 00:00:00`. */
export interface Span {
  readonly from: string
  readonly to: string
}

/** Buckets that are counted anew: all of the smallest size inside, and every larger one that reaches into it. */
export interface Asked extends Span {
  /** The days that were named, also where they are not over yet. */
  readonly named: Span
}

/**
 * The buckets of the days that were named, up to the one that is running, which is counted as far as it has come, as runs
 * do. Days are whole for every size but months: where nothing smaller than months is counted, only whole months will do.
 * Elsewhere a month that is named in part is the sum of all of its days, those that are not counted anew among them.
 *
 * @param now ISO text in UTC
 */
export function readAsked(counters: CounterTable, input: VerbInput, now: string): Asked {
  const { from, to } = readDays(input)
  const [smallest] = counters.sizes
  if (from === undefined || to === undefined) throw daysMissing()
  if (smallest === 'month') for (const [name, day] of Object.entries({ from, to })) requireMonth(name, day)
  const named = { from: `${from} 00:00:00`, to: `${to} 00:00:00` }
  const wall = toColumnTime(now, { dataType: 'datetime' }, counters.zone)
  const end = shiftBucket(bucketStart(wall, smallest), smallest, 1)
  if (named.from >= end) throw badOption('from', from, 'no bucket of that day has begun')
  return { from: named.from, to: named.to < end ? named.to : end, named }
}

function daysMissing(): RowkeeperError {
  return new RowkeeperError({
    code: 'usage.missingOption',
    message: 'Nothing says which days are counted anew: --from and --to are both needed.',
    hint: 'Name the first day and the one before which it ends: --from 2026-03-29 --to 2026-04-01',
    exitCode: exitCodes.usage,
  })
}

function requireMonth(name: string, day: string): void {
  if (!day.endsWith('-01'))
    throw badOption(name, day, 'the job counts nothing smaller than months, which begin with the 1st')
}

/** Buckets of a size that reach into a span, each as a span of its own. */
export function* bucketsOf({ from, to }: Span, size: BucketSize): Generator<Span> {
  let start = bucketStart(from, size)
  while (start < to) {
    const end = shiftBucket(start, size, 1)
    yield { from: start, to: end }
    start = end
  }
}

/** What is read or compared in one statement: a day of smaller buckets, or one that is larger. */
export function* stretchesOf(asked: Span, size: BucketSize): Generator<Span> {
  for (const stretch of bucketsOf(asked, size === 'month' ? 'month' : 'day'))
    yield size === 'day' || size === 'month' ? stretch : { ...stretch, to: earlier(stretch.to, asked.to) }
}

function earlier(one: string, other: string): string {
  return one < other ? one : other
}
