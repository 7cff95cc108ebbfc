import { type Column, findColumn, findPrimaryKey, type TableDefinition } from '../../../../src/db/catalog.ts'
import type { Cell, Row } from '../../../../src/db/connection.ts'
import type { ReadSession } from '../../../../src/db/session.ts'
import type { Statement } from '../../../../src/db/statement.ts'
import { isExactKey } from '../../../../src/engine/chunks/keyset.ts'
import type { PlanContext } from '../../../../src/run/context.ts'
import { keyOfRow } from '../../exchange/digest-rows.ts'
import { describeKey } from '../../move/key-text.ts'
import type { Key } from '../../move/sql.ts'
import { monthOfValue } from '../../partitions/age.ts'
import type { Month } from '../../partitions/months.ts'
import type { ArchivePair } from '../../partitions/pairs.ts'
import { planPlace } from '../../place.ts'
import { monthPartitions } from '../month-partitions.ts'
import { createKeyGroups, type KeyFindings, type KeyRow } from './key-groups.ts'
import { type Indexed, type KeyBounds, selectEdge, selectKeyPage, selectPresent } from './sql.ts'

export interface KeysToCompare {
  readonly pair: ArchivePair
  readonly zone: string
  /** Only keys that occur in this month; undefined for all. */
  readonly month: Month | undefined
  /** Told after each page how many rows were read until then. */
  readonly onRead: (rows: number) => void
}

/**
 * Reads the keys of an archive table in their order, all months at once, so that equal ones come together. Undefined when
 * no index of the archive table has that order, as in one that an operator made.
 */
export async function findKeys(context: PlanContext, asked: KeysToCompare): Promise<KeyFindings | undefined> {
  const route = findRoute(asked.pair)
  if (route === undefined) return undefined
  const bounds = asked.month === undefined ? undefined : await readBounds(context, route, asked, asked.month)
  const groups = createKeyGroups(asked.month)
  for (let last: Key | undefined; bounds !== 'empty'; ) {
    context.stop.throwIfAborted()
    const page = await readPage(context, route, { bounds, last })
    groups.take(toKeyRows(page, route, asked))
    asked.onRead(groups.read)
    const end = page.rows.at(-1)
    if (end === undefined || page.rows.length < PAGE_ROWS) break
    last = keyOfRow(end, route.walk)
  }
  return groups.finish()
}

/** One statement looks so many keys up; beyond 16,000 MariaDB reads the whole table for it. */
const PAGE_ROWS = 4000

interface Route {
  readonly archive: Indexed
  readonly live: Indexed
  readonly key: readonly Column[]
  /** Of the archive table's index: the key, then the age. */
  readonly walk: readonly Column[]
}

function findRoute({ live, target }: ArchivePair): Route | undefined {
  const own = findPrimaryKey(live)
  const there = target.table && findPrimaryKey(target.table)
  if (own === undefined || there === undefined || target.table === undefined) return undefined
  const key = columnsOf(live, own.columns)
  const walk = columnsOf(target.table, there.columns)
  const begins = key.every(({ name }, position) => walk[position]?.name === name)
  if (!begins || !walk.every(isExactKey)) return undefined
  return {
    archive: { name: target.name, index: there.name },
    live: { name: live.name, index: own.name },
    key,
    walk,
  }
}

function columnsOf(table: TableDefinition, names: readonly string[]): readonly Column[] {
  return names.flatMap((name) => findColumn(table, name) ?? [])
}

async function readBounds(
  context: PlanContext,
  { archive, key }: Route,
  { pair, zone }: KeysToCompare,
  month: Month,
): Promise<KeyBounds | 'empty'> {
  const inMonth = monthPartitions(pair, zone).filter((partition) => partition.month === month)
  const partitions = inMonth.map(({ name }) => name)
  if (partitions.length === 0) return 'empty'
  return planPlace(context).read(async (session) => {
    const [first] = await session.rows(selectEdge(archive, key, { partitions, end: 'first' }))
    const [last] = await session.rows(selectEdge(archive, key, { partitions, end: 'last' }))
    if (first === undefined || last === undefined) return 'empty'
    return { first: keyOfRow(first, key), last: keyOfRow(last, key) }
  })
}

interface Page {
  readonly rows: readonly Row[]
  /** Those of the keys that the live table has. */
  readonly live: readonly Row[]
}

/** On one server both tables are read in one snapshot: a row on its way from one to the other is in one of them. */
function readPage(
  context: PlanContext,
  { archive, live, key, walk }: Route,
  { bounds, last }: { readonly bounds: KeyBounds | undefined; readonly last: Key | undefined },
): Promise<Page> {
  const page = selectKeyPage(archive, walk, { key, bounds, last, rows: PAGE_ROWS })
  const present = (rows: readonly Row[]) =>
    selectPresent(
      live,
      key,
      rows.map((row) => keyOfRow(row, key)),
    )
  if (context.destination === undefined) {
    const readBoth = async (session: ReadSession) => {
      const rows = await session.rows(page)
      return { rows, live: rows.length === 0 ? [] : await session.rows(present(rows)) }
    }
    return context.read((session) => session.snapshot(readBoth))
  }
  return readApart(context, page, present)
}

/** The job's leases keep runs away from both, so that what is seen later was there before. */
async function readApart(
  context: PlanContext,
  page: Statement,
  present: (rows: readonly Row[]) => Statement,
): Promise<Page> {
  const rows = await planPlace(context).read((session) => session.rows(page))
  if (rows.length === 0) return { rows, live: [] }
  return { rows, live: await context.read((session) => session.rows(present(rows))) }
}

function toKeyRows(
  { rows, live }: Page,
  { key, walk }: Route,
  { pair: { age }, zone }: KeysToCompare,
): readonly KeyRow[] {
  const textOf = (row: Row) => describeKey(key, cellsOf(row, key))
  const present = new Set(live.map(textOf))
  const ageAt = walk.findIndex(({ name }) => name === age.column.name)
  return rows.map((row) => {
    const text = textOf(row)
    const month = monthOfValue(String(row[`k${ageAt}`]), age, zone)
    return { key: text, month: month ?? 'no month', isLive: present.has(text) }
  })
}

function cellsOf(row: Row, columns: readonly Column[]): readonly Cell[] {
  return columns.map((_, position) => row[`k${position}`] ?? null)
}
