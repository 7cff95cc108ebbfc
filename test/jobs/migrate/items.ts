import type { TestDatabase } from '../../support/database.ts'

/** Rows from 1 on, whose amount is their id. */
export async function makeItems(database: TestDatabase, rows: number): Promise<void> {
  await database.query(`CREATE TABLE items (
    id INT NOT NULL AUTO_INCREMENT PRIMARY KEY, name VARCHAR(40) NOT NULL, amount INT NOT NULL, KEY by_amount (amount)
  )`)
  if (rows === 0) return
  await database.query("INSERT INTO items VALUES (1, 'item 1', 1)")
  for (let count = 1; count < rows; count *= 2)
    await database.query(
      `INSERT INTO items SELECT id + ${count}, CONCAT('item ', id + ${count}), id + ${count} FROM items WHERE id + ${count} <= ${rows}`,
    )
}
