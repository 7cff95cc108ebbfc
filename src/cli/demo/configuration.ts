/** What the demo's configuration needs to know of its surroundings. */
export interface DemoPlace {
  /** Files that hold the shop's database URL and the provider's token. */
  readonly secretFiles: { readonly shopUrl: string; readonly token: string }
  readonly dateTimeZone: string
  readonly baseUrl: string
}

/** The names of the jobs. */
export const paymentsJob = 'payments'
export const ordersJob = 'old-orders'
export const viewsJob = 'product-views'
export const viewLogJob = 'wider-view-log'

/** Where the demo differs from what a cautious owner would begin with, in the words of the configuration. */
export const demoSettings: readonly { readonly setting: string; readonly reason: string }[] = [
  {
    setting: 'actions: { compensate: auto }',
    reason: 'cancels at the provider without asking; the default asks a person',
  },
  { setting: 'settled: 100%', reason: 'compares every settled row too; the default is a sample of 2 %' },
  { setting: 'limits: { maxFixes: 20000 }', reason: 'lets one run change that much; the default is 500' },
  {
    setting: 'dateTimeZone: Asia/Seoul',
    reason: 'the shop writes its times without a zone, by a clock in Seoul',
  },
]

/** `rowkeeper.yaml` as its owner would write it. */
export function demoConfiguration({ secretFiles, dateTimeZone, baseUrl }: DemoPlace): string {
  return `version: 1
databases:
  shop:
    url: \${file:${secretFiles.shopUrl}}
    dateTimeZone: ${dateTimeZone}
services:
  provider:
    baseUrl: ${baseUrl}
    auth: { bearer: "\${file:${secretFiles.token}}" }
    concurrency: 16
    lookup:
      get: /payments/{reference}
      read:
        id: /id
        reference: /orderId
        status: /status
        amount: /amount
        currency: /currency
        refunded: /refunded
        refundable: /refundable
        duplicates: /duplicates
      statuses:
        PAID: paid
        PENDING: pending
        FAILED: failed
        AUTHORIZED: authorized
        PARTIAL: partial
        CANCELLED: refunded
        DISPUTED: disputed
      notFound: { status: 404, code: { pointer: /code, equals: PAYMENT_NOT_FOUND } }
      temporary: [{ status: 400, pointer: /code, equals: PROVIDER_ERROR }]
      gone: { status: 410 }
    cancel:
      post: /payments/{id}/cancel
      json: { reason: reconciled, amount: "{amount}" }
      idempotency: { header: Idempotency-Key, window: 24h }
      alreadyDone: { status: 409, pointer: /code, in: [ALREADY_CANCELLED] }
jobs:
  ${paymentsJob}:
    kind: reconcile
    database: shop
    service: provider
    table: payments
    key: [id]
    columns:
      reference: order_id
      externalId: payment_key
      status: status
      amount: amount
      currency: currency
      refunded: refunded
      disputed: is_disputed
      createdAt: created_at
      updatedAt: updated_at
    statuses:
      init: [CREATED]
      pending: [PENDING]
      unknown: [UNKNOWN]
      paid: [PAID]
      failed: [FAILED, ROLLED_BACK]
      refunding: [REFUNDING]
      refunded: [REFUNDED]
      partial: [PARTLY_REFUNDED]
    write:
      paid: { status: PAID, paid_at: now, updated_at: now }
      failed: { status: FAILED, updated_at: now }
      refunded: { status: REFUNDED, updated_at: now }
    blockCompensation: shipped_at IS NOT NULL
    settled: { paid: 100%, refunded: 100%, partial: 100% }
    actions: { compensate: auto }
    limits: { maxFixes: 20000 }
  ${ordersJob}:
    kind: archive
    database: shop
    table: orders
    age: { column: placed_at, olderThan: 13 months }
    where: status IN ('DELIVERED', 'CANCELLED')
    children:
      - { table: order_items, key: [order_id] }
    into: { table: orders_archive }
  ${viewsJob}:
    kind: rollup
    database: shop
    source: { table: product_views, time: viewed_at }
    group: { product_id: product_id }
    measures: { views: count }
    into: { table: product_view_counts }
    total: { table: products, columns: { view_count: views } }
  ${viewLogJob}:
    kind: migrate
    database: shop
    table: product_views_written
    alter: MODIFY COLUMN product_id BIGINT UNSIGNED NOT NULL, ADD INDEX by_product (product_id)
`
}
