import { type Month, monthOf, previousMonth } from '../../../../jobs/archive/partitions/months.ts'
import { systemClock } from '../../../../src/lib/clock.ts'
import type { ArchiveJob } from '../../../support/archive-job.ts'
import { readExact } from '../../../support/archive-tables.ts'
import type { TestDatabase, TestRow } from '../../../support/database.ts'

const present = monthOf(systemClock.now().toISOString(), 'UTC')

/** The two months of the old orders, just older than the thirteen that stay: every month between costs a partition. */
export const older = monthsBefore(present, 15)
export const newer = monthsBefore(present, 14)

function monthsBefore(month: Month, count: number): Month {
  return count === 0 ? month : monthsBefore(previousMonth(month), count - 1)
}

const CUSTOMERS = 'CREATE TABLE customers (id INT PRIMARY KEY); INSERT INTO customers VALUES (1), (2), (3)'

/** As in sakila: the trigger sets the date of whoever inserts, and a payment survives its order without knowing it. */
const ORDERS = `CREATE TABLE orders (id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, customer_id INT NOT NULL,
    created_at DATETIME NOT NULL, note VARCHAR(40) NULL, changed_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
    ON UPDATE CURRENT_TIMESTAMP, KEY by_created (created_at),
    CONSTRAINT order_customer FOREIGN KEY (customer_id) REFERENCES customers (id))`
const PAYMENTS = `CREATE TABLE payments (id INT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY, order_id INT UNSIGNED NULL,
    amount DECIMAL(8,2) NOT NULL, paid_at DATETIME NOT NULL,
    CONSTRAINT payment_order FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE SET NULL ON UPDATE CASCADE)`

/** Twenty orders of each month, every other with payments, and a young one. */
export async function makeShop({ query }: TestDatabase): Promise<void> {
  await query(`${CUSTOMERS}; ${ORDERS}; ${PAYMENTS}`)
  const orders = Array.from({ length: 40 }, (_, index) => [
    index + 1,
    1 + (index % 3),
    `${index < 20 ? older : newer}-${String(1 + (index % 28)).padStart(2, '0')} 10:00:00`,
    index % 4 === 0 ? null : `note ${index} 😀\n`,
    '2024-04-01 00:00:00',
  ])
  await query('INSERT INTO orders (id, customer_id, created_at, note, changed_at) VALUES ?', [orders])
  await query(`INSERT INTO orders (customer_id, created_at) VALUES (1, UTC_TIMESTAMP())`)
  await query(`INSERT INTO payments (order_id, amount, paid_at)
    SELECT id, id + 0.5, created_at + INTERVAL 40 DAY FROM orders WHERE id <= 40 AND id % 2 = 0`)
}

/** What the triggers of sakila do. */
export function addRewritingTriggers({ query }: TestDatabase): Promise<TestRow[]> {
  return query(`CREATE TRIGGER order_date BEFORE INSERT ON orders FOR EACH ROW SET NEW.created_at = NOW();
    CREATE TRIGGER payment_date BEFORE INSERT ON payments FOR EACH ROW SET NEW.paid_at = NOW()`)
}

export const withPayments = { children: [{ table: 'payments', key: ['order_id'] }], into: into() }

/** Months ahead are of no use here, and cost time. */
export function into(more: Readonly<Record<string, unknown>> = {}) {
  return { table: 'orders_archive', monthsAhead: 0, ...more }
}

/** Both live tables. */
export async function readShop(database: TestDatabase): Promise<readonly string[]> {
  return [...(await readExact(database, 'orders')), ...(await readExact(database, 'payments'))]
}

export async function count({ query }: TestDatabase, from: string): Promise<number> {
  const [row] = await query(`SELECT COUNT(*) AS row_count FROM ${from}`)
  return Number(row?.row_count)
}

/** What the ledger says of a month of an archive table. */
export async function ledgerOf(job: ArchiveJob, month: string, table = 'orders_archive'): Promise<TestRow> {
  const found = (await job.months()).find((row) => row.month === month && row.archive_table === table)
  if (found === undefined) throw new Error(`the ledger does not know ${month} of ${table}`)
  return found
}
