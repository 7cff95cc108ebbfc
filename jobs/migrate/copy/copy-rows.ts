import { DatabaseError } from '../../../src/db/errors.ts'
import { type BatchSize, createBatchSize } from '../../../src/engine/batch-size.ts'
import { runLanes } from '../../../src/engine/lanes.ts'
import { applyChanges, DUPLICATE, duplicateRows } from '../changes/apply.ts'
import { countNoted } from '../changes/sql.ts'
import { checkBehind } from '../check/check-rows.ts'
import type { Bounds } from '../position.ts'
import { resultOf } from '../result-model.ts'
import type { Scene } from '../scene.ts'
import { markApplying } from '../shadow/sql.ts'
import { readAverageRowBytes } from '../size.ts'
import { waitWhilePaused } from '../steering/pause.ts'
import { tellRows } from '../tell-rows.ts'
import { type Chunks, createChunks } from './chunks.ts'
import { copyChunk, deleteBehind } from './sql.ts'
import { countWorkers } from './workers.ts'

/**
 * Every row up to the last one there was when the triggers were made. What came later is in the changelog. Where one lane is
 * as fast as two, a second one compares what is copied already.
 */
export async function copyRows(scene: Scene): Promise<void> {
  const { progress, settings } = scene
  await removeBehind(scene)
  const { rows, targetTime } = settings.options.chunk
  const averageRowBytes = await readAverageRowBytes(scene)
  const size = createBatchSize({ rows, targetMs: targetTime, averageRowBytes })
  const chunks = createChunks(scene, size, {
    from: progress.now.copied,
    to: progress.now.upTo,
    note: (copied) => progress.note({ copied }),
  })
  const workers = await countWorkers(scene)
  const copying = new AbortController()
  let open = workers
  const copyLane = (lane: number) => async (failed: AbortSignal) => {
    while (!failed.aborted && (await copyNext(scene, chunks, size))) {
      if (lane === 0) await applyIfMany(scene)
      await progress.save()
    }
    open -= 1
    if (open === 0) copying.abort()
  }
  const lanes = Array.from({ length: workers }, (_, lane) => copyLane(lane))
  const checks = workers < settings.options.workers
  await runLanes(
    checks ? [...lanes, (failed) => checkBehind(scene, AbortSignal.any([failed, copying.signal]))] : lanes,
  )
}

const REMOVED_AT_ONCE = 5000

/** A run that ended without saving its last chunks left rows behind the saved position: they are copied anew. */
async function removeBehind({ context, route, progress, steering }: Scene): Promise<void> {
  for (;;) {
    await steering.heed()
    const removed = await context.transact('remove rows behind', async (transaction) => {
      const { affectedRows } = await transaction.change(
        deleteBehind(route, progress.now.copied, REMOVED_AT_ONCE),
      )
      return affectedRows
    })
    if (removed < REMOVED_AT_ONCE) return
  }
}

async function copyNext(scene: Scene, chunks: Chunks, size: BatchSize): Promise<boolean> {
  const { context, pace, steering, tally, progress } = scene
  await waitWhilePaused(scene)
  await steering.heed()
  await pace.ready()
  const chunk = await chunks.next()
  if (chunk === undefined) return false
  const begun = context.clock.elapsed()
  const copied = await copyOne(scene, chunk)
  size.grow(copied, context.clock.elapsed() - begun)
  chunks.done(chunk)
  progress.note({ rowsCopied: progress.now.rowsCopied + copied })
  tally.add(resultOf({ changed: 1, counts: { rowsCopied: copied } }))
  tellRows(scene, 'copying', progress.now.rowsCopied)
  await context.reach('migrate.chunk-copied')
  return true
}

const CLASH_TRIES = 3

async function copyOne(scene: Scene, chunk: Bounds): Promise<number> {
  const { context, route, progress } = scene
  for (let attempt = 1; ; attempt++) {
    try {
      return await context.transact('copy chunk', async (transaction) => {
        await transaction.change(markApplying)
        const { affectedRows } = await transaction.change(copyChunk(route, chunk))
        await context.reach('migrate.chunk-inserted')
        return affectedRows
      })
    } catch (error) {
      if (!(error instanceof DatabaseError) || error.number !== DUPLICATE) throw error
      if (attempt >= CLASH_TRIES) throw duplicateRows(scene, error)
      // A unique value may have moved from a row that is copied already to one that is not.
      await applyChanges(scene, progress.now.copied)
    }
  }
}

const MANY_CHANGES = 20_000

/** A changelog that is left to grow would have to be worked off at the end, all at once. */
async function applyIfMany(scene: Scene): Promise<void> {
  const { context, route, progress } = scene
  if (progress.now.copied === undefined) return
  const [counted] = await context.read((session) => session.rows(countNoted(route, MANY_CHANGES)))
  if (Number(counted?.changes) < MANY_CHANGES) return
  await applyChanges(scene, progress.now.copied)
}
