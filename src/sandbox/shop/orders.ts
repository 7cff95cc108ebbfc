import { toColumnTime } from '../../db/date-time.ts'
import { readPartitions } from '../../db/partitions.ts'
import type { ReadSession } from '../../db/session.ts'
import {
  archiveOf,
  createItems,
  createOrders,
  type Fate,
  insertItems,
  insertOrders,
  itemsTable,
  type OrderTable,
  ordersTable,
  selectArchived,
  selectFates,
  selectLive,
} from './order-sql.ts'
import { type ShopServer, withDatabase, withWriter } from './seed.ts'
import type { Shop } from './shop.ts'
import { shopSchema } from './sql.ts'

/** Rows of one table, in one place, of one month. */
export interface Pile {
  readonly table: OrderTable
  readonly place: 'live' | 'archive'
  /** `2025-02`; empty for what has no age. */
  readonly month: string
  readonly rows: number
  /** Over every value of every row. */
  readonly checksum: bigint
}

/** A pile as it was made, with what must become of it. */
export interface FatedPile extends Pile {
  readonly fate: Fate
}

export interface OrderOptions {
  readonly count: number
  readonly seed: number
  readonly now: Date
  readonly timeZone: Shop['timeZone']
}

const tables: readonly OrderTable[] = [ordersTable, itemsTable]

/** Makes both tables and answers what must become of their rows: known before rowkeeper has seen the first of them. */
export async function seedOrders(
  server: ShopServer,
  { count, seed, now, timeZone }: OrderOptions,
): Promise<readonly FatedPile[]> {
  const local = toColumnTime(now.toISOString(), { dataType: 'datetime' }, timeZone).slice(0, -'.000'.length)
  return withWriter(server, async (session) => {
    await session.change(createOrders)
    await session.change(createItems)
    await session.change(insertOrders({ count, seed, now: local }))
    await session.change(insertItems)
    const piles: FatedPile[] = []
    for (const table of tables) {
      for (const row of await session.rows(selectFates(table, local))) piles.push(toFatedPile(table, row))
    }
    return piles
  })
}

function toFatedPile(table: OrderTable, row: Row): FatedPile {
  const fate = String(row.fate) as Fate
  return { ...toPile(table, fate === 'archived' ? 'archive' : 'live', row), fate }
}

/** What is where now. In the archive the month is that of the partition. */
export async function observeOrders(server: ShopServer): Promise<readonly Pile[]> {
  return withDatabase(server, (database) =>
    database.read((session) => session.snapshot(async (snapshot) => readPiles(snapshot))),
  )
}

async function readPiles(session: ReadSession): Promise<readonly Pile[]> {
  const piles: Pile[] = []
  for (const table of tables) {
    const live = await session.rows(selectLive(table))
    const archived = await readArchived(session, table)
    piles.push(...live.map((row) => toPile(table, 'live', row)))
    piles.push(...archived.map((row) => toPile(table, 'archive', row)))
  }
  return piles
}

type Row = Awaited<ReturnType<ReadSession['rows']>>[number]

async function readArchived(session: ReadSession, table: OrderTable): Promise<readonly Row[]> {
  const map = await readPartitions(session, { schema: shopSchema, table: archiveOf(table) })
  const bounded = (map?.partitions ?? []).flatMap(({ name, upperBound }) =>
    upperBound === undefined ? [] : [{ name, upperBound }],
  )
  return bounded.length === 0 ? [] : session.rows(selectArchived(table, bounded))
}

function toPile(table: OrderTable, place: Pile['place'], row: Row): Pile {
  return {
    table,
    place,
    month: String(row.month),
    rows: Number(row.row_count),
    checksum: BigInt(String(row.checksum)),
  }
}

/** A table, place and month that does not hold what it must. */
export interface Misplaced extends Omit<Pile, 'rows' | 'checksum'> {
  readonly mustBe: number
  readonly found: number
}

/** Pure; empty when every row is where it must be, once and unchanged. Equal counts then mean other values. */
export function findMisplaced(mustBe: readonly Pile[], found: readonly Pile[]): readonly Misplaced[] {
  const expected = sumUp(mustBe)
  const actual = sumUp(found)
  const names = [...new Set([...expected.keys(), ...actual.keys()])]
  return names.flatMap((name) => {
    const [must, is] = [expected.get(name), actual.get(name)]
    const pile = must ?? is
    if (pile === undefined || (must?.rows === is?.rows && must?.checksum === is?.checksum)) return []
    const { table, place, month } = pile
    return [{ table, place, month, mustBe: must?.rows ?? 0, found: is?.rows ?? 0 }]
  })
}

/** What stays for different reasons lies in one pile afterwards. */
function sumUp(piles: readonly Pile[]): ReadonlyMap<string, Pile> {
  const sums = new Map<string, Pile>()
  for (const { table, place, month, rows, checksum } of piles) {
    const name = `${table} ${place} ${month}`
    const before = sums.get(name) ?? { rows: 0, checksum: 0n }
    sums.set(name, { table, place, month, rows: before.rows + rows, checksum: before.checksum + checksum })
  }
  return sums
}
