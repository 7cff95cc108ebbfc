import { fromControlTime, toColumnTime, toControlTime } from '../../../src/db/date-time.ts'
import type { ReadSession } from '../../../src/db/session.ts'
import type { Control } from '../../../src/run/context.ts'
import { type BucketSize, bucketStart } from '../buckets/sizes.ts'
import { shiftBucket } from '../buckets/steps.ts'
import type { CountScene } from '../scene.ts'
import type { CounterTable, TotalTable } from '../tables.ts'
import {
  deleteKept,
  insertKept,
  type KeptThing,
  selectAnyCounted,
  selectAnyTotal,
  selectKept,
} from './kept-sql.ts'

/**
 * Puts down, before anything is counted, which sizes and totals are kept from now on. What is counted later is in all of
 * them; what was counted before, only in those that were there then. What is not kept any more begins anew when it
 * comes back.
 */
export async function noteKept({ context, tables }: CountScene): Promise<void> {
  const { job, control, read, asOf } = context
  const { counters, total } = tables
  const counterTable = counters.name.table
  const all = await read((session) => session.rows(selectKept(control.schema, job)))
  const noted = all.filter((row) => row.counter_table === counterTable).map(toThing)
  const wanted = listThings(counters, total)
  const gone = noted.filter((thing) => !wanted.some((one) => isSame(one, thing)))
  const fresh = wanted.filter((thing) => !noted.some((one) => isSame(one, thing)))
  if (gone.length === 0 && fresh.length === 0) return
  const isFirst = all.length === 0
  const isTotalWhole = isFirst && total !== undefined && (await beginsAtNothing({ context, total }))
  const now = toControlTime(asOf)
  const from = ({ kind }: Thing) => ((kind === 'size' ? isFirst : isTotalWhole) ? null : now)
  const things = fresh.map((thing) => ({ ...thing, from: from(thing) }))
  await context.transact('note what is kept', async (transaction) => {
    for (const thing of gone)
      await transaction.change(deleteKept(control.schema, { job, counterTable, ...thing }))
    if (things.length > 0) await transaction.change(insertKept(control.schema, { job, counterTable, things }))
  })
}

type Thing = Pick<KeptThing, 'kind' | 'name'>

function listThings({ sizes }: CounterTable, total: TotalTable | undefined): readonly Thing[] {
  return [
    ...sizes.map((name) => ({ kind: 'size' as const, name })),
    ...(total === undefined ? [] : namesOfTotals(total).map((name) => ({ kind: 'total' as const, name }))),
  ]
}

function namesOfTotals({ table, columns }: TotalTable): readonly string[] {
  return columns.map(({ column }) => `${table.name.table}.${column.name}`)
}

function isSame(one: Thing, other: Thing): boolean {
  return one.kind === other.kind && one.name === other.name
}

function toThing(row: Readonly<Record<string, unknown>>): KeptThing {
  return {
    kind: row.kind === 'total' ? 'total' : 'size',
    name: String(row.name),
    from: row.kept_from === null ? null : String(row.kept_from),
  }
}

/** A total that was something before the first run is more than what the counters come to. */
async function beginsAtNothing({
  context: { read, control, job },
  total,
}: {
  readonly context: CountScene['context']
  readonly total: TotalTable
}): Promise<boolean> {
  return read(async (session) => {
    const [counted] = await session.rows(selectAnyCounted(control.schema, job))
    if (Number(counted?.found) !== 0) return false
    const [something] = await session.rows(selectAnyTotal(total))
    return something === undefined
  })
}

/** Since when what is compared is kept, by the clock of the buckets. */
export interface Kept {
  /** Absent for a size that no run has kept yet. */
  readonly sizes: Readonly<Partial<Record<BucketSize, string>>>
  /** Every total holds all that was ever counted. */
  readonly areTotalsWhole: boolean
}

/** Before every event. */
export const FROM_THE_BEGINNING = '1000-01-01 00:00:00'

/** A job that has put down nothing yet keeps its sizes from the beginning: it counts when it first runs. */
export async function readKept(
  session: Pick<ReadSession, 'rows'>,
  { schema, isInstalled }: Control,
  { job, counters, total }: { job: string; counters: CounterTable; total: TotalTable | undefined },
): Promise<Kept> {
  const all = isInstalled ? await session.rows(selectKept(schema, job)) : []
  const noted = all.filter((row) => row.counter_table === counters.name.table).map(toThing)
  const since = (size: BucketSize): string | undefined => {
    if (all.length === 0) return FROM_THE_BEGINNING
    const thing = noted.find(({ kind, name }) => kind === 'size' && name === size)
    return thing && toWall(thing.from, counters.zone)
  }
  const sizes = counters.sizes.flatMap((size) => {
    const from = since(size)
    return from === undefined ? [] : [[size, from] as const]
  })
  return { sizes: Object.fromEntries(sizes), areTotalsWhole: total !== undefined && isWhole(noted, total) }
}

function toWall(from: string | null, zone: string): string {
  if (from === null) return FROM_THE_BEGINNING
  return toColumnTime(fromControlTime(from), { dataType: 'datetime' }, zone)
}

function isWhole(noted: readonly KeptThing[], total: TotalTable): boolean {
  return namesOfTotals(total).every((name) =>
    noted.some((thing) => thing.kind === 'total' && thing.name === name && thing.from === null),
  )
}

/** The first bucket of a size that begins no earlier than a moment, by the clock of the buckets. */
export function firstWholeBucket(since: string, size: BucketSize): string {
  const start = bucketStart(since, size)
  return start < since.replace(/\.0+$/, '') ? shiftBucket(start, size, 1) : start
}
