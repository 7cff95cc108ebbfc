import type { ReadSession } from '../../../src/db/session.ts'
import { type BatchSize, createBatchSize } from '../../../src/engine/batch-size.ts'
import { sameDigest, toDigest } from '../../../src/engine/chunks/digest.ts'
import { runLanes } from '../../../src/engine/lanes.ts'
import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import { plural } from '../../../src/lib/units.ts'
import { applyChanges } from '../changes/apply.ts'
import { noteKeys } from '../changes/sql.ts'
import { createChunks, isSame } from '../copy/chunks.ts'
import { selectChunkEnd, selectLastKey } from '../copy/sql.ts'
import { type Bounds, toPosition } from '../position.ts'
import { resultOf } from '../result-model.ts'
import type { Scene } from '../scene.ts'
import { readAverageRowBytes } from '../size.ts'
import type { Position } from '../state/model.ts'
import { waitWhilePaused } from '../steering/pause.ts'
import { tellRows } from '../tell-rows.ts'
import { digestChunk, selectDifferences } from './sql.ts'

/**
 * Every row of the source has its copy, and no other row has one; or a change speaks of it. One snapshot shows source,
 * shadow and changelog at one instant, so nothing is locked, and a difference that no change speaks of is real. It is
 * repaired by carrying the row over again, and looked at again: a chunk that differs never passes without having been
 * found equal.
 *
 * @throws RowkeeperError `migrate.differs` when rows still differ after that
 */
export async function checkRows(scene: Scene): Promise<void> {
  const { progress, settings } = scene
  const size = await createCheckSize(scene)
  const chunks = createChunks(scene, size, {
    from: progress.now.checked,
    to: await readLast(scene),
    note: (checked) => progress.note({ checked }),
  })
  const lane = async (failed: AbortSignal) => {
    while (!failed.aborted) {
      const chunk = await chunks.next()
      if (chunk === undefined) return
      await checkOne(scene, chunk, size)
      chunks.done(chunk)
      await progress.save()
    }
  }
  await runLanes(Array.from({ length: settings.options.workers }, () => lane))
}

const IDLE_MS = 50

/**
 * The same beside the copy, of what is copied: from there on it is either equal or spoken of by a change. `over` aborts when no
 * more is being copied; what is left then is for `checkRows`.
 */
export async function checkBehind(scene: Scene, over: AbortSignal): Promise<void> {
  const { progress, context } = scene
  const size = await createCheckSize(scene)
  while (!over.aborted) {
    const { copied, checked } = progress.now
    if (copied === undefined || isSame(checked, copied)) {
      await context.clock.sleep(IDLE_MS, context.stop)
      continue
    }
    const bounds = { from: checked, to: copied }
    const [end] = await context.read((session) =>
      session.rows(selectChunkEnd(scene.route, bounds, size.rows)),
    )
    const to = end === undefined ? copied : toPosition(scene.route.key, end)
    await checkOne(scene, { from: checked, to }, size)
    progress.note({ checked: to })
  }
}

async function createCheckSize(scene: Scene): Promise<BatchSize> {
  const { rows, targetTime } = scene.settings.options.chunk
  return createBatchSize({ rows, targetMs: targetTime, averageRowBytes: await readAverageRowBytes(scene) })
}

async function checkOne(scene: Scene, chunk: Bounds, size: BatchSize): Promise<void> {
  const { context, progress, tally, pace } = scene
  await waitWhilePaused(scene)
  await pace.ready()
  const begun = context.clock.elapsed()
  const rows = await checkChunk(scene, chunk)
  size.grow(rows, context.clock.elapsed() - begun)
  progress.note({ rowsChecked: progress.now.rowsChecked + rows })
  tally.add(resultOf({ counts: { rowsChecked: rows } }))
  if (progress.phase === 'checking') tellRows(scene, 'checking', progress.now.rowsChecked)
  await context.reach('migrate.chunk-checked')
}

async function readLast({ context, route }: Scene): Promise<Position | undefined> {
  const [row] = await context.read((session) => session.rows(selectLastKey(route)))
  return row === undefined ? undefined : toPosition(route.key, row)
}

const REPAIRS = 3

/** The rows of the source in it. */
async function checkChunk(scene: Scene, chunk: Bounds): Promise<number> {
  const { context } = scene
  for (let attempt = 0; ; attempt++) {
    const looked = await context.read((session) =>
      session.snapshot((snapshot) => compareChunk(scene, snapshot, chunk)),
    )
    if (looked.differing.length === 0) return looked.rows
    if (attempt === REPAIRS) throw stillDiffers(scene, looked.differing)
    await repair(scene, looked.differing)
  }
}

const MOST_AT_ONCE = 1000

async function compareChunk(
  { route }: Scene,
  session: ReadSession,
  chunk: Bounds,
): Promise<{ readonly rows: number; readonly differing: readonly Position[] }> {
  const [source] = (await session.rows(digestChunk(route, 'source', chunk))).map(toDigest)
  const [shadow] = (await session.rows(digestChunk(route, 'shadow', chunk))).map(toDigest)
  if (source === undefined || shadow === undefined) throw new TypeError('a sum is always one row')
  if (sameDigest(source, shadow)) return { rows: Number(source.rows), differing: [] }
  const found = [
    ...(await session.rows(selectDifferences(route, 'source', chunk, MOST_AT_ONCE))),
    ...(await session.rows(selectDifferences(route, 'shadow', chunk, MOST_AT_ONCE))),
  ]
  return { rows: Number(source.rows), differing: found.map((row) => toPosition(route.key, row)) }
}

async function repair(scene: Scene, differing: readonly Position[]): Promise<void> {
  const { context, route, progress, tally } = scene
  await context.transact('note differing rows', (transaction) =>
    transaction.change(noteKeys(route, differing)),
  )
  await context.reach('migrate.differences-noted')
  progress.note({ repaired: progress.now.repaired + differing.length })
  tally.add(resultOf({ counts: { repaired: differing.length } }))
  // Rows that are not copied yet are none of its business.
  await applyChanges(scene, progress.phase === 'copying' ? progress.now.copied : undefined)
}

const SAMPLES = 5

function stillDiffers({ route }: Scene, differing: readonly Position[]): RowkeeperError {
  const { schema, table } = route.source.name
  const names = route.key.pairs.map((pair) => pair.source.name).join(', ')
  const samples = differing.slice(0, SAMPLES).map((position) => position.join(', '))
  return new RowkeeperError({
    code: 'migrate.differs',
    message: `${plural(differing.length, 'row')} of ${schema}.${table} ${differing.length === 1 ? 'is' : 'are'} not the same in the copy, also after being carried over again; ${names}: ${samples.join('; ')}. The table itself is unchanged.`,
    hint: 'Look at these rows: a value may not fit the new definition. Give up with: rowkeeper migrate cancel',
    effect: 'none',
    exitCode: exitCodes.failed,
  })
}
