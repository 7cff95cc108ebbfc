import { readTable } from '../../../src/db/catalog.ts'
import { elapsedBetween } from '../../../src/db/date-time.ts'
import { unreachable } from '../../../src/lib/errors.ts'
import { formatDuration, plural } from '../../../src/lib/units.ts'
import { eventsAllowed } from '../counters/tally.ts'
import type { ReadEventRow } from '../fold/read-event.ts'
import { resultOf } from '../result-model.ts'
import type { Scene } from '../scene.ts'
import { countSegment } from './count-segment.ts'
import { beginSegment, putAside, removeNext } from './put-aside.ts'
import { readSegments } from './read-segments.ts'
import type { Segment, SegmentState } from './segment.ts'
import { countUnusableIn, dropTable, updateSegment } from './sql.ts'

/**
 * Ends what earlier runs began, then puts the table aside and counts it. Whoever comes after a death looks at the ledger
 * and takes the one stage that follows.
 */
export async function rotate(scene: Scene, read: ReadEventRow): Promise<void> {
  await settleSegments(scene, read)
  scene.context.stop.throwIfAborted()
  // One more table aside, of which nothing may be counted any more, would only wait.
  if (eventsAllowed(scene) === 0) return
  const fresh = await beginSegment(scene)
  if (fresh !== undefined) await settle(scene, fresh, read)
}

/**
 * Where runs do not rotate any more: ends what earlier ones put aside, which nobody else would ever count. What was only
 * going to be put aside stays where it is: this server may be why there is another strategy now.
 */
export async function endRotation(scene: Scene, read: ReadEventRow): Promise<void> {
  const { context } = scene
  const begun = await context.read((session) => readSegments(session, context.control, context.job))
  for (const segment of begun) {
    if (segment.state !== 'noted' || (await isThere(scene, segment))) continue
    await removeNext(scene)
    await note(scene, segment, { state: 'dropped' })
  }
  await settleSegments(scene, read)
}

/** Ends what earlier runs put aside. */
async function settleSegments(scene: Scene, read: ReadEventRow): Promise<void> {
  const { context } = scene
  const begun = await context.read((session) => readSegments(session, context.control, context.job))
  for (const segment of begun) await settle(scene, segment, read)
}

/** Takes a segment from the stage it is in to the last that may follow now. */
async function settle(scene: Scene, segment: Segment, read: ReadEventRow): Promise<void> {
  switch (segment.state) {
    case 'noted':
      return settle(scene, await putAside(scene, segment), read)
    case 'frozen':
      if (!(await countSegment(scene, segment, read))) return
      return settle(scene, await note(scene, segment, { state: 'counted' }), read)
    case 'counted':
      return putAway(scene, segment, read)
    case 'held':
      if (!isOver(scene, segment)) return
      return settle(scene, await note(scene, segment, { state: 'dropping' }), read)
    case 'kept':
      return lookAtKept(scene, segment)
    case 'dropping':
      return drop(scene, segment)
    case 'dropped':
      return undefined
    default:
      return unreachable(segment.state)
  }
}

async function putAway(scene: Scene, segment: Segment, read: ReadEventRow): Promise<void> {
  const unusable = await countUnusable(scene, segment)
  const hold = scene.settings.options.source?.hold ?? 0
  if (unusable > 0) {
    await note(scene, segment, { state: 'kept' })
    tellKept(scene, segment, unusable)
  } else if (hold > 0) await note(scene, segment, { state: 'held', holdMs: hold })
  else await settle(scene, await note(scene, segment, { state: 'dropping' }), read)
}

function isOver({ context }: Scene, { heldUntil }: Segment): boolean {
  return heldUntil !== undefined && elapsedBetween(heldUntil, context.asOf) >= 0
}

async function drop(scene: Scene, segment: Segment): Promise<void> {
  const { context, source } = scene
  const table = { schema: source.table.name.schema, table: segment.table }
  // Dropping what is gone already is nothing: after a lost connection or a death the next run says it again.
  await context.define(`dropping ${segment.table}`, (session) => session.change(dropTable(table)), {
    tables: [table],
  })
  await context.reach('rollup.segment-dropped')
  await note(scene, segment, { state: 'dropped' })
}

async function note(
  { context, tally }: Scene,
  segment: Segment,
  { state, holdMs }: { readonly state: SegmentState; readonly holdMs?: number },
): Promise<Segment> {
  const { job, control } = context
  const change = { job, table: segment.table, state, ...(holdMs === undefined ? {} : { holdMs }) }
  await context.transact('note segment', (transaction) =>
    transaction.change(updateSegment(control.schema, change)),
  )
  await context.reach('rollup.segment-settled')
  tally.add(resultOf({ changed: 1 }))
  return { ...segment, state }
}

async function countUnusable({ context, source }: Scene, segment: Segment): Promise<number> {
  const table = { schema: source.table.name.schema, table: segment.table }
  const [row] = await context.read((session) => session.rows(countUnusableIn(source, table)))
  return Number(row?.events ?? 0)
}

/** Whoever was told of it may have dropped it by now, as they were told to. */
async function lookAtKept(scene: Scene, segment: Segment): Promise<void> {
  if (await isThere(scene, segment)) tellKept(scene, segment, await countUnusable(scene, segment))
  else await note(scene, segment, { state: 'dropped' })
}

async function isThere({ context, source }: Scene, segment: Segment): Promise<boolean> {
  const table = { schema: source.table.name.schema, table: segment.table }
  return (await context.read((session) => readTable(session, table))) !== undefined
}

function tellKept({ tally, settings }: Scene, { table }: Segment, unusable: number): void {
  const { time = '' } = settings.options.source ?? {}
  const reason = `${table} is counted and kept: ${plural(unusable, 'event')} in it without a usable ${time}, or without a value to count by; when nobody needs them: DROP TABLE ${table}`
  tally.add(resultOf({ leftOver: unusable, leftReasons: [reason] }))
}

/** `held for 7 d`, for the plan. */
export function describeHold(milliseconds: number): string {
  return milliseconds === 0 ? 'dropped' : `held for ${formatDuration(milliseconds)}, then dropped`
}
