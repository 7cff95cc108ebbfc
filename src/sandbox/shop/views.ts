import { toColumnTime } from '../../db/date-time.ts'
import { never } from '../../lib/abort.ts'
import type { Random } from '../../lib/random.ts'
import { type ShopServer, withDatabase, withWriter } from './seed.ts'
import type { Shop } from './shop.ts'
import {
  countTruth,
  createProducts,
  createTruth,
  createViews,
  doubleViews,
  insertProducts,
  insertViews,
  selectViewCheck,
  type View,
} from './view-sql.ts'

export interface ViewOptions {
  readonly count: number
  readonly now: Date
  readonly timeZone: Shop['timeZone']
}

const PRODUCTS = 400
const DAY_MS = 86_400_000

/** Makes the tables, with views of the last day. */
export async function seedViews(server: ShopServer, { count, now, timeZone }: ViewOptions): Promise<void> {
  const begin = localTime(new Date(now.getTime() - DAY_MS), timeZone)
  await withWriter(server, async (session) => {
    for (const create of [createViews, createTruth, createProducts, insertProducts(PRODUCTS)])
      await session.change(create)
    for (const table of ['events', 'truth'] as const) {
      await session.change(insertViews(table, [{ product: 1, viewedAt: begin }]))
      for (let had = 1; had < count; had *= 2)
        await session.change(doubleViews(table, { had, want: count, products: PRODUCTS, begin }))
    }
  })
}

function localTime(instant: Date, timeZone: string): string {
  return toColumnTime(instant.toISOString(), { dataType: 'datetime' }, timeZone).slice(0, -'.000'.length)
}

export interface Viewers {
  /** Ends after the transaction in hand; answers how many views were written and committed. */
  stop(): Promise<number>
}

const PAUSE_MS = 10
const MOST_AT_ONCE = 8

/** People who look at products while events are counted: a transaction every few milliseconds. */
export function startViewers(
  server: ShopServer,
  random: Random,
  { timeZone }: Pick<ViewOptions, 'timeZone'>,
): Viewers {
  const over = new AbortController()
  const writing = withWriter(server, async (session) => {
    let written = 0
    while (!over.signal.aborted) {
      const views = makeViews(random, localTime(server.clock.now(), timeZone))
      await session.transaction(async (transaction) => {
        await transaction.change(insertViews('events', views))
        await transaction.change(insertViews('truth', views))
      })
      written += views.length
      await server.clock.sleep(PAUSE_MS, never)
    }
    return written
  })
  // Whoever stops them hears of a failure.
  writing.catch(() => {})
  return {
    stop() {
      over.abort()
      return writing
    },
  }
}

function makeViews({ fraction }: Random, viewedAt: string): readonly View[] {
  return Array.from({ length: 1 + Math.floor(fraction() * MOST_AT_ONCE) }, () => ({
    product: Math.floor((PRODUCTS + 1) ** fraction()),
    viewedAt,
  }))
}

/** Rows of the shop's log of views. */
export async function countWritten(server: ShopServer): Promise<number> {
  const [row = {}] = await withDatabase(server, (database) =>
    database.read((session) => session.rows(countTruth)),
  )
  return Number(row.written)
}

/** What was written against what was counted, at one instant. */
export interface ViewCheck {
  readonly written: number
  readonly waiting: number
  readonly counted: number
  /** Days of products whose counter is not what was written; views that still wait are missing there. */
  readonly wrongDays: number
  readonly wrongTotals: number
}

export async function checkViews(server: ShopServer): Promise<ViewCheck> {
  const [row = {}] = await withDatabase(server, (database) =>
    database.read((session) => session.rows(selectViewCheck)),
  )
  return {
    written: Number(row.written),
    waiting: Number(row.waiting),
    counted: Number(row.counted),
    wrongDays: Number(row.wrong_days),
    wrongTotals: Number(row.wrong_totals),
  }
}
