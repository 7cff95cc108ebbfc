import type { Transaction } from '../../../src/db/session.ts'
import type { Scene } from '../scene.ts'
import { explainClash, isClash } from './clash.ts'
import { countsDisagree } from './errors.ts'
import { type BatchPlan, type LockedRows, type SlicedRows, stretchOf } from './locked-rows.ts'
import { beforeCopy, copyBetween, copyChildren, copyRows, undoCopy } from './sql.ts'

/** Copies rows that are locked into the archive table. Throws unless exactly so many arrived. */
export async function copyLocked(
  transaction: Transaction,
  scene: Scene,
  plan: BatchPlan,
  { locked, slices }: SlicedRows,
): Promise<void> {
  if (locked.of.link === undefined && (await isCopiedAlong(transaction, scene, plan, locked))) return
  const copied = await copyByKeys(transaction, scene, plan, { locked, slices })
  if (copied !== locked.rows.length) throw countsDisagree(locked, plan.month, { copied })
}

/**
 * Along the walk, from the first row to the last. When as many rows arrive as are locked, they are those: no locked row
 * can be missing. More arrive when rows came in between after the locking; that is undone, and the keys decide.
 */
async function isCopiedAlong(
  transaction: Transaction,
  { tables: { source } }: Scene,
  { next }: BatchPlan,
  locked: LockedRows,
): Promise<boolean> {
  const stretch = { ...next, ...stretchOf(locked, source.walk.columns) }
  await transaction.change(beforeCopy)
  const copied = await transaction.change(copyBetween(source, locked.of, stretch)).then(
    ({ affectedRows }) => affectedRows,
    (error: unknown) => {
      if (isClash(error)) return 0
      throw error
    },
  )
  if (copied === locked.rows.length) return true
  await transaction.change(undoCopy)
  return false
}

async function copyByKeys(
  transaction: Transaction,
  { tables }: Scene,
  { month }: BatchPlan,
  { locked, slices }: SlicedRows,
): Promise<number> {
  const { of } = locked
  let copied = 0
  for (const keys of slices) {
    const statement = of.link === undefined ? copyRows(of, keys) : copyChildren(of, tables.age.column, keys)
    const { affectedRows } = await transaction
      .change(statement)
      .catch((error) => explainClash(transaction, locked, { month, error }))
    copied += affectedRows
  }
  return copied
}
