import type { Payment } from '../provider/payment.ts'
import type { Provider } from '../provider/server.ts'
import { type ShopServer, withDatabase } from './seed.ts'
import { selectChanges, selectReviews, selectStatuses } from './sql.ts'

/** Both sides as they are now. Ours by order id, the provider's by its own payment id. */
export interface Observed {
  readonly statuses: ReadonlyMap<string, string>
  /** Left to people. */
  readonly reviews: ReadonlySet<string>
  /** Audit rows: one for every change. */
  readonly changes: ReadonlyMap<string, number>
  readonly remote: ReadonlyMap<string, Payment>
  /** Cancels that really moved money. */
  readonly cancels: ReadonlyMap<string, number>
}

/** Needs rowkeeper's own tables in the shop's database. */
export async function observeShop(server: ShopServer, { state }: Provider): Promise<Observed> {
  return withDatabase(server, (database) =>
    database.read((session) =>
      session.snapshot(async (snapshot) => {
        const statuses = await snapshot.rows(selectStatuses)
        const reviews = await snapshot.rows(selectReviews)
        const changes = await snapshot.rows(selectChanges)
        return {
          statuses: new Map(statuses.map((row) => [String(row.order_id), String(row.status)])),
          reviews: new Set(reviews.map((row) => String(row.reference))),
          changes: new Map(changes.map((row) => [String(row.reference), Number(row.changes)])),
          remote: new Map(state.payments().map((payment) => [payment.id, payment])),
          cancels: countCancels(state),
        }
      }),
    ),
  )
}

function countCancels(state: Provider['state']): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { effective, path, paymentId = '' } of state.mutations()) {
    if (effective && path.endsWith('/cancel')) counts.set(paymentId, (counts.get(paymentId) ?? 0) + 1)
  }
  return counts
}
