import { toControlTime } from '../../../../src/db/date-time.ts'
import { type BatchSize, createBatchSize } from '../../../../src/engine/batch-size.ts'
import type { Pace } from '../../../../src/engine/pace.ts'
import { exitCodes, RowkeeperError } from '../../../../src/lib/errors.ts'
import { readMonths } from '../../ledger/months.ts'
import { openMonth } from '../../ledger/open-month.ts'
import { writeMonth } from '../../ledger/write-month.ts'
import { MAXIMUM_CHILDREN } from '../../move/locked-rows.ts'
import type { Key } from '../../move/sql.ts'
import { archivePlace } from '../../place.ts'
import type { Settings } from '../input.ts'
import { tooManyChildren } from './errors.ts'
import { restoreBatch } from './restore-batch.ts'
import type { BatchEnd, RestoreScene } from './restored-batch.ts'
import { countArchived } from './sql.ts'

export interface MonthScene extends RestoreScene {
  readonly settings: Settings
  readonly pace: Pace
  /** user@host of the person, who pins the month. */
  readonly actor: string
  /** As many as are expected. */
  readonly rows: number
  readonly averageRowBytes: number
}

/**
 * Brings a month back to the live table in batches. It is pinned before the first one, so that no run takes the rows away
 * again, and one that is cut short is gone on with by the same command.
 */
export async function restoreMonth(scene: MonthScene): Promise<void> {
  const { context, month, rows, tally } = scene
  const before = await openMonths(scene, { pinnedAt: toControlTime(context.asOf), pinnedBy: scene.actor })
  await context.reach('archive.restore-pinned')
  const progress = { step: `restoring ${month}`, total: rows, unit: 'rows' }
  context.emit({ type: 'stepStarted', ...progress })
  try {
    await restoreBatches(scene, (done) => context.emit({ type: 'stepProgress', ...progress, done }))
  } catch (error) {
    const isUntouched = tally.soFar.rows === 0 && isRefusal(error)
    if (isUntouched && before === 'free') await openMonths(scene, { pinnedAt: null, pinnedBy: null })
    throw error
  }
  context.emit({ type: 'stepFinished', ...progress, done: tally.soFar.rows })
  await addChildrenLeft(scene)
}

/** Brings single rows back with their children. Nothing is pinned: the next run takes them again. */
export async function restoreRows(scene: MonthScene, keys: readonly Key[]): Promise<void> {
  await openMonths(scene, undefined)
  const ended = await restoreBatch(scene, { type: 'keys', keys })
  if (ended.type === 'tooMany') throw tooManyChildren(scene.tables[0], MAXIMUM_CHILDREN)
}

/** Of what is to be put into the live table, before anything was. */
function isRefusal(error: unknown): boolean {
  return error instanceof RowkeeperError && error.exitCode === exitCodes.refused
}

/** Makes sure that the ledger knows the month in every archive table, and pins it or not. Tells what it was before. */
export function openMonths(
  { context, month, tables }: RestoreScene,
  pin: { readonly pinnedAt: string | null; readonly pinnedBy: string | null } | undefined,
): Promise<'pinned' | 'free'> {
  const { control, transact } = archivePlace(context)
  const { runId } = context
  return transact(`open ${month}`, async (transaction) => {
    const pinned: boolean[] = []
    for (const { month: archived, copied: columns } of tables) {
      const { archive, age, range } = archived
      const of = { schema: control.schema, archive, month }
      await openMonth(transaction, { ...of, columns, age, range, runId })
      pinned.push((await readMonths(transaction, control, archive)).get(month)?.pinnedAt !== undefined)
      if (pin !== undefined) await writeMonth(transaction, of, { change: pin, runId })
    }
    return pinned[0] === true ? 'pinned' : 'free'
  })
}

async function restoreBatches(scene: MonthScene, tell: (rows: number) => void): Promise<void> {
  const { context, pace, tally } = scene
  const size = batchSize(scene)
  for (let last: Key | undefined; ; ) {
    context.stop.throwIfAborted()
    await pace.ready()
    const ended = await nextBatch(scene, size, last)
    if (ended.type === 'tooMany') continue
    tell(tally.soFar.rows)
    if (ended.rows < ended.asked) return
    last = ended.last
  }
}

function batchSize({ settings, averageRowBytes }: MonthScene): BatchSize {
  const { rows, targetTime: targetMs } = settings.options.batch
  return createBatchSize({ rows, targetMs, averageRowBytes })
}

async function nextBatch(
  scene: MonthScene,
  size: BatchSize,
  last: Key | undefined,
): Promise<BatchEnd & { readonly asked: number }> {
  const { clock } = scene.context
  const begun = clock.elapsed()
  const asked = size.rows
  const ended = await restoreBatch(scene, { type: 'next', last, rows: asked })
  if (ended.type === 'restored') size.grow(ended.rows, clock.elapsed() - begun)
  else if (!size.shrink()) throw tooManyChildren(scene.tables[0], MAXIMUM_CHILDREN)
  return { ...ended, asked }
}

/** Rows whose row of the table above was not in the month: nobody can say where they belong. */
async function addChildrenLeft({ context, month, tables, tally }: MonthScene): Promise<void> {
  for (const table of tables.slice(1)) {
    const [row] = await archivePlace(context).read((session) => session.rows(countArchived(table)))
    const rows = Number(row?.row_count ?? 0)
    const { archive } = table.month
    const reason = `rows of ${archive.table} in ${month} belong to no row of the table above; they stay there`
    if (rows > 0) tally.add({ left: [{ rows, reason }] })
  }
}
