import { toControlTime } from '../../../src/db/date-time.ts'
import { sameDigest } from '../../../src/engine/chunks/digest.ts'
import type { ArchiveMonth } from '../exchange/archive-month.ts'
import type { Month } from '../partitions/months.ts'
import { digestExtent, noteAll, partitionExtent, type RotationScene, readRotation } from './rotation.ts'
import { putBack } from './swap.ts'

export interface BroughtBack {
  /** Of the archive table, without those of its children. */
  readonly rows: bigint
  /** False when a table does not hold what the ledger says: somebody changed rows while it was held. */
  readonly isProven: boolean
}

/**
 * Puts a held month, and its children's, back into the archive tables at once, and pins it, so that no run takes it out
 * again before an operator releases it. Undefined when the month is not held. Begun again after a run that died in it,
 * it goes on.
 */
export async function bringBack(
  scene: RotationScene,
  month: Month,
  actor: string,
): Promise<BroughtBack | undefined> {
  const { context } = scene
  const rotation = await readRotation(scene, month)
  const tables = rotation.tables.filter(({ ledger }) => ledger?.state === 'held')
  const own = tables.at(-1)
  if (own === undefined) return undefined
  const now = toControlTime(context.asOf)
  await noteAll(rotation, tables, () => ({ pinnedAt: now, pinnedBy: actor }))
  for (const table of tables) await putBack(rotation, table)
  const unproven = new Set<ArchiveMonth>()
  for (const table of tables) {
    const found = await digestExtent(rotation, table, partitionExtent(table))
    if (table.ledger === undefined || !sameDigest(found, table.ledger.digest)) unproven.add(table)
  }
  await noteAll(rotation, tables, (table) => ({
    state: unproven.has(table) ? 'unproven' : 'open',
    verifiedAt: unproven.has(table) ? null : now,
    heldTable: null,
    heldUntil: null,
  }))
  return { rows: own.ledger?.digest.rows ?? 0n, isProven: unproven.size === 0 }
}
