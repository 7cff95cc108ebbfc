import type { ArchiveJob, ArchiveSettings } from '../../../support/archive-job.ts'
import type { TestDatabase, TestRow } from '../../../support/database.ts'

type OpenArchive = (settings?: ArchiveSettings) => Promise<ArchiveJob>

/** A month so many months before the one of the server's clock: `2021-10`. */
export async function monthAgo(database: TestDatabase, months: number): Promise<string> {
  const [row] = await database.query(`SELECT DATE_FORMAT(NOW() - INTERVAL ${months} MONTH, '%Y-%m') AS month`)
  return String(row?.month)
}

/** `p202110`. */
export function partitionOf(month: string): string {
  return `p${month.replace('-', '')}`
}

/**
 * An archive that has moved its months, and now keeps 60 of them: three rows each in the one that is just old enough to
 * go, and in the one after it.
 */
export async function openFilledArchive(
  database: TestDatabase,
  openArchive: OpenArchive,
  into: Readonly<Record<string, unknown>> = {},
): Promise<{ job: ArchiveJob; old: string; young: string }> {
  await database.query(`CREATE TABLE orders (id BIGINT PRIMARY KEY, created_at DATETIME NOT NULL,
    note VARCHAR(40) NULL, KEY orders_by_age (created_at, id))`)
  const [old, young] = [await monthAgo(database, 61), await monthAgo(database, 60)]
  await addOrders(database, [1, 2, 3], old)
  await addOrders(database, [4, 5, 6], young)
  const job = await openArchive()
  await job.run()
  await job.configure({ job: { into: { table: 'orders_archive', keep: '60 months', ...into } } })
  return { job, old, young }
}

export async function addOrders(
  database: TestDatabase,
  ids: readonly number[],
  month: string,
): Promise<void> {
  const values = ids.map(
    (id) => `(${id}, '${month}-0${1 + (id % 9)} 10:00:00', ${id % 2 === 0 ? 'NULL' : `'n${id}'`})`,
  )
  await database.query(`INSERT INTO orders VALUES ${values.join(', ')}`)
}

/** As if the time of holding were over. */
export async function letTimePass(database: TestDatabase): Promise<void> {
  await database.query(
    'UPDATE rowkeeper_month SET held_until = NOW(3) - INTERVAL 1 SECOND WHERE held_until IS NOT NULL',
  )
}

/** The ids of a table, `missing` when there is none. */
export async function idsOf(database: TestDatabase, table: string): Promise<string> {
  const rows = await database
    .query(`SELECT id FROM ${table} ORDER BY id`)
    .catch((error: { errno?: number }) => {
      if (error.errno === 1146) return undefined
      throw error
    })
  return rows === undefined ? 'missing' : rows.map(({ id }) => String(id)).join(' ')
}

export function heldTables(database: TestDatabase): Promise<TestRow[]> {
  return database.query("SHOW TABLES LIKE 'rk\\_hold\\_%'")
}
