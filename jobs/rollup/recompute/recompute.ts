import type { Row } from '../../../src/db/connection.ts'
import { fromColumnTime, toControlTime } from '../../../src/db/date-time.ts'
import type { Transaction } from '../../../src/db/session.ts'
import { bucketStart } from '../buckets/sizes.ts'
import { bucketsBetween, shiftBucket } from '../buckets/steps.ts'
import { explainCounters } from '../counters/errors.ts'
import { addedParts, amountOf } from '../counters/measure-parts.ts'
import { compareObjects, type ObjectSum } from '../counters/object-sums.ts'
import { slicesOf } from '../counters/slices.ts'
import { groupValues } from '../counters/sql.ts'
import { addToTally } from '../counters/tally.ts'
import { writeTotals } from '../counters/write-totals.ts'
import { toDigits } from '../fold/amount.ts'
import { putSource } from '../ledger/sql.ts'
import type { RecomputeStep } from '../plan-model.ts'
import type { Scene } from '../scene.ts'
import { type CounterTable, type SourceTable, scaleOf } from '../tables.ts'
import { rangeOfBucket } from './bucket-range.ts'
import {
  claimBucket,
  noteEvents,
  resumBucket,
  type SetCounter,
  selectStored,
  selectTruth,
  setCounts,
} from './sql.ts'

/**
 * Sets the counters of every bucket to what the events say that are there now, smallest size first, one transaction for
 * each; a larger bucket is summed anew once its smaller ones are set. A run that died in between begins again with the
 * last bucket it set, and so with every larger one that was not summed.
 */
export async function recompute(scene: Scene, { from, to }: RecomputeStep): Promise<void> {
  const { context, tables } = scene
  const [size] = tables.counters.sizes
  const { clock } = context
  scene.progress.begin()
  let done: string | undefined
  for (const start of bucketsBetween(from, to, size)) {
    context.stop.throwIfAborted()
    await scene.pace.ready()
    if (done !== undefined) await resumEnded(scene, done, start)
    const begun = clock.elapsed()
    const count = await context.transact('set bucket', (transaction) => setBucket(transaction, scene, start))
    addToTally(scene, { ...count, filtered: 0 }, clock.elapsed() - begun)
    await context.reach('rollup.bucket-set')
    done = start
  }
  if (done !== undefined) await resumEnded(scene, done, shiftBucket(bucketStart(to, 'month'), 'month', 1))
  await noteCounted(scene, to)
}

/** Events before the oldest bucket that the next run would count anew are counted for good. */
async function noteCounted({ context, settings, source, tables }: Scene, running: string): Promise<void> {
  const [size] = tables.counters.sizes
  const open = shiftBucket(running, size, 1 - (settings.options.source?.last ?? 1))
  const instant = fromColumnTime(open, { dataType: 'datetime' }, tables.counters.zone)
  const { name } = source.table
  await context.transact('note counted', (transaction) =>
    transaction.change(
      putSource(context.control.schema, {
        job: context.job,
        schema: name.schema,
        table: name.table,
        timeColumn: source.time.column.name,
        strategy: 'recompute',
        countedUntil: instant === undefined ? null : toControlTime(instant),
      }),
    ),
  )
}

interface SetBucket {
  readonly events: number
  readonly keys: number
  readonly unknownObjects: readonly string[]
}

/** What one group of a bucket has, or must have. */
interface GroupAmounts {
  readonly group: readonly string[]
  readonly events: number
  readonly amounts: readonly bigint[]
}

async function setBucket(transaction: Transaction, scene: Scene, start: string): Promise<SetBucket> {
  const { context, tables, source } = scene
  const { counters, total } = tables
  const [size] = counters.sizes
  const { job, runId, control } = context
  await transaction.change(claimBucket(control.schema, { job, start, runId }))
  const range = rangeOfBucket(source, counters, { start, size })
  const truth = (await transaction.rows(selectTruth(source, range))).map((row) => toTruth(source, row))
  const stored = (await transaction.rows(selectStored(counters, size, start))).map((row) =>
    toStored(counters, row),
  )
  const changed = findChanged(truth, stored)
  for (const slice of slicesOf(changed, GROUPS_PER_STATEMENT)) {
    const set = slice.map((group) => toSetCounter(counters, group, start))
    await transaction.change(setCounts(counters, set)).catch((error) => explainCounters(error, counters))
  }
  const sums = total === undefined ? [] : sumDifferences(changed, stored, total.groupPosition)
  const unknownObjects = total === undefined ? [] : await writeTotals(transaction, total, { counters, sums })
  const events = truth.reduce((sum, group) => sum + group.events, 0)
  await transaction.change(noteEvents(control.schema, { job, start, events }))
  return { events, keys: changed.length, unknownObjects }
}

const GROUPS_PER_STATEMENT = 500

function toTruth({ group, sums }: SourceTable, row: Row): GroupAmounts {
  return {
    group: group.map((_, position) => String(row[`group_${position}`])),
    events: Number(row.events),
    amounts: sums.map((column, position) => toDigits(String(row[`sum_${position}`] ?? 0), scaleOf(column))),
  }
}

/** Without a measure that counts, how many events a counter stands for is not known, nor needed. */
function toStored({ group, measures, scales }: CounterTable, row: Row): GroupAmounts {
  const amounts: bigint[] = []
  let events = 0
  for (const [position, { type }] of measures.entries()) {
    const text = String(row[`measure_${position}`])
    if (type === 'count') events = Number(text)
    else amounts.push(toDigits(text, scales[amounts.length] ?? 0))
  }
  return { group: group.map((_, position) => String(row[`group_${position}`])), events, amounts }
}

/** Groups whose counters are not what they must be; one that has no events any more must be 0. */
function findChanged(
  truth: readonly GroupAmounts[],
  stored: readonly GroupAmounts[],
): readonly GroupAmounts[] {
  const must = new Map(truth.map((group) => [nameOf(group), group]))
  const is = new Map(stored.map((group) => [nameOf(group), group]))
  const gone = stored
    .filter((group) => !must.has(nameOf(group)))
    .map(({ group, amounts }) => ({ group, events: 0, amounts: amounts.map(() => 0n) }))
  return [...truth, ...gone].filter((group) => !isSame(group, is.get(nameOf(group))))
}

function nameOf({ group }: GroupAmounts): string {
  return group.join('\0')
}

function isSame(one: GroupAmounts, other: GroupAmounts | undefined): boolean {
  const isNothing = one.events === 0 && one.amounts.every((amount) => amount === 0n)
  if (other === undefined) return isNothing
  return (
    one.events === other.events && one.amounts.every((amount, position) => amount === other.amounts[position])
  )
}

function toSetCounter(counters: CounterTable, counted: GroupAmounts, start: string): SetCounter {
  const [size] = counters.sizes
  return {
    key: [...groupValues(counters.group, counted.group), size, start],
    amounts: addedParts(counters).map((part) => amountOf(part, counted, undefined)),
  }
}

/** By how much the totals of objects change. */
function sumDifferences(
  changed: readonly GroupAmounts[],
  stored: readonly GroupAmounts[],
  position: number,
): readonly ObjectSum[] {
  const is = new Map(stored.map((group) => [nameOf(group), group]))
  const sums = new Map<string, ObjectSum>()
  for (const group of changed) {
    const before = is.get(nameOf(group))
    const object = group.group[position] ?? ''
    const sum = sums.get(object) ?? { object, events: 0, amounts: group.amounts.map(() => 0n) }
    sums.set(object, {
      object,
      events: sum.events + group.events - (before?.events ?? 0),
      amounts: sum.amounts.map(
        (amount, index) => amount + (group.amounts[index] ?? 0n) - (before?.amounts[index] ?? 0n),
      ),
    })
  }
  return [...sums.values()].toSorted(compareObjects)
}

/** Sums the larger buckets that `done` was the last part of, now that `next` begins. */
async function resumEnded({ context, tables }: Scene, done: string, next: string): Promise<void> {
  const { counters } = tables
  const [smallest, ...larger] = counters.sizes
  let smaller = smallest
  for (const size of larger) {
    const start = bucketStart(done, size)
    if (bucketStart(next, size) === start) return
    const bucket = { size, smaller, start, end: shiftBucket(start, size, 1) }
    await context.transact('sum bucket', (transaction) => transaction.change(resumBucket(counters, bucket)))
    await context.reach('rollup.bucket-summed')
    smaller = size
  }
}
