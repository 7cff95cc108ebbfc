import type { Way } from './world.ts'

/** Something wrong, done by hand after a run that went well. */
export interface Planted {
  readonly name: string
  readonly way: Way
  readonly sql: string
  /** A part of each sentence that must be said about it. */
  readonly found: readonly string[]
}

const firstMoved = '(SELECT id FROM (SELECT MIN(id) AS id FROM orders_archive) AS moved)'
const isMissing = 'is 0 times in orders and 0 times moved, but 1 times true'
const leftBehind = 'was left behind'

/** Each can be rolled back. */
export const planted: readonly Planted[] = [
  {
    name: 'A1: a row that is in neither table',
    way: 'here',
    sql: `DELETE FROM orders_archive WHERE id = ${firstMoved}`,
    found: [isMissing, 'the ledger counts 24 rows', 'its order 2 is not in the same month'],
  },
  {
    name: 'A1: a row that is in both tables',
    way: 'here',
    sql: `INSERT INTO orders SELECT * FROM orders_archive WHERE id = ${firstMoved}`,
    found: ['is 1 times in orders and 1 times moved, but 1 times true', leftBehind],
  },
  {
    name: 'A1: a row that is on neither server',
    way: 'there',
    sql: 'DELETE FROM orders WHERE id = (SELECT MAX(id) FROM truth_orders)',
    found: [isMissing],
  },
  {
    name: 'A1: a row that came back from the other server',
    way: 'there',
    sql: "INSERT INTO orders (status, amount, created_at) VALUES ('OPEN', 1, UTC_TIMESTAMP())",
    found: ['is 1 times in orders and 0 times moved, but 0 times true'],
  },
  {
    name: 'A2: one byte that is not the same',
    way: 'here',
    sql: `UPDATE orders_archive SET note = CONCAT(note, ' ') WHERE id = ${firstMoved}`,
    found: [isMissing, 'is 0 times in orders and 1 times moved, but 0 times true'],
  },
  {
    name: 'A3: a row that was moved although it should have stayed',
    way: 'here',
    sql: `UPDATE orders_archive SET status = 'OPEN' WHERE id = ${firstMoved};
      UPDATE truth_orders SET status = 'OPEN' WHERE id = ${firstMoved}`,
    found: ['was moved although it should have stayed'],
  },
  {
    name: 'A4: a committed change that is gone',
    way: 'here',
    sql: "UPDATE truth_orders SET note = 'written' WHERE id = (SELECT MAX(id) FROM orders)",
    found: [isMissing, 'is 1 times in orders and 0 times moved, but 0 times true'],
  },
  {
    name: 'A4: a row that is there although the application deleted it',
    way: 'here',
    sql: 'DELETE FROM truth_items WHERE id = (SELECT MIN(id) FROM items)',
    found: ['is 1 times in items and 0 times moved, but 0 times true'],
  },
  {
    name: 'A5: rows that the ledger does not count',
    way: 'here',
    sql: "UPDATE rowkeeper_month SET row_count = row_count - 1 WHERE archive_table = 'items_archive' LIMIT 1",
    found: ['the ledger counts'],
  },
  {
    name: 'A5: a month that the ledger does not know, and one that is not proven',
    way: 'here',
    sql: `DELETE FROM rowkeeper_month WHERE archive_table = 'items_archive' LIMIT 1;
      UPDATE rowkeeper_month SET state = 'unproven' WHERE archive_table = 'orders_archive' LIMIT 1`,
    found: ['of items_archive is not in the ledger', 'of orders_archive is unproven'],
  },
  {
    name: 'a row that was left behind',
    way: 'here',
    sql: "UPDATE orders SET status = 'DONE' WHERE id = 1; UPDATE truth_orders SET status = 'DONE' WHERE id = 1",
    found: [leftBehind],
  },
  {
    name: 'an item that lies in the month of another order',
    way: 'here',
    sql: 'UPDATE items_archive SET rowkeeper_age = rowkeeper_age + INTERVAL 1 SECOND LIMIT 1',
    found: ['is not in the same month'],
  },
  {
    name: 'A8: an id that is given twice',
    way: 'here',
    sql: 'INSERT INTO issued VALUES (1000)',
    found: ['although 1000 was given before'],
  },
  {
    name: 'a batch in the journal and a lease that were left',
    way: 'here',
    sql: `INSERT INTO rowkeeper_lease VALUES ('shop.orders', 'r1', 't', 'me', UTC_TIMESTAMP() + INTERVAL 60 SECOND, NULL);
      INSERT INTO rowkeeper_journal (run_id, seq, job, source_id, archive_schema, archive_table, state, row_count,
        checksum_xor, checksum_sum, first_key, last_key, created_at)
        VALUES ('r1', 1, 'j', 's', 'a', 'b', 'copied', 0, 0, 0, '', '', UTC_TIMESTAMP())`,
    found: ['me still has the lease', 'batch r1/1 is copied in the journal'],
  },
]
