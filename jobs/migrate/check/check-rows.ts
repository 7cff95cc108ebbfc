import type { ReadSession } from '../../../src/db/session.ts'
import { createBatchSize } from '../../../src/engine/batch-size.ts'
import { sameDigest, toDigest } from '../../../src/engine/chunks/digest.ts'
import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import { plural } from '../../../src/lib/units.ts'
import { applyChanges } from '../changes/apply.ts'
import { noteKeys } from '../changes/sql.ts'
import { waitWhilePaused } from '../copy/copy-rows.ts'
import { selectChunkEnd, selectLastKey } from '../copy/sql.ts'
import { type Bounds, toPosition } from '../position.ts'
import { resultOf } from '../result-model.ts'
import type { Scene } from '../scene.ts'
import { readAverageRowBytes } from '../size.ts'
import type { Position } from '../state/model.ts'
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
  const { context, progress, settings } = scene
  const last = await readLast(scene)
  if (last === undefined) return
  const size = createBatchSize({
    rows: settings.options.chunk.rows,
    targetMs: settings.options.chunk.targetTime,
    averageRowBytes: await readAverageRowBytes(scene),
  })
  let from = progress.now.checked
  for (let isOver = false; !isOver; ) {
    await waitWhilePaused(scene)
    await scene.pace.ready()
    const begun = context.clock.elapsed()
    const bounds = { from, to: last }
    const { chunk, rows, isLast } = await checkNext(scene, bounds, size.rows)
    size.grow(rows, context.clock.elapsed() - begun)
    from = chunk.to
    isOver = isLast
    progress.note({ checked: chunk.to, rowsChecked: progress.now.rowsChecked + rows })
    scene.tally.add(resultOf({ counts: { rowsChecked: rows } }))
    tellRows(scene, 'checking', progress.now.rowsChecked)
    await context.reach('migrate.chunk-checked')
    await progress.save()
  }
}

async function readLast({ context, route }: Scene): Promise<Position | undefined> {
  const [row] = await context.read((session) => session.rows(selectLastKey(route)))
  return row === undefined ? undefined : toPosition(route.key, row)
}

interface Checked {
  readonly chunk: Bounds
  readonly rows: number
  readonly isLast: boolean
}

const REPAIRS = 3

async function checkNext(scene: Scene, bounds: Bounds, rows: number): Promise<Checked> {
  const { context, route } = scene
  const [end] = await context.read((session) => session.rows(selectChunkEnd(route, bounds, rows)))
  const chunk = end === undefined ? bounds : { from: bounds.from, to: toPosition(route.key, end) }
  for (let attempt = 0; ; attempt++) {
    const looked = await context.read((session) =>
      session.snapshot((snapshot) => compareChunk(scene, snapshot, chunk)),
    )
    if (looked.differing.length === 0) return { chunk, rows: looked.rows, isLast: end === undefined }
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
  await applyChanges(scene)
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
