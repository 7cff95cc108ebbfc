import { nextMonth } from '../../../../jobs/archive/partitions/months.ts'
import { systemClock } from '../../../../src/lib/clock.ts'
import type { TestDatabase } from '../../../support/database.ts'

/** withItems: orders and their items, bound by a foreign key · byMonth: orders alone, partitioned by month. */
export type Layout = 'withItems' | 'byMonth'

/** One live table, and the truth about it: what every committed write of the application made of it. */
export interface TruthTable {
  readonly live: 'orders' | 'items'
  /** Written in the same transaction as the live table, and by nobody else. Its rows never move. */
  readonly truth: string
  readonly columns: readonly string[]
}

export const orders: TruthTable = {
  live: 'orders',
  truth: 'truth_orders',
  columns: ['id', 'status', 'note', 'amount', 'created_at'],
}

export const items: TruthTable = {
  live: 'items',
  truth: 'truth_items',
  columns: ['id', 'order_id', 'name'],
}

export function tablesOf(layout: Layout): readonly TruthTable[] {
  return layout === 'withItems' ? [orders, items] : [orders]
}

/** Old enough to be moved: 14 to 17 months ago; the job moves what is older than 13. */
export const OLD_ORDERS = 120
const YOUNG_ORDERS = 60

/** Makes the live tables with their rows, and the truth that is equal to them. */
export async function makeTables({ query }: TestDatabase, layout: Layout): Promise<void> {
  await query(layout === 'withItems' ? ordersTable(primaryKey) : ordersTable(`${monthKey} ${byMonth()}`))
  await query(`INSERT INTO orders (status, note, amount, created_at)
    WITH RECURSIVE n AS (SELECT 0 AS i UNION ALL SELECT i + 1 FROM n WHERE i < ${OLD_ORDERS + YOUNG_ORDERS - 1})
    SELECT IF(i % 5 = 0, 'OPEN', 'DONE'), CONCAT('note 😀 ', i, '\\n'), i + 0.25,
      UTC_TIMESTAMP() - INTERVAL IF(i < ${OLD_ORDERS}, 14 + i % 4, i % 12) MONTH - INTERVAL i % 100 HOUR FROM n`)
  if (layout === 'withItems') await query(itemsTable)
  for (const { live, truth } of tablesOf(layout))
    await query(`CREATE TABLE ${truth} (PRIMARY KEY (id)) ENGINE=InnoDB SELECT * FROM ${live}`)
  // Every id that was ever committed: none may come a second time, wherever its row went.
  await query('CREATE TABLE issued (PRIMARY KEY (id)) ENGINE=InnoDB SELECT id FROM orders')
}

const primaryKey = 'created_at DATETIME NULL, PRIMARY KEY (id), KEY by_created (created_at))'
/** As partitioning requires; and MariaDB does not see the primary key at the end of a partitioned table's index. */
const monthKey =
  'created_at DATETIME NOT NULL, PRIMARY KEY (id, created_at), KEY by_created (created_at, id))'

function ordersTable(rest: string): string {
  return `CREATE TABLE orders (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT, status VARCHAR(12) NOT NULL,
    note VARCHAR(80) NULL, amount DECIMAL(12,2) NOT NULL, ${rest}`
}

const itemsTable = `CREATE TABLE items (id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY,
    order_id BIGINT UNSIGNED NOT NULL, name VARCHAR(40) NOT NULL, KEY by_order (order_id),
    CONSTRAINT item_order FOREIGN KEY (order_id) REFERENCES orders (id));
  INSERT INTO items (order_id, name) SELECT id, CONCAT('item ', id, '/', k)
    FROM orders JOIN (SELECT 1 AS k UNION ALL SELECT 2) AS copies ON copies.k <= id % 3`

const FIRST_MONTHS_AGO = 30
const LAST_MONTHS_AGO = 12

/** One partition for each old month, and one for all that is younger. */
function byMonth(): string {
  const parts = oldMonths().map(
    (month) => `PARTITION p${month.replace('-', '')} VALUES LESS THAN ('${nextMonth(month)}-01')`,
  )
  const young = 'PARTITION young VALUES LESS THAN (MAXVALUE)'
  return `PARTITION BY RANGE COLUMNS (created_at) (${[...parts, young].join(', ')})`
}

function oldMonths(): readonly string[] {
  const count = FIRST_MONTHS_AGO - LAST_MONTHS_AGO + 1
  return Array.from({ length: count }, (_, index) => monthBefore(FIRST_MONTHS_AGO - index))
}

/** `2005-06`, of the wall clock in UTC. */
export function monthBefore(monthsAgo: number): string {
  const now = systemClock.now()
  const index = now.getUTCFullYear() * 12 + now.getUTCMonth() - monthsAgo
  return `${Math.floor(index / 12)}-${String((index % 12) + 1).padStart(2, '0')}`
}
