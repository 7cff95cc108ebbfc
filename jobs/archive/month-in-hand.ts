import { type BatchSize, createBatchSize } from '../../src/engine/batch-size.ts'
import { formatCount } from '../../src/lib/units.ts'
import { eligibleRange, monthRange } from './cutoff.ts'
import { readMonths } from './ledger/months.ts'
import { openMonth } from './ledger/open-month.ts'
import { listMovedTables, type MovedTable } from './move/moved-table.ts'
import type { Eligible } from './move/sql.ts'
import { archivePlace } from './place.ts'
import type { MoveStep } from './plan-model.ts'
import { resultOf } from './result-model.ts'
import type { Scene } from './scene.ts'

/** One month whose rows leave the live table batch by batch, on the same server or to another one. */
export interface MonthInHand {
  readonly scene: Scene
  readonly step: MoveStep
  readonly tables: readonly MovedTable[]
  readonly eligible: Eligible
  readonly size: BatchSize
  /** How many batches of it are under way side by side. */
  readonly lanes: number
}

/** Undefined when nothing may be moved: `--limit` is reached, or something has happened to the month since it was planned. */
export async function takeMonth(scene: Scene, step: MoveStep): Promise<MonthInHand | undefined> {
  if (rowsAllowed({ scene, step }, 0) === 0) return undefined
  const obstacle = await findObstacle(scene, step)
  if (obstacle !== undefined) {
    leaveOver(scene, step.rows, `${step.month} ${obstacle}`)
    return undefined
  }
  const { batch, where } = scene.settings.options
  const month: MonthInHand = {
    scene,
    step,
    tables: listMovedTables(scene.tables),
    eligible: { range: eligibleRange(step.month, scene.cutoff, scene.tables), where },
    size: createBatchSize({
      rows: batch.rows,
      targetMs: batch.targetTime,
      averageRowBytes: step.rows > 0 ? step.bytes / step.rows : 0,
    }),
    lanes: 1,
  }
  await openMonths(month)
  scene.progress.begin()
  return month
}

/** Rows that came into a month on its way out would leave with it, and be in no file. */
async function findObstacle({ context, tables }: Scene, { month }: MoveStep): Promise<string | undefined> {
  const { read, control } = archivePlace(context)
  const months = await read((session) => readMonths(session, control, tables.target.name))
  const known = months.get(month)
  if (known?.pinnedAt !== undefined) return 'was restored by an operator and stays until it is released'
  return known?.state === 'rotating'
    ? 'is on its way out of the archive; the next run ends that first'
    : undefined
}

/** Before the first row is put into it, the ledger knows the month in every archive table. */
async function openMonths({ scene, step: { month }, tables }: MonthInHand): Promise<void> {
  const { runId } = scene.context
  const { control, transact } = archivePlace(scene.context)
  const { schema } = control
  const range = monthRange(month, scene.tables)
  await transact(`open ${month}`, async (transaction) => {
    for (const { archive, copied: columns } of tables) {
      const { name, age } = archive
      await openMonth(transaction, { schema, archive: name, month, columns, age, range, runId })
    }
  })
}

/** Rows of the whole run that `--limit` still allows; at 0 the rest of the month is left over. */
export function rowsAllowed({ scene, step }: Pick<MonthInHand, 'scene' | 'step'>, done: number): number {
  const { limit } = scene.context
  if (limit === undefined) return Number.POSITIVE_INFINITY
  const allowed = Math.max(0, limit - (scene.tally.soFar.counts.archived ?? 0))
  if (allowed === 0) {
    leaveOver(scene, step.rows - done, `limit reached: no more than ${formatCount(limit)} rows in one run`)
  }
  return allowed
}

function leaveOver({ tally }: Scene, rows: number, reason: string): void {
  if (rows > 0) tally.add(resultOf({ leftOver: rows, leftReasons: [reason] }))
}

export interface MovedBatch {
  readonly rows: number
  readonly milliseconds: number
  readonly children: Readonly<Record<string, number>>
}

/** A batch that is committed, on both servers when there are two. */
export function countBatch({ scene, step, size, lanes }: MonthInHand, batch: MovedBatch): void {
  const { rows, milliseconds, children } = batch
  size.grow(rows, milliseconds)
  if (rows === 0) return
  const bytes = Math.round((rows * step.bytes) / Math.max(1, step.rows))
  // Batches side by side took this time together: what the months tell is the time that passed.
  const passed = Math.round(milliseconds / lanes)
  const month = { rows, bytes, batches: 1, milliseconds: passed, how: 'batches' } as const
  const counts = { archived: rows, deleted: rows }
  scene.tally.add(resultOf({ counts, months: { [step.month]: month }, children }))
  scene.progress.add(rows)
}
