import type { Transaction } from '../../../../src/db/session.ts'
import type { ExecuteContext } from '../../../../src/run/context.ts'
import { keysOf } from '../../move/locked-rows.ts'
import type { Key } from '../../move/sql.ts'
import type { Month } from '../../partitions/months.ts'
import { type Family, readFamily } from './archived-rows.ts'
import { putBack } from './put-back.ts'
import type { RestoreTally } from './restore-tally.ts'
import type { RestoredTable } from './restored-table.ts'
import type { Selection } from './sql.ts'
import { takeOut } from './take-out.ts'
import { readTransfer, transferHere } from './transfer.ts'

export interface RestoreScene {
  readonly context: ExecuteContext
  readonly month: Month
  readonly tables: readonly RestoredTable[]
  readonly tally: RestoreTally
}

export type BatchEnd =
  /** The rows have more children than a transaction should hold. */
  | { readonly type: 'tooMany' }
  | {
      readonly type: 'restored'
      /** Of the archive table. */
      readonly rows: number
      readonly children: number
      /** Rows of all tables that were in the live tables already. */
      readonly present: number
      /** Where the batch ended. */
      readonly last: Key | undefined
    }

/**
 * Brings rows with their children back: put into the live tables, proven there, then removed from the archive tables. On
 * one server that is one transaction. From another server it is two, the inner one first:
 *
 *     archive  BEGIN  lock the rows ──────────────────────────  delete them  COMMIT
 *     live                           BEGIN  insert  prove  COMMIT
 *
 * Whatever dies after the inner COMMIT leaves the rows in both places. The next restore of the same rows finds their equals
 * and removes the copies; no run archives them meanwhile, since their month is pinned before its first batch.
 */
export async function restoreBatch(scene: RestoreScene, selection: Selection): Promise<BatchEnd> {
  const { destination } = scene.context
  const ended =
    destination === undefined
      ? await restoreHere(scene, selection)
      : await restoreFrom(scene, destination, selection)
  if (ended.type === 'tooMany') return ended
  scene.tally.add(ended)
  await scene.context.reach('archive.restore-batch-committed')
  return ended
}

function restoreHere(scene: RestoreScene, selection: Selection): Promise<BatchEnd> {
  const { context, month, tables } = scene
  return context.transact(`restore ${month}`, async (transaction) => {
    const family = await lock(transaction, scene, selection)
    if (family === 'tooMany') return { type: 'tooMany' }
    const present = await putBack(transaction, transferHere, family)
    await takeOut(transaction, scene, family)
    return endOf(tables, family, present)
  })
}

function restoreFrom(
  scene: RestoreScene,
  { transact }: NonNullable<ExecuteContext['destination']>,
  selection: Selection,
): Promise<BatchEnd> {
  const { context, month, tables, tally } = scene
  return transact(`restore ${month}`, async (there) => {
    const family = await lock(there, scene, selection)
    if (family === 'tooMany') return { type: 'tooMany' }
    const transfer = await readTransfer(there, family, context.server)
    const present = await context.transact(`restore ${month}`, (live) => putBack(live, transfer, family))
    tally.add({ inBoth: family.reduce((sum, { rows }) => sum + rows.length, 0) })
    await takeOut(there, scene, family)
    return endOf(tables, family, present)
  })
}

async function lock(
  transaction: Transaction,
  { context, tables }: RestoreScene,
  selection: Selection,
): Promise<Family | 'tooMany'> {
  const family = await readFamily(transaction, tables, selection, 'locked')
  await context.reach('archive.restore-locked')
  return family
}

function endOf(tables: readonly RestoredTable[], family: Family, present: number): BatchEnd {
  const [roots, ...children] = family
  const walk = tables[0]?.month.walk ?? []
  return {
    type: 'restored',
    rows: roots?.rows.length ?? 0,
    children: children.reduce((sum, { rows }) => sum + rows.length, 0),
    present,
    last: roots && keysOf(roots, walk).at(-1),
  }
}
