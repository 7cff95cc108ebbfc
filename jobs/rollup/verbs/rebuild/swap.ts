import type { Row } from '../../../../src/db/connection.ts'
import type { Transaction } from '../../../../src/db/session.ts'
import { explainCounters } from '../../counters/errors.ts'
import { compareObjects, type ObjectSum } from '../../counters/object-sums.ts'
import { groupValues } from '../../counters/sql.ts'
import { writeTotals } from '../../counters/write-totals.ts'
import { toDigits } from '../../fold/amount.ts'
import type { CounterTable, TotalTable } from '../../tables.ts'
import { additiveMeasures } from '../verify/additive.ts'
import type { RebuildScene } from './scene.ts'
import { type Piece, selectPieceEnd, selectTotalChanges, setFromShadow } from './swap-sql.ts'

export interface Swapped {
  /** Of every size. */
  readonly counters: number
  /** Objects whose counters changed and that have no row to keep a total on. */
  readonly unknownObjects: readonly string[]
}

/** A piece ends with the group in which this row lies. */
const ROWS_PER_PIECE = 5000

/**
 * Sets counters to what the shadow holds, some objects at a time: one transaction changes every bucket of an object, of
 * each size, and its total, so at each commit they fit each other, and a death leaves an object with all of its old counters or
 * all of its new ones. Runs hold the same lease, so none adds between counting and setting.
 *
 * Not by exchanging the names of the two tables: other days and columns that somebody added would have to be copied, rights
 * would stay with the old table, and totals could not change at the same moment.
 */
export async function swapIn(scene: RebuildScene): Promise<Swapped> {
  const { context, pace } = scene
  let swapped: Swapped = { counters: 0, unknownObjects: [] }
  let behind: Piece['behind']
  do {
    context.stop.throwIfAborted()
    await pace.ready()
    const piece: Piece = { behind, last: await findEnd(scene, behind) }
    const set = await context.transact('set counters', (transaction) => setPiece(transaction, scene, piece))
    await context.reach('rollup.piece-swapped')
    swapped = {
      counters: swapped.counters + set.counters,
      unknownObjects: [...swapped.unknownObjects, ...set.unknownObjects],
    }
    behind = piece.last
  } while (behind !== undefined)
  return swapped
}

/** Undefined when what is left is one piece. */
async function findEnd(
  { context, counters, shadow }: RebuildScene,
  behind: Piece['behind'],
): Promise<Piece['last']> {
  const [row] = await context.read((session) =>
    session.rows(selectPieceEnd(shadow.name, counters, { behind, rows: ROWS_PER_PIECE })),
  )
  return row && groupValues(counters.group, groupOf(counters, row))
}

function groupOf({ group }: CounterTable, row: Row): readonly string[] {
  return group.map((_, position) => String(row[`group_${position}`]))
}

async function setPiece(transaction: Transaction, scene: RebuildScene, piece: Piece): Promise<Swapped> {
  const { context, counters, shadow, total } = scene
  // What changes is known only before it is set.
  const sums = total === undefined ? [] : await readTotalChanges(transaction, scene, total, piece)
  const { records } = await transaction
    .change(setFromShadow(shadow.name, counters, piece))
    .catch((error) => explainCounters(error, counters))
  const unknownObjects = total === undefined ? [] : await writeTotals(transaction, total, { counters, sums })
  await context.reach('rollup.piece-set')
  return { counters: records, unknownObjects }
}

async function readTotalChanges(
  transaction: Transaction,
  { counters, shadow }: RebuildScene,
  { groupPosition: position }: TotalTable,
  piece: Piece,
): Promise<readonly ObjectSum[]> {
  const rows = await transaction.rows(selectTotalChanges(shadow.name, counters, { position, piece }))
  return rows
    .map((row) => toObjectSum(counters, row))
    .filter(({ events, amounts }) => events !== 0 || amounts.some((amount) => amount !== 0n))
    .toSorted(compareObjects)
}

function toObjectSum(counters: CounterTable, row: Row): ObjectSum {
  const changes = additiveMeasures(counters).map(({ type, scale }, position) => ({
    type,
    amount: toDigits(String(row[`change_${position}`]), scale),
  }))
  return {
    object: String(row.object),
    events: Number(changes.find(({ type }) => type === 'count')?.amount ?? 0n),
    amounts: changes.filter(({ type }) => type === 'sum').map(({ amount }) => amount),
  }
}
