import { countBatch, type MonthInHand } from '../month-in-hand.ts'
import { tooManyChildren } from '../move/errors.ts'
import { countByTable, keysOf } from '../move/locked-rows.ts'
import type { Key } from '../move/sql.ts'
import { listLive } from '../partitions/pairs.ts'
import { archivePlace } from '../place.ts'
import { resultOf } from '../result-model.ts'
import { requireUnaltered } from '../unaltered.ts'
import { type CarriedRows, lockBatch } from './batch.ts'
import { copyBatch } from './copy-batch.ts'
import { type HandOver, handOver } from './hand-over.ts'
import type { BatchId } from './journal-sql.ts'
import { removeRows } from './remove.ts'

export interface NextPlace {
  /** Rows that `--limit` still allows. */
  readonly allowed: number
  /** Where the batch before ended. */
  readonly last: Key | undefined
  /** The batch before, for its journal row to go with this one's. */
  readonly before: BatchId | undefined
}

export type CarryEnd =
  | { readonly type: 'nothing' }
  /** They have more children than a transaction should hold; the next batch is smaller. */
  | { readonly type: 'tooLarge' }
  /** The rows are on both servers: `settleJournal` comes next. */
  | { readonly type: 'interrupted' }
  | {
      readonly type: 'carried'
      readonly id: BatchId
      readonly rows: number
      readonly last: Key | undefined
      readonly isLast: boolean
    }

interface Locked {
  readonly parts: readonly CarriedRows[]
  readonly isLast: boolean
  readonly begunAt: number
}

/** One batch, committed on both servers. */
export async function carryNext(month: MonthInHand, place: NextPlace): Promise<CarryEnd> {
  const { scene, step, size } = month
  const { context, tables } = scene
  let isTooLarge = false
  const onTooLarge = () => {
    isTooLarge = true
  }
  const handed = await handOver(scene, describeBatch(month, place, onTooLarge))
  if (isTooLarge) {
    if (!size.shrink()) throw tooManyChildren(tables.source.table.name, step.month)
    return { type: 'tooLarge' }
  }
  if (handed.type !== 'done') return handed
  await context.reach('archive.carry-committed')
  const { held, id } = handed
  const [live, ...children] = held.parts
  const rows = live?.rows.length ?? 0
  const milliseconds = context.clock.elapsed() - held.begunAt
  countBatch(month, { rows, milliseconds, children: countByTable(children) })
  const last = live && keysOf(live, tables.source.walk.columns).at(-1)
  return { type: 'carried', id, rows, last, isLast: held.isLast }
}

/** A try after rows were held by others takes half as many: that many are held for less long. */
function describeBatch(
  { scene, step, tables, eligible, size }: MonthInHand,
  { allowed, last, before }: NextPlace,
  onTooLarge: () => void,
): HandOver<Locked, void> {
  const { context } = scene
  const { maxAllowedPacket: packetBytes } = archivePlace(context).server
  let tries = 0
  return {
    label: `carry ${step.month}`,
    async lock(source) {
      if (tries++ > 0) size.shrink()
      const begunAt = context.clock.elapsed()
      const rows = Math.min(size.rows, allowed)
      const next = { ...eligible, last, rows, source: scene.tables.source, tables, packetBytes }
      const locked = await lockBatch(source, next)
      if (locked?.type === 'tooMany') onTooLarge()
      if (locked?.type !== 'locked') return undefined
      await requireUnaltered(source, listLive(scene.tables))
      const isLast = !locked.isCut && (locked.parts[0]?.rows.length ?? 0) < rows
      return { parts: locked.parts, isLast, begunAt }
    },
    write: (there, { parts }, id) => copyBatch(there, scene, { month: step.month, parts, id, before }),
    async remove(source, { parts }) {
      // Whatever becomes of the source's transaction: the destination has changed.
      scene.tally.add(resultOf({ changed: parts[0]?.rows.length ?? 0 }))
      await removeRows(source, scene, parts, eligible)
    },
  }
}
