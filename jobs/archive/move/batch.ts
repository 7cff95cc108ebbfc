import type { Transaction } from '../../../src/db/session.ts'
import { addToMonth } from '../ledger/sql.ts'
import { changeOne } from '../ledger/write-month.ts'
import type { Month } from '../partitions/months.ts'
import { listLive } from '../partitions/pairs.ts'
import type { Scene } from '../scene.ts'
import { requireUnaltered } from '../unaltered.ts'
import { copyLocked } from './copy.ts'
import { countsDisagree } from './errors.ts'
import {
  type BatchPlan,
  type ChildCounts,
  countByTable,
  keysOf,
  type LockedRows,
  lockAllChildren,
  lockRows,
  type SlicedRows,
  sliceRows,
} from './locked-rows.ts'
import { proveCopy } from './proof.ts'
import { deleteChildren, deleteRows, type Key } from './sql.ts'

/** `tooLarge`: nothing was changed, since the rows have more children than one transaction should hold. */
export type BatchEnd =
  | { readonly type: 'tooLarge' }
  | {
      readonly type: 'moved'
      readonly rows: number
      readonly children: ChildCounts
      readonly last: Key | undefined
    }

/**
 * One batch, inside the transaction that it is: lock the rows, copy them, prove that the copy is equal, delete exactly
 * them. Whatever does not agree throws, and with the transaction nothing has happened.
 */
export async function moveBatch(transaction: Transaction, scene: Scene, plan: BatchPlan): Promise<BatchEnd> {
  const { context, tables } = scene
  const parents = await lockRows(transaction, tables.source, plan.tables, plan.next)
  if (parents.rows.length === 0) return { type: 'moved', rows: 0, children: {}, last: undefined }
  const children = await lockAllChildren(transaction, parents, plan.tables)
  if (children === 'tooMany') return { type: 'tooLarge' }
  await requireUnaltered(transaction, listLive(tables))
  const all = [parents, ...children.filter(({ rows }) => rows.length > 0)].map(sliceRows)
  await context.reach('archive.rows-locked')
  for (const rows of all) await copyLocked(transaction, scene, plan, rows)
  await context.reach('archive.rows-copied')
  for (const { locked } of all) await proveCopy(transaction, locked, plan.month, tables)
  await context.reach('archive.copy-proven')
  for (const rows of all.toReversed()) await remove(transaction, scene, plan, rows)
  await context.reach('archive.rows-deleted')
  for (const { locked } of all) await account(transaction, scene, plan.month, locked)
  const [last] = keysOf({ ...parents, rows: parents.rows.slice(-1) }, tables.source.walk.columns)
  return { type: 'moved', rows: parents.rows.length, children: countByTable(children), last }
}

async function remove(
  transaction: Transaction,
  { tables }: Scene,
  { month, next }: BatchPlan,
  { locked, slices }: SlicedRows,
): Promise<void> {
  const { of } = locked
  let deleted = 0
  for (const keys of slices) {
    const statement =
      of.link === undefined ? deleteRows(of, tables.age.column, { ...next, keys }) : deleteChildren(of, keys)
    deleted += (await transaction.change(statement)).affectedRows
  }
  if (deleted !== locked.rows.length) throw countsDisagree(locked, month, { deleted })
}

/** In the same transaction as the rows: what the month must hold from now on. */
async function account(
  transaction: Transaction,
  { context }: Scene,
  month: Month,
  { of, digest }: LockedRows,
): Promise<void> {
  const { schema } = context.control
  const archive = { schema, archive: of.archive.name, month }
  await changeOne(transaction, archive, addToMonth(archive, digest, context.runId))
}
