import type { Trigger } from '../../../../src/db/triggers.ts'
import type { PlanContext } from '../../../../src/run/context.ts'
import { keysOf, MAXIMUM_CHILDREN } from '../../move/locked-rows.ts'
import type { Key } from '../../move/sql.ts'
import { planPlace } from '../../place.ts'
import { addKeys, type FoundKeys, noKeys } from '../found-keys.ts'
import { type ArchivedRows, type Family, readFamily } from './archived-rows.ts'
import { compareLive } from './compare-live.ts'
import { tooManyChildren } from './errors.ts'
import { findMissingParents, type MissingParents } from './missing-parents.ts'
import type { RestoredTable } from './restored-table.ts'
import type { Selection } from './sql.ts'

/** What a restore would meet, found out by reading alone. */
export interface Inspection {
  readonly tables: readonly InspectedTable[]
  /** Foreign keys that the live tables could not keep. */
  readonly missingParents: readonly MissingParents[]
}

export interface InspectedTable {
  readonly table: string
  readonly archive: string
  readonly rows: number
  /** Rows whose equal is in the live table already. */
  readonly equal: number
  /** Under which the live table has something else. */
  readonly other: FoundKeys
  /** That several rows of the month have. */
  readonly twice: FoundKeys
  /** Those of the live table that fire. */
  readonly triggers: readonly Trigger[]
}

/** `keys`: only the rows with these values of `month.walk`, with their children; undefined for the whole month. */
export async function inspectRows(
  context: PlanContext,
  tables: readonly RestoredTable[],
  keys: readonly Key[] | undefined,
): Promise<Inspection> {
  let inspected = tables.map(startTable)
  for await (const family of readPages(context, tables, keys)) {
    const next: InspectedTable[] = []
    for (const [index, table] of inspected.entries())
      next.push(await inspectPage(context, table, family[index]))
    inspected = next
  }
  // Of single rows the live table itself tells what they lack.
  const missingParents = keys === undefined ? await findMissingParents(context, tables) : []
  return { tables: inspected, missingParents }
}

function startTable({ name, month, triggers }: RestoredTable): InspectedTable {
  // Rows are updated only where a trigger may have written something else than it was given.
  const isRewriting = triggers.some(({ timing, event }) => timing === 'BEFORE' && event === 'INSERT')
  return {
    table: name.table,
    archive: month.archive.table,
    rows: 0,
    equal: 0,
    other: noKeys,
    twice: noKeys,
    triggers: triggers.filter(({ event }) => event === 'INSERT' || (event === 'UPDATE' && isRewriting)),
  }
}

const PAGE_ROWS = 2000

/** Page by page with no session held in between, and smaller ones where rows have very many children. */
async function* readPages(
  context: PlanContext,
  tables: readonly RestoredTable[],
  keys: readonly Key[] | undefined,
): AsyncGenerator<Family> {
  const { read } = planPlace(context)
  let rows = PAGE_ROWS
  for (let last: Key | undefined; ; ) {
    context.stop.throwIfAborted()
    const selection: Selection = keys === undefined ? { type: 'next', last, rows } : { type: 'keys', keys }
    const family = await read((session) => readFamily(session, tables, selection, 'seen'))
    if (family === 'tooMany') {
      if (rows === 1 || keys !== undefined) throw tooManyChildren(tables[0], MAXIMUM_CHILDREN)
      rows = Math.floor(rows / 2)
      continue
    }
    yield family
    const [roots] = family
    if (roots === undefined || roots.rows.length < rows) return
    last = keysOf(roots, roots.of.month.walk).at(-1)
  }
}

async function inspectPage(
  context: PlanContext,
  table: InspectedTable,
  rows: ArchivedRows | undefined,
): Promise<InspectedTable> {
  if (rows === undefined || rows.rows.length === 0) return table
  const { equal, other, twice } = await context.read((session) => compareLive(session, rows, 'seen'))
  return {
    ...table,
    rows: table.rows + rows.rows.length,
    equal: table.equal + equal.size,
    other: addKeys(table.other, other),
    twice: addKeys(table.twice, twice),
  }
}
