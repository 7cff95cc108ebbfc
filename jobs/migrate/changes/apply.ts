import { DatabaseError } from '../../../src/db/errors.ts'
import { createBatchSize } from '../../../src/engine/batch-size.ts'
import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import { resultOf } from '../result-model.ts'
import type { Scene } from '../scene.ts'
import { markApplying } from '../shadow/sql.ts'
import type { Position } from '../state/model.ts'
import { deleteChanged, deleteNoted, insertChanged, selectPage } from './sql.ts'

export const DUPLICATE = 1062
const LARGEST_PAGE = 5000
const TARGET_MS = 300
/** A unique value that moves from one row to another is a clash until the changes of both are applied together. */
const PAGE_WITH_CLASH = 100_000
const CLASH_TRIES = 3
const CLASH_PAUSE_MS = 500

export interface Pass {
  readonly changes: number
  readonly milliseconds: number
}

/**
 * Applies every change that is there, from the front to the end. `copied`: while rows are being copied, only those of keys
 * up to there.
 *
 * @throws RowkeeperError `migrate.duplicate` when rows clash under a unique key of the new definition
 */
export async function applyChanges(scene: Scene, copied?: Position): Promise<Pass> {
  const { context, steering } = scene
  const begun = context.clock.elapsed()
  const size = createBatchSize({ rows: LARGEST_PAGE, targetMs: TARGET_MS, averageRowBytes: 1 })
  let changes = 0
  for (let after = 0n; ; ) {
    await steering.heed()
    const page = await readPage(scene, { after, rows: size.rows, copied })
    if (page.length === 0) return { changes, milliseconds: context.clock.elapsed() - begun }
    const pageBegun = context.clock.elapsed()
    await applyPage(scene, page, copied)
    size.grow(page.length, context.clock.elapsed() - pageBegun)
    after = page.at(-1) ?? after
    changes += page.length
  }
}

async function readPage(
  { context, route }: Scene,
  bounds: Parameters<typeof selectPage>[1],
): Promise<readonly bigint[]> {
  const rows = await context.read((session) => session.rows(selectPage(route, bounds)))
  return rows.map((row) => BigInt(String(row.change_id)))
}

async function applyPage(scene: Scene, page: readonly bigint[], copied: Position | undefined): Promise<void> {
  let clashing = page
  for (let attempt = 1; ; attempt++) {
    try {
      return await applyOnce(scene, clashing)
    } catch (error) {
      if (!(error instanceof DatabaseError) || error.number !== DUPLICATE) throw error
      if (attempt > CLASH_TRIES) throw duplicateRows(scene, error)
      if (attempt > 1) await scene.context.clock.sleep(CLASH_PAUSE_MS, scene.context.stop)
      clashing = await readPage(scene, { after: 0n, rows: PAGE_WITH_CLASH, copied })
    }
  }
}

/**
 * One transaction: the rows leave the shadow, come anew as they are in the source now, and exactly the changes that were
 * read are struck out. Each of those is committed, so the source has what it speaks of; a later change of the same row
 * leaves another one.
 */
async function applyOnce({ context, route, tally, progress }: Scene, page: readonly bigint[]): Promise<void> {
  if (page.length === 0) return
  await context.transact('apply changes', async (transaction) => {
    await transaction.change(markApplying)
    await transaction.change(deleteChanged(route, page))
    await context.reach('migrate.changed-rows-deleted')
    await transaction.change(insertChanged(route, page))
    await transaction.change(deleteNoted(route, page))
  })
  await context.reach('migrate.changes-applied')
  progress.note({ changesApplied: progress.now.changesApplied + page.length })
  tally.add(resultOf({ counts: { changesApplied: page.length } }))
}

export function duplicateRows({ route }: Scene, cause: DatabaseError): RowkeeperError {
  const { schema, table } = route.source.name
  return new RowkeeperError({
    code: 'migrate.duplicate',
    message: `Rows of ${schema}.${table} clash under a unique key of the new definition. ${cause.message} The table itself is unchanged.`,
    hint: `Correct the rows, then run it again; or give up with: rowkeeper migrate cancel`,
    effect: 'none',
    exitCode: exitCodes.failed,
    cause,
  })
}
