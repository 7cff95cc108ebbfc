import { type Database, openDatabase } from '../../db/database.ts'
import { WriteGrant } from '../../db/grant.ts'
import type { WriteSession } from '../../db/session.ts'
import type { Stopping } from '../../lib/abort.ts'
import type { Clock } from '../../lib/clock.ts'
import type { Provider } from '../provider/server.ts'
import type { ShopPayment } from './payment-sides.ts'
import type { Shop } from './shop.ts'
import { createPayments, createSchema, insertPayments, shopSchema } from './sql.ts'

/** A disposable server, with everything a connection to it needs. */
export interface ShopServer {
  /** `mysql://root:password@127.0.0.1:port/`; names no database. */
  readonly url: string
  readonly clock: Clock
  readonly kill: Stopping['kill']
}

/** Payments in one INSERT. */
const ROWS_AT_ONCE = 2000

/** Puts both sides in place: the shop's table into a new database `shop`, the payments into the provider. */
export async function seedShop(server: ShopServer, provider: Provider, shop: Shop): Promise<void> {
  seedProvider(provider, shop.payments)
  await withWriter(server, async (session) => {
    await session.change(createSchema)
    await session.change(createPayments)
    for (let start = 0; start < shop.payments.length; start += ROWS_AT_ONCE) {
      const rows = shop.payments.slice(start, start + ROWS_AT_ONCE).map(({ row }) => row)
      await session.change(insertPayments(rows, shop.timeZone))
    }
  })
}

function seedProvider({ state, faults }: Provider, payments: readonly ShopPayment[]): void {
  for (const { remote, fault } of payments) {
    for (const payment of remote) state.create(payment)
    if (fault !== undefined) faults.add(fault)
  }
}

/** The shop's URL, as its owner would configure it. */
export function shopUrl({ url }: Pick<ShopServer, 'url'>): string {
  return `${url}${shopSchema}`
}

/** As `withDatabase`, for writing. */
export async function withWriter<T>(
  server: ShopServer,
  work: (session: WriteSession) => Promise<T>,
): Promise<T> {
  return withDatabase(server, async (database) => {
    const writer = await database.openWriter(WriteGrant.mint('sandbox'), 'work')
    try {
      return await writer.use(work)
    } finally {
      await writer.close()
    }
  })
}

/** Connects without a default database, and closes whatever `work` comes to. */
export async function withDatabase<T>(
  { url, clock, kill }: ShopServer,
  work: (database: Database) => Promise<T>,
): Promise<T> {
  const { hostname, port, username, password } = new URL(url)
  const target = { host: hostname, port: Number(port), user: username, password, connectTimeoutMs: 5000 }
  const settings = { name: 'sandbox', target, poolSize: 1, statementTimeoutMs: 60_000, lockWaitMs: 5000 }
  const database = await openDatabase({ settings, clock, kill })
  try {
    return await work(database)
  } finally {
    await database.close()
  }
}
