import type { Transaction } from '../../../src/db/session.ts'
import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import { formatBytes } from '../../../src/lib/units.ts'
import { addToMonth } from '../ledger/sql.ts'
import { changeOne } from '../ledger/write-month.ts'
import { explainClash } from '../move/clash.ts'
import { countsDisagree } from '../move/errors.ts'
import { describeKey } from '../move/key-text.ts'
import { cellsOf } from '../move/locked-rows.ts'
import type { Month } from '../partitions/months.ts'
import { archivePlace } from '../place.ts'
import type { Scene } from '../scene.ts'
import type { CarriedRows } from './batch.ts'
import { toJournalRow } from './journal.ts'
import { type BatchId, deleteJournal, insertJournal } from './journal-sql.ts'
import { proveCarried } from './prove-carried.ts'
import { insertRows } from './sql.ts'
import { literalLength } from './values.ts'

export interface BatchCopy {
  readonly month: Month
  readonly parts: readonly CarriedRows[]
  /** The transaction of the source that is to delete the rows. */
  readonly id: BatchId
  /** Whose rows are deleted by now; its journal row goes with this commit. */
  readonly before: BatchId | undefined
}

/**
 * The destination's part of a batch, in its transaction: the rows, the proof that they read back as they were locked,
 * the journal that names them, and what the month holds from now on.
 */
export async function copyBatch(there: Transaction, scene: Scene, copy: BatchCopy): Promise<void> {
  const { context } = scene
  const { control } = archivePlace(context)
  for (const part of copy.parts) await insertPart(there, scene, copy.month, part)
  await context.reach('archive.carry-inserted')
  for (const part of copy.parts) await proveCarried(there, scene, part, copy.month)
  await there.change(insertJournal(control.schema, toRow(scene, copy)))
  for (const { of, digest } of copy.parts) {
    const month = { schema: control.schema, archive: of.archive.name, month: copy.month }
    await changeOne(there, month, addToMonth(month, digest, context.runId))
  }
  if (copy.before !== undefined) await there.change(deleteJournal(control.schema, copy.before))
}

function toRow(scene: Scene, { month, parts: [live], id }: BatchCopy) {
  if (live === undefined) throw new TypeError('a batch of no rows')
  const keys = cellsOf(live, live.of.key)
  return toJournalRow(scene, id, { month, state: 'copied', keys, digest: live.digest })
}

async function insertPart(there: Transaction, scene: Scene, month: Month, part: CarriedRows): Promise<void> {
  const { maxAllowedPacket } = archivePlace(scene.context).server
  let inserted = 0
  for (const slice of sliceByBytes(part, maxAllowedPacket)) {
    const { affectedRows } = await there
      .change(insertRows(part.of, slice.values))
      .catch((error) => explainClash(there, slice, { month, error }))
    inserted += affectedRows
  }
  if (inserted !== part.rows.length) throw countsDisagree(part, month, { copied: inserted })
}

/** A statement of a megabyte is parsed as fast per row as a larger one. */
const STATEMENT_BYTES = 1024 * 1024
/** For the names of the table and its columns, 64 characters each, of which there are up to a few thousand. */
const NAMES_BYTES = 256 * 1024

/** Slices that one INSERT takes: a packet over the server's limit would end the connection. */
function sliceByBytes(part: CarriedRows, packetBytes: number): readonly CarriedRows[] {
  const limit = Math.max(packetBytes - NAMES_BYTES, packetBytes / 2)
  const slices: CarriedRows[] = []
  let start = 0
  let bytes = 0
  part.values.forEach((row, index) => {
    const own = row.reduce<number>((sum, cell) => sum + literalLength(cell), 0)
    if (own > limit) throw rowTooLarge(part, index, { bytes: own, packetBytes })
    if (index > start && bytes + own > Math.min(limit, STATEMENT_BYTES)) {
      slices.push(slicePart(part, start, index))
      start = index
      bytes = 0
    }
    bytes += own
  })
  return [...slices, slicePart(part, start, part.rows.length)]
}

function slicePart(part: CarriedRows, from: number, to: number): CarriedRows {
  return {
    ...part,
    rows: part.rows.slice(from, to),
    families: part.families.slice(from, to),
    values: part.values.slice(from, to),
  }
}

function rowTooLarge(
  { of, read, rows }: CarriedRows,
  index: number,
  { bytes, packetBytes }: { bytes: number; packetBytes: number },
): RowkeeperError {
  const [key] = cellsOf({ read, rows: rows.slice(index, index + 1) }, of.key)
  return new RowkeeperError({
    code: 'archive.rowTooLarge',
    message: `The row ${describeKey(of.key, key ?? [])} of ${of.name.schema}.${of.name.table} takes up to ${formatBytes(bytes)} in a statement; the destination takes ${formatBytes(packetBytes)} (max_allowed_packet). The batch was rolled back: no row of it was changed.`,
    hint: `Raise max_allowed_packet of the destination's server above ${bytes}, or keep the row back with a condition in where.`,
    exitCode: exitCodes.failed,
  })
}
