import { readSpace } from '../../../src/db/space.ts'
import { runLanes } from '../../../src/engine/lanes.ts'
import type { ExecuteContext } from '../../../src/run/context.ts'
import { digestChunk } from '../check/sql.ts'
import { copyChunk, selectChunkEnd, selectLastKey } from '../copy/sql.ts'
import { countWorkers } from '../copy/workers.ts'
import { artefactsOf } from '../names.ts'
import { type Bounds, toPosition } from '../position.ts'
import { type Blueprint, createText, indexNameOf } from '../shadow/blueprint.ts'
import { createFromText, dropIndexes, markApplying } from '../shadow/sql.ts'
import { alterTable, dropTable } from '../sql.ts'
import type { Position } from '../state/model.ts'
import type { Route, Settings } from '../tables.ts'
import { isInteger } from '../values.ts'
import type { Forecast } from './forecast.ts'
import { countRows, selectEnds } from './sql.ts'
import { forecastDisk } from './typical.ts'

/** Ranges from places all over the table. The first ones only make room: a new table grows page by page at first. */
const SAMPLES = 10
const WARMING = 2
/** Rows of one range: a hundredth of the table, within bounds. */
const FEWEST_ROWS = 2000
const MOST_ROWS = 20_000
/** Counting takes a second or two; beyond it the server's estimate has to do. */
const COUNT_BOUND = 3_000_000

export interface Measuring {
  readonly context: ExecuteContext
  readonly settings: Settings
  readonly route: Route
  readonly blueprint: Blueprint
}

/**
 * Copies some rows into a table like the shadow, builds its indexes and sums its checksums, and takes the time of each.
 * The table is gone afterwards.
 */
export async function measureCopy(measuring: Measuring): Promise<Forecast> {
  const { context, route } = measuring
  const { scratch } = artefactsOf(route.source.name)
  const sampled: Route = { ...route, shadow: scratch }
  await makeScratch(measuring)
  try {
    return await timeSamples({ ...measuring, route: sampled })
  } finally {
    await context.define('removing the table of samples', (session) => session.change(dropTable(scratch)))
  }
}

async function makeScratch({ context, route, blueprint }: Measuring): Promise<void> {
  const { scratch } = artefactsOf(route.source.name)
  await context.define('making a table for samples', async (session) => {
    await session.change(dropTable(scratch))
    await session.change(createFromText(createText(blueprint, scratch)))
  })
}

async function timeSamples(measuring: Measuring): Promise<Forecast> {
  const { context, route, blueprint } = measuring
  const { indexClauses } = blueprint
  const rows = await readRows(measuring)
  const chunks = await chooseSamples(measuring, rows)
  // What an ALTER takes for no row at all is not to be multiplied.
  const emptyMs = await timeIndexes(measuring)
  await dropIndexesAgain(measuring)
  await timeCopies(measuring, chunks.slice(0, WARMING))
  const copied = await timeCopies(measuring, chunks.slice(WARMING))
  const perRow = (milliseconds: number) => milliseconds / Math.max(1, copied.rows)
  const indexMs = Math.max(0, (await timeIndexes(measuring)) - emptyMs)
  const checkMs = await timeChecks(measuring, chunks.slice(WARMING))
  const space = await context.read((session) => readSpace(session, route.source.name))
  // Sorting more rows takes more passes.
  const sorting = Math.log2(Math.max(2, rows)) / Math.log2(Math.max(2, copied.rows))
  return {
    rows,
    copyMs: perRow(copied.milliseconds) * rows,
    indexMs: perRow(indexMs) * rows * Math.max(1, sorting),
    checkMs: perRow(checkMs) * rows,
    diskBytes: forecastDisk({
      ...space,
      indexes: indexClauses.length,
      binaryLog: context.server.binaryLog,
    }),
    basis: 'measured',
  }
}

function timeIndexes({ context, route, blueprint }: Measuring): Promise<number> {
  const { indexClauses } = blueprint
  return time(context, async () => {
    if (indexClauses.length === 0) return
    await context.define('building the indexes of samples', (session) =>
      session.change(alterTable(route.shadow, indexClauses.join(', '))),
    )
  })
}

async function dropIndexesAgain({ context, route, blueprint }: Measuring): Promise<void> {
  const names = blueprint.indexClauses.map(indexNameOf)
  if (names.length === 0) return
  await context.define('dropping the indexes of samples', (session) =>
    session.change(dropIndexes(route.shadow, names)),
  )
}

async function readRows({ context, route }: Measuring): Promise<number> {
  const { estimatedRows } = route.source
  if (estimatedRows > COUNT_BOUND) return estimatedRows
  const [row] = await context.read((session) => session.rows(countRows(route)))
  return Number(row?.row_count)
}

/** As the copy will be made: in as many lanes. */
async function timeCopies(
  { context, settings, route }: Measuring,
  chunks: readonly Bounds[],
): Promise<{ readonly rows: number; readonly milliseconds: number }> {
  const workers = await countWorkers({ context, settings, route })
  const waiting = [...chunks]
  let rows = 0
  const milliseconds = await time(context, () =>
    runLanes(
      Array.from({ length: workers }, () => async (failed: AbortSignal) => {
        for (let chunk = waiting.shift(); chunk !== undefined && !failed.aborted; chunk = waiting.shift()) {
          const bounds = chunk
          const copied = await context.transact('copy sample', async (transaction) => {
            await transaction.change(markApplying)
            const { affectedRows } = await transaction.change(copyChunk(route, bounds))
            return affectedRows
          })
          // Not `rows += await …`, which adds to what the other lane found.
          rows += copied
        }
      }),
    ),
  )
  return { rows, milliseconds }
}

/** In as many lanes as the check will have. */
function timeChecks({ context, settings, route }: Measuring, chunks: readonly Bounds[]): Promise<number> {
  const waiting = [...chunks]
  const lane = async (failed: AbortSignal) => {
    for (let chunk = waiting.shift(); chunk !== undefined && !failed.aborted; chunk = waiting.shift()) {
      const bounds = chunk
      for (const side of ['source', 'shadow'] as const)
        await context.read((session) => session.rows(digestChunk(route, side, bounds)))
    }
  }
  return time(context, () => runLanes(Array.from({ length: settings.options.workers }, () => lane)))
}

async function time({ clock }: ExecuteContext, work: () => Promise<void>): Promise<number> {
  const begun = clock.elapsed()
  await work()
  return clock.elapsed() - begun
}

/** Ranges that do not overlap, evenly over the keys where the key is a whole number, else from the front. */
async function chooseSamples(measuring: Measuring, rows: number): Promise<readonly Bounds[]> {
  const size = Math.round(Math.min(MOST_ROWS, Math.max(FEWEST_ROWS, rows / 100)))
  const { context, route } = measuring
  const [lastRow] = await context.read((session) => session.rows(selectLastKey(route)))
  if (lastRow === undefined) return []
  const last = toPosition(route.key, lastRow)
  const chunks: Bounds[] = []
  for (const start of await chooseStarts(measuring)) {
    const before = chunks.at(-1)?.to
    const from = isBehind(start, before) ? start : before
    const bounds: Bounds = { from, to: last }
    const [end] = await context.read((session) => session.rows(selectChunkEnd(route, bounds, size)))
    chunks.push({ from, to: end === undefined ? last : toPosition(route.key, end) })
    if (end === undefined) break
  }
  return chunks
}

/** Only whole numbers are compared here; for other keys every start is undefined but the first one's successor. */
function isBehind(start: Position | undefined, before: Position | undefined): boolean {
  if (before === undefined) return true
  return start !== undefined && BigInt(start[0] ?? 0) >= BigInt(before[0] ?? 0)
}

async function chooseStarts({ context, route }: Measuring): Promise<readonly (Position | undefined)[]> {
  const [first, ...others] = route.key.pairs
  const none = Array.from({ length: SAMPLES }, () => undefined)
  if (first === undefined || others.length > 0 || !isInteger(first.source)) return none
  const [ends] = await context.read((session) => session.rows(selectEnds(route)))
  if (ends === undefined || ends.first === null) return none
  const low = BigInt(String(ends.first))
  const width = BigInt(String(ends.last)) - low
  return Array.from({ length: SAMPLES }, (_, index) =>
    index === 0 ? undefined : [String(low + (width * BigInt(index)) / BigInt(SAMPLES))],
  )
}
