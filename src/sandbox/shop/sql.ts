import { toColumnTime } from '../../db/date-time.ts'
import { id, raw, type Statement, sql, statement, tuples } from '../../db/statement.ts'
import type { ShopRow } from './payment-sides.ts'
import type { Shop } from './shop.ts'

/** The database of the shop. */
export const shopSchema = 'shop'

const payments = sql`${id(shopSchema)}.${id('payments')}`

export const createSchema: Statement = statement(
  'shop.create-schema',
  sql`CREATE DATABASE ${id(shopSchema)} CHARACTER SET utf8mb4`,
)

/** As such tables are: times without a zone, amounts as DECIMAL, an index on the time of creation. */
export const createPayments: Statement = statement(
  'shop.create-payments',
  sql`CREATE TABLE ${payments} (
    id BIGINT UNSIGNED NOT NULL PRIMARY KEY,
    order_id VARCHAR(40) NOT NULL UNIQUE,
    payment_key VARCHAR(64) NULL,
    status VARCHAR(20) NOT NULL,
    amount DECIMAL(15,3) NOT NULL,
    currency CHAR(3) NOT NULL,
    refunded DECIMAL(15,3) NOT NULL,
    is_disputed TINYINT NOT NULL,
    shipped_at DATETIME NULL,
    paid_at DATETIME NULL,
    created_at DATETIME NOT NULL,
    updated_at DATETIME NOT NULL,
    KEY payments_by_created_at (created_at))`,
)

const columns = raw(
  'id, order_id, payment_key, status, amount, currency, refunded, is_disputed, shipped_at, created_at, updated_at',
)

export function insertPayments(rows: readonly ShopRow[], timeZone: Shop['timeZone']): Statement {
  const time = (instant: Date) =>
    toColumnTime(instant.toISOString(), { dataType: 'datetime' }, timeZone).slice(0, -'.000'.length)
  const values = rows.map((row) => {
    const createdAt = time(row.createdAt)
    return [
      row.id,
      row.orderId,
      row.paymentKey,
      row.status,
      row.amount,
      row.currency,
      row.refunded,
      row.isDisputed ? 1 : 0,
      row.shippedAt && time(row.shippedAt),
      createdAt,
      createdAt,
    ]
  })
  return statement('shop.insert-payments', sql`INSERT INTO ${payments} (${columns}) VALUES ${tuples(values)}`)
}

/** order_id, status. */
export const selectStatuses: Statement = statement(
  'shop.select-statuses',
  sql`SELECT order_id, status FROM ${payments}`,
)

/** reference: what was left to people. */
export const selectReviews: Statement = statement(
  'shop.select-reviews',
  sql`SELECT reference FROM ${id(shopSchema)}.rowkeeper_item WHERE state = 'review'`,
)

/** reference, changes: audit rows of each payment. */
export const selectChanges: Statement = statement(
  'shop.select-changes',
  sql`SELECT reference, COUNT(*) AS changes FROM ${id(shopSchema)}.rowkeeper_fix GROUP BY reference`,
)
