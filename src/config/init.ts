/** A first rowkeeper.yaml: loads as it is once SHOP_URL and PAY_TOKEN are set. */
export function initialConfig(): string {
  return `# yaml-language-server: $schema=./rowkeeper.schema.json
#
# What rowkeeper may touch, and what it does there. Check it with: rowkeeper config check
# \${env:NAME} takes a value from the environment, \${env:NAME:-default} with a default, \${file:path} from a file.
# Durations carry a unit: 500ms, 5s, 10m, 24h, 30 days.

version: 1

databases:
  shop:
    url: \${env:SHOP_URL}                  # mysql://user:password@host:3306/shop
    # replica: \${env:SHOP_REPLICA_URL:-}  # only for reads that tolerate lag
    # poolSize: 4
    # tls: { mode: verify }               # off | verify | verify-ca; default: verify, off on loopback and sockets
    dateTimeZone: UTC                     # the zone in which the application writes DATETIME columns
    # controlSchema: shop                 # where the rowkeeper_ tables live; default: the database of the url
    # timeouts: { connect: 5s, statement: 60s, lockWait: 5s }

services:
  pay:
    baseUrl: \${env:PAY_URL:-http://127.0.0.1:4010}
    auth: { bearer: "\${env:PAY_TOKEN}" }  # or basic: { username, password }, or header: { name, value }
    concurrency: 8
    ratePerSecond: 50
    # timeouts: { connect: 3s, headers: 10s, total: 15s }
    # retries: 2                          # of a look-up; a cancel is never retried blindly
    lookup:
      get: /payments/{reference}          # {reference} is what columns.reference holds
      read: { id: /id, reference: /orderId, status: /status, amount: /amount, currency: /currency }
      notFound: { status: 404 }           # the only answer that means: there is no such payment
      statuses:                           # theirs: ours. A status not listed is unclear and changes nothing
        PAID: paid
        PENDING: pending
        FAILED: failed
        CANCELLED: refunded
    # cancel:                             # without it, nothing is ever cancelled at the service
    #   post: /payments/{id}/cancel
    #   json: { reason: "reconciled", amount: "{amount}" }
    #   idempotency: { header: Idempotency-Key, window: 24h }

jobs:
  payments:
    kind: reconcile
    schedule: "*/10 * * * *"              # in UTC; or { cron: "0 3 * * *", timeZone: Asia/Seoul }
    database: shop
    service: pay
    table: payments
    key: [id]
    columns: { reference: order_id, externalId: payment_key, status: status, amount: amount, currency: currency, createdAt: created_at, updatedAt: updated_at }
    statuses: { pending: [PENDING], unknown: [UNKNOWN], paid: [PAID], failed: [FAILED], refunded: [REFUNDED] }
    write: { paid: PAID, failed: FAILED, refunded: REFUNDED }
    lookBack: 30 days
    grace: 5m                             # rows younger than this are left alone
    actions: { markPaid: review, markFailed: review, markRefunded: review, compensate: off }   # auto | review | off
    limits: { maxFixes: 500, maxChangedRatio: 5% }

  # Old rows into monthly partitions of an archive table, copied, compared, then deleted:
  # old-orders:
  #   kind: archive
  #   schedule: { cron: "0 3 * * *", timeZone: Asia/Seoul }
  #   database: shop
  #   table: orders
  #   age: { column: created_at, olderThan: 13 months }      # an index must begin with the column
  #   where: status IN ('DONE', 'CANCELLED')                 # other rows stay, however old
  #   children: [{ table: order_items, key: [order_id] }]    # what refers to these rows moves with them
  #   into: { table: orders_archive, keep: forever }         # made when missing; or keep: 60 months

  # Views and likes into counters by the hour, day and month, in bulk and exactly once:
  # post-views:
  #   kind: rollup
  #   schedule: "* * * * *"
  #   database: shop
  #   source: { table: post_view_events, time: viewed_at }   # one narrow row per view, written by the application
  #   group: { post_id: post_id }
  #   measures: { views: count }                             # or sum:delta for likes, unique:visitor_id for viewers
  #   into: { table: post_view_counts }                      # made when missing
  #   total: { table: posts, columns: { view_count: views } }

  # A large table into another definition while it is written to: copied, compared, swapped, and taken back if need be:
  # wider-orders:
  #   kind: migrate
  #   database: shop
  #   table: orders
  #   alter: MODIFY COLUMN id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT
  #   cutOver: { hold: false, lockWait: 3s, window: "02:00-05:00 Asia/Seoul" }
`
}
