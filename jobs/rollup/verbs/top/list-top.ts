import { exitCodes, RowkeeperError } from '../../../../src/lib/errors.ts'
import type { PlanContext } from '../../../../src/run/context.ts'
import type { VerbInput, VerbResult } from '../../../../src/run/job.ts'
import type { BucketSize } from '../../buckets/sizes.ts'
import { readTables } from '../../resolve/tables.ts'
import { selectNewestBucket } from '../../sql.ts'
import type { CounterTable, Settings } from '../../tables.ts'
import { type Asked, readAsked, type Span } from './asked.ts'
import { mergeUniques } from './merge-uniques.ts'
import { selectHighestSums } from './sql.ts'
import { type TopEntry, topResult } from './top-result.ts'

/** What was counted most in one bucket or in several, read from the counters alone. */
export async function listTop(
  context: PlanContext,
  settings: Settings,
  input: VerbInput,
): Promise<VerbResult> {
  const { counters } = await readTables(context, settings)
  const asked = readAsked(counters, input)
  const { size, measure } = asked
  const span = counters.table === undefined ? undefined : await findSpan(context, counters, asked)
  if (span === undefined)
    return topResult(settings, { measure: measure.name, size, of: undefined, entries: [] })
  const entries = await readEntries(context, counters, asked, span)
  return topResult(settings, { measure: measure.name, size, of: span.described, entries })
}

interface FoundSpan {
  readonly from: string
  readonly to: string
  readonly described: string
}

async function findSpan(
  { read }: PlanContext,
  counters: CounterTable,
  { size, span }: Asked,
): Promise<FoundSpan | undefined> {
  if (span.type === 'range') return allOf(size, span)
  if (span.type === 'bucket') return oneBucket(size, span.start)
  const [newest] = await read((session) => session.rows(selectNewestBucket(counters, size)))
  const start = newest?.bucket_start ?? null
  return start === null ? undefined : oneBucket(size, String(start))
}

function allOf(size: BucketSize, { from, to }: Extract<Span, { type: 'range' }>): FoundSpan {
  const bounds = [
    ...(from === undefined ? [] : [`from ${from}`]),
    ...(to === undefined ? [] : [`before ${to}`]),
  ]
  return {
    from: from ?? '1000-01-01',
    to: to ?? '9999-12-31',
    described: `by ${size}, ${bounds.join(' and ')}`,
  }
}

/** Buckets begin at full quarters of an hour, so none but this one begins within a second. */
function oneBucket(size: BucketSize, start: string): FoundSpan {
  const isLong = size === 'day' || size === 'month'
  return {
    from: start,
    to: `${start.slice(0, 17)}01`,
    described: `${size} of ${start.slice(0, isLong ? 10 : 16)}`,
  }
}

async function readEntries(
  context: PlanContext,
  counters: CounterTable,
  { size, measure, rows, span }: Asked,
  { from, to }: FoundSpan,
): Promise<readonly TopEntry[]> {
  const wanted = { size, from, to, rows, measure: measure.name }
  const isRange = span.type === 'range'
  if (isRange && measure.type === 'unique' && counters.uniques === 'exact') throw noSum(measure.name)
  if (isRange && measure.type === 'unique') return mergeUniques(context, counters, wanted)
  const found = await context.read((session) => session.rows(selectHighestSums(counters, wanted)))
  return found.map((row) => ({
    group: counters.group.map((_, position) => String(row[`group_${position}`])),
    amount: String(row.amount),
  }))
}

function noSum(measure: string): RowkeeperError {
  return new RowkeeperError({
    code: 'usage.uniquesOfSeveral',
    message: `${measure} counts different values, and those of several buckets do not add up: who came on two days would be two.`,
    hint: 'Ask for one bucket, with --size and --at. With uniques: estimated several can be merged.',
    exitCode: exitCodes.usage,
  })
}
