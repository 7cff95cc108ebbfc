import type { Transaction } from '../../../src/db/session.ts'
import type { TableName } from '../../../src/db/statement.ts'
import { type BatchSize, createBatchSize } from '../../../src/engine/batch-size.ts'
import { type BatchCount, countBatch, readRows } from '../counters/count-batch.ts'
import { canCountInside, countInside, surveyInside } from '../counters/count-inside.ts'
import { addToTally, eventsAllowed } from '../counters/tally.ts'
import { type KeyCells, keyCells, keyValues } from '../events/key.ts'
import type { ReadEventRow } from '../fold/read-event.ts'
import type { Scene } from '../scene.ts'
import { type Segment, toSegment } from './segment.ts'
import {
  advanceSegment,
  inChunk,
  selectChunk,
  selectChunkEnd,
  selectSegmentEnd,
  selectSegmentLocked,
} from './sql.ts'

/** Events of one chunk that come to this process: each takes about a kilobyte while it is counted. */
const MOST_READ = 10_000
/** A folded chunk is not deleted from and locks no event: the more events, the fewer counters are changed twice. */
const CHUNKS_LARGER = 4

const AVERAGE_EVENT_BYTES = 40

/**
 * Counts a table that was put aside, chunk by chunk in the order of the key. Where the last chunk ended is written down
 * with its counters. False when `--limit` ended it before the last event.
 */
export async function countSegment(scene: Scene, segment: Segment, read: ReadEventRow): Promise<boolean> {
  const { batch } = scene.settings.options
  const rows = canCountInside(scene.source) ? batch.rows * CHUNKS_LARGER : Math.min(batch.rows, MOST_READ)
  const size = createBatchSize({ rows, targetMs: batch.targetTime, averageRowBytes: AVERAGE_EVENT_BYTES })
  const { clock, stop } = scene.context
  scene.progress.begin()
  for (;;) {
    stop.throwIfAborted()
    const allowed = eventsAllowed(scene)
    if (allowed === 0) return false
    await scene.pace.ready()
    const begun = clock.elapsed()
    const asked = Math.min(size.rows, allowed)
    const count = await countNext(scene, segment, { read, asked, size })
    if (count === undefined) return true
    const milliseconds = clock.elapsed() - begun
    size.grow(asked, milliseconds)
    addToTally(scene, count, milliseconds)
    await scene.context.reach('rollup.chunk-counted')
  }
}

interface Chunk {
  readonly read: ReadEventRow
  readonly asked: number
  readonly size: BatchSize
}

/** Undefined behind the last event. */
function countNext(
  scene: Scene,
  segment: Segment,
  { read, asked, size }: Chunk,
): Promise<BatchCount | undefined> {
  const { context, source } = scene
  const { job, control } = context
  const table = { schema: source.table.name.schema, table: segment.table }
  let tries = 0
  return context.transact('count segment', async (transaction) => {
    if (tries++ > 0) size.shrink()
    const rows = tries > 1 ? Math.min(asked, size.rows) : asked
    const [row] = await transaction.rows(selectSegmentLocked(control.schema, { job, table: segment.table }))
    if (row === undefined) throw new TypeError('a segment that nobody noted')
    const { position } = toSegment(row)
    const last = await findEnd(transaction, scene, { table, position, rows })
    if (last === undefined) return undefined
    const count = await countChunk(transaction, scene, { table, position, last, read })
    const advance = { job, table: segment.table, position: JSON.stringify(last), events: count.events }
    await transaction.change(advanceSegment(control.schema, advance))
    await context.reach('rollup.chunk-advanced')
    return count
  })
}

interface Position {
  readonly table: TableName
  readonly position: KeyCells | undefined
}

async function findEnd(
  transaction: Transaction,
  { source }: Scene,
  { table, position, rows }: Position & { readonly rows: number },
): Promise<KeyCells | undefined> {
  const bounds = { table, behind: position && keyValues(source, position) }
  const [end] = await transaction.rows(selectChunkEnd(source, bounds, rows))
  const [last] = end === undefined ? await transaction.rows(selectSegmentEnd(source, bounds)) : [end]
  return last && keyCells(source, last)
}

async function countChunk(
  transaction: Transaction,
  scene: Scene,
  { table, position, last, read }: Position & { readonly last: KeyCells; readonly read: ReadEventRow },
): Promise<BatchCount> {
  const { source } = scene
  const where = inChunk(source, position && keyValues(source, position), keyValues(source, last))
  if (!canCountInside(source)) {
    const { events } = readRows(await transaction.rows(selectChunk(source, table, where)), read)
    return countBatch(transaction, scene, events, 'segment')
  }
  const batch = await surveyInside(transaction, scene, source, { table, where })
  return countInside(transaction, scene, source, { ...batch, origin: 'segment' })
}
