import type { TestDatabase, TestRow } from '../../../support/database.ts'

/** `orders`, cut by month itself: June 2005 with rows, and July if wished, August without, and all that is younger. */
export async function makeMonthlyOrders(
  database: TestDatabase,
  { june, july = 0 }: { readonly june: number; readonly july?: number },
): Promise<void> {
  await database.query(`CREATE TABLE orders (
    id BIGINT NOT NULL AUTO_INCREMENT,
    created_at DATETIME NOT NULL,
    status VARCHAR(10) NOT NULL DEFAULT 'DONE',
    note VARCHAR(40) NULL,
    total DECIMAL(12,2) GENERATED ALWAYS AS (LENGTH(status) * 1.5) STORED,
    PRIMARY KEY (id, created_at),
    KEY orders_by_age (created_at, id)
  ) PARTITION BY RANGE COLUMNS (created_at) (
    PARTITION p200506 VALUES LESS THAN ('2005-07-01'),
    PARTITION p200507 VALUES LESS THAN ('2005-08-01'),
    PARTITION p200508 VALUES LESS THAN ('2005-09-01'),
    PARTITION recent VALUES LESS THAN (MAXVALUE)
  )`)
  await addOrders(database, '2005-06-01', june)
  if (july > 0) await addOrders(database, '2005-07-01', july)
  await database.query("INSERT INTO orders (created_at, note) VALUES (NOW(), 'new')")
}

export async function addOrders(database: TestDatabase, day: string, rows: number): Promise<void> {
  const values = Array.from(
    { length: rows },
    (_, index) => `('${day}' + INTERVAL ${index} HOUR, ${index % 3 === 0 ? 'NULL' : `'note ${index}'`})`,
  )
  await database.query(`INSERT INTO orders (created_at, note) VALUES ${values.join(', ')}`)
}

/** `p200507 40, recent 1`: partitions that hold rows, counted. */
export async function countByPartition(database: TestDatabase, table: string): Promise<string> {
  const counts: string[] = []
  for (const name of await partitionsOf(database, table)) {
    const [row] = await database.query(`SELECT COUNT(*) AS n FROM ${table} PARTITION (${name})`)
    if (String(row?.n) !== '0') counts.push(`${name} ${row?.n}`)
  }
  return counts.join(', ')
}

export async function partitionsOf(database: TestDatabase, table: string): Promise<readonly string[]> {
  const rows = await database.query(
    `SELECT PARTITION_NAME AS name FROM information_schema.PARTITIONS
      WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND PARTITION_NAME IS NOT NULL ORDER BY PARTITION_ORDINAL_POSITION`,
    [database.name, table],
  )
  return rows.map(({ name }) => String(name))
}

/** Tables that rowkeeper made for itself and should have taken away. */
export function heldTables(database: TestDatabase): Promise<TestRow[]> {
  return database.query("SHOW TABLES LIKE 'rk\\_hold\\_%'")
}
