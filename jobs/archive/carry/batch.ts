import type { Cell, Row } from '../../../src/db/connection.ts'
import type { Transaction } from '../../../src/db/session.ts'
import { cellsOf, keysOf, type NextRows, slices } from '../move/locked-rows.ts'
import type { MovedTable } from '../move/moved-table.ts'
import type { SourceTable } from '../tables.ts'
import {
  type FamilyName,
  type FamilyRows,
  familyName,
  keepFamilies,
  lockChildren,
  toRoots,
} from './families.ts'
import { lockNextRows, selectRowValues } from './sql.ts'
import { cellsOf as valuesOf } from './values.ts'

/** Rows of one table with their values. */
export interface CarriedRows extends FamilyRows {
  /** Row by row, a cell for each copied column; behind them, for a child, the age of its row of the live table. */
  readonly values: readonly (readonly Cell[])[]
}

export type CarriedBatch =
  /** They have more children than a transaction should hold. */
  | { readonly type: 'tooMany' }
  | {
      readonly type: 'locked'
      /** Rows of the live table first, then those of each child that has any. */
      readonly parts: readonly CarriedRows[]
      /** Memory was full before as many rows as were asked for: the others are the next batch. */
      readonly isCut: boolean
    }

export interface NextBatch extends NextRows {
  readonly source: SourceTable
  readonly tables: readonly MovedTable[]
  /** Bytes of the destination's largest packet: the keys of a batch stand in one statement. */
  readonly packetBytes: number
}

/** Locks the next rows with their children and reads what they hold. Undefined when there are none. */
export async function lockBatch(
  transaction: Transaction,
  next: NextBatch,
): Promise<CarriedBatch | undefined> {
  const roots = await lockRoots(transaction, next)
  if (roots.rows.length === 0) return undefined
  const keys = keysOf(roots, roots.of.key)
  const children = await lockChildren(transaction, next.tables, { side: 'source', keys })
  if (children === 'tooMany') return { type: 'tooMany' }
  const fitting = findFitting([roots, ...children], next.packetBytes)
  const kept = [roots, ...children].map((part) => keepFamilies(part, fitting))
  const parts: CarriedRows[] = []
  for (const part of kept) if (part.rows.length > 0) parts.push(await readValues(transaction, part))
  return { type: 'locked', parts, isCut: fitting.size < roots.rows.length }
}

async function lockRoots(transaction: Transaction, next: NextBatch): Promise<FamilyRows> {
  const { source, tables } = next
  const [of] = tables
  if (of === undefined) throw new TypeError('nothing to carry')
  const read = [...new Set([...source.walk.columns, ...of.key])]
  const rows = await transaction.rows(lockNextRows(source, read, next))
  return toRoots(of, { read, rows })
}

/** Values of one batch that are held in memory at once, in bytes. Their literals take twice that for a moment. */
const MAXIMUM_BYTES = 16 * 1024 * 1024
/** Of a packet, for the text of the keys; quotes in it are escaped. */
const KEYS_PART = 1 / 4

/** The first families that fit into memory together; one in any case. */
function findFitting(parts: readonly FamilyRows[], packetBytes: number): ReadonlySet<FamilyName> {
  const weights = weigh(parts)
  const fitting = new Set<FamilyName>()
  let bytes = 0
  let keyBytes = 0
  for (const name of parts[0]?.families ?? []) {
    bytes += weights.get(name) ?? 0
    keyBytes += name.length
    const isFull = bytes > MAXIMUM_BYTES || keyBytes > packetBytes * KEYS_PART
    if (isFull && fitting.size > 0) break
    fitting.add(name)
  }
  return fitting
}

function weigh(parts: readonly FamilyRows[]): ReadonlyMap<FamilyName, number> {
  const weights = new Map<FamilyName, number>()
  for (const { rows, families } of parts) {
    families.forEach((name, index) => {
      weights.set(name, (weights.get(name) ?? 0) + Number(rows[index]?.row_bytes))
    })
  }
  return weights
}

async function readValues(transaction: Transaction, part: FamilyRows): Promise<CarriedRows> {
  const { of, rows } = part
  const found = new Map<string, Row>()
  for (const keys of slices(keysOf(part, of.key))) {
    const answer = await transaction.rows(selectRowValues(of, keys))
    const names = cellsOf({ read: of.key, rows: answer }, of.key).map(familyName)
    for (const [index, row] of answer.entries()) found.set(names[index] ?? '', row)
  }
  const values = cellsOf(part, of.key).map((key, index) => {
    const row = found.get(familyName(key))
    if (row === undefined) throw new TypeError(`a locked row of ${of.name.table} is gone`)
    const age = rows[index]?.family_age ?? null
    return of.link === undefined ? valuesOf(row, of.copied) : [...valuesOf(row, of.copied), age]
  })
  return { ...part, values }
}
