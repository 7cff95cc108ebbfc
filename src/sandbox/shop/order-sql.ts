import { type Fragment, id, join, type Statement, sql, statement } from '../../db/statement.ts'
import { shopSchema } from './sql.ts'

export const ordersTable = 'orders'
export const itemsTable = 'order_items'

const orders = tableOf(ordersTable)
const items = tableOf(itemsTable)

function tableOf(table: string): Fragment {
  return sql`${id(shopSchema)}.${id(table)}`
}

export const createOrders: Statement = statement(
  'shop.create-orders',
  sql`CREATE TABLE ${orders} (
    id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    number VARCHAR(20) NOT NULL UNIQUE,
    status VARCHAR(20) NOT NULL,
    total DECIMAL(12,2) NOT NULL,
    note VARCHAR(200) NULL,
    placed_at DATETIME NULL,
    KEY orders_by_placed_at (placed_at))`,
)

/** As such tables are: deleting an order would silently delete its items. */
export const createItems: Statement = statement(
  'shop.create-items',
  sql`CREATE TABLE ${items} (
    order_id BIGINT UNSIGNED NOT NULL,
    line SMALLINT UNSIGNED NOT NULL,
    product VARCHAR(80) NOT NULL,
    quantity INT NOT NULL,
    price DECIMAL(12,2) NOT NULL,
    PRIMARY KEY (order_id, line),
    FOREIGN KEY (order_id) REFERENCES ${orders} (id) ON DELETE CASCADE)`,
)

export interface OrderNeeds {
  /** At most a million. */
  readonly count: number
  readonly seed: number
  /** Of the shop's clock, without a zone: `2026-11-22 12:00:00`. */
  readonly now: string
}

const MONTHS = 30
/** Orders do not come in the order of their numbers: each may be this much older than its number says. */
const JITTER_SECONDS = 3 * 24 * 3600
/** A demo takes its time: no order becomes old enough while it runs. */
const CLEAR_HOURS = 2

/** Made by the server, so that it takes a second: oldest first, evenly over 30 months, some open, some without an age. */
export function insertOrders({ count, seed, now }: OrderNeeds): Statement {
  const draw = (what: string, below: number) => sql`MOD(CRC32(CONCAT_WS('/', ${what}, ${seed}, n)), ${below})`
  const first = sql`${now} - INTERVAL ${MONTHS} MONTH`
  const span = sql`(TIMESTAMPDIFF(SECOND, ${first}, ${now}) - ${JITTER_SECONDS})`
  const even = sql`${now} - INTERVAL FLOOR(${span} * (${count} - n) / ${count} + ${draw('age', JITTER_SECONDS)}) SECOND`
  const edge = oldest(now)
  return statement(
    'shop.insert-orders',
    sql`INSERT INTO ${orders} (id, number, status, total, note, placed_at)
      WITH digit (d) AS (${join(
        Array.from({ length: 10 }, (_, digit) => sql`SELECT ${digit}`),
        ' UNION ALL ',
      )}), number (n) AS (SELECT a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d + 100000 * g.d + 1
        FROM digit a, digit b, digit c, digit e, digit f, digit g)
      SELECT n, CONCAT('A-', LPAD(n, 7, '0')), ${status(draw('status', 100))}, ${draw('total', 20_000)} / 100,
        ${note(draw('note', 50))}, IF(${draw('basket', 200)} = 0, NULL,
          IF(even >= ${edge} AND even < ${edge} + INTERVAL ${CLEAR_HOURS} HOUR, even + INTERVAL ${CLEAR_HOURS} HOUR, even))
      FROM (SELECT n, ${even} AS even FROM number WHERE n <= ${count}) AS drawn ORDER BY n`,
  )
}

/** Rows before this are old. The shop's configuration says the same in its own words: `olderThan: 13 months`. */
function oldest(now: string): Fragment {
  return sql`CAST(${now} AS DATETIME) - INTERVAL 13 MONTH`
}

function status(percent: Fragment): Fragment {
  return sql`CASE WHEN ${percent} < 4 THEN 'OPEN' WHEN ${percent} < 12 THEN 'CANCELLED' ELSE 'DELIVERED' END`
}

/** What goes wrong when rows travel as text. */
const notes = [
  'two\nlines',
  'a gift 🎁',
  'ends with a backslash \\',
  'ends with a line\n',
  '',
  '\u0000',
  "it's",
]

function note(kind: Fragment): Fragment {
  const cases = notes.map((text, index) => sql`WHEN ${index} THEN ${text}`)
  return sql`CASE ${kind} ${join(cases, ' ')} ELSE NULL END`
}

/** One to three of each order. */
export const insertItems: Statement = statement(
  'shop.insert-items',
  sql`INSERT INTO ${items} (order_id, line, product, quantity, price)
    SELECT id, n, CONCAT('product ', MOD(id * n, 977)), 1 + MOD(id, n), ROUND(total / n, 2)
    FROM ${orders} JOIN (SELECT 1 AS n UNION ALL SELECT 2 UNION ALL SELECT 3) AS numbered ON n <= 1 + MOD(id, 3)
    ORDER BY id, n`,
)

/** The tables, without the schema. */
export type OrderTable = typeof ordersTable | typeof itemsTable

/** What must become of an order and its items. */
export type Fate = 'archived' | 'young' | 'open' | 'undated'

/** fate, month, row_count, checksum: from what is in the live tables before anything was moved. No age, no month: ''. */
export function selectFates(table: OrderTable, now: string): Statement {
  return statement(
    'shop.select-fates',
    sql`SELECT CASE WHEN placed_at IS NULL THEN 'undated' WHEN placed_at >= ${oldest(now)} THEN 'young'
        WHEN status = 'OPEN' THEN 'open' ELSE 'archived' END AS fate, ${monthOf(sql`placed_at`)} AS month, ${sums(table)}
      FROM ${liveRows(table)} GROUP BY 1, 2`,
  )
}

/** month, row_count, checksum. */
export function selectLive(table: OrderTable): Statement {
  return statement(
    'shop.select-live',
    sql`SELECT ${monthOf(sql`placed_at`)} AS month, ${sums(table)} FROM ${liveRows(table)} GROUP BY 1`,
  )
}

/** month, row_count, checksum. The month is what the partitions are for, whatever their rows say. */
export function selectArchived(
  table: OrderTable,
  partitions: readonly { readonly name: string; readonly upperBound: string }[],
): Statement {
  const selects = partitions.map(
    ({
      name,
      upperBound,
    }) => sql`SELECT ${monthOf(sql`CAST(${upperBound} AS DATETIME) - INTERVAL 1 SECOND`)} AS month,
      ${sums(table)} FROM ${tableOf(archiveOf(table))} PARTITION (${id(name)}) HAVING row_count > 0`,
  )
  return statement('shop.select-archived', join(selects, ' UNION ALL '))
}

/** As the shop's configuration names it. */
export function archiveOf(table: OrderTable): string {
  return `${table}_archive`
}

function liveRows(table: OrderTable): Fragment {
  return table === ordersTable ? orders : sql`${items} JOIN ${orders} ON ${orders}.id = order_id`
}

function monthOf(time: Fragment): Fragment {
  return sql`COALESCE(DATE_FORMAT(${time}, '%Y-%m'), '')`
}

const columns: Record<OrderTable, readonly string[]> = {
  [ordersTable]: ['id', 'number', 'status', 'total', 'note', 'placed_at'],
  [itemsTable]: ['order_id', 'line', 'product', 'quantity', 'price'],
}

/** Nothing of rowkeeper's: 60 bits of SHA-256 over every value of every row, added up. */
function sums(table: OrderTable): Fragment {
  const values = columns[table].map((name) => sql`QUOTE(${id(name)})`)
  const text = sql`CONCAT_WS(',', ${join(values)})`
  return sql`COUNT(*) AS row_count, SUM(CAST(CONV(LEFT(SHA2(${text}, 256), 15), 16, 10) AS UNSIGNED)) AS checksum`
}
