import type { ArchiveJob, ArchiveSettings } from '../../../support/archive-job.ts'
import { test as archiveTest } from '../../../support/archive-job.ts'
import { readExact } from '../../../support/archive-tables.ts'
import type { TestDatabase, TestRow } from '../../../support/database.ts'
import { openSession } from '../../../support/session.ts'

export interface Carried {
  readonly job: ArchiveJob
  /** Every row of a table and of its archive table, with how often it is there in both together. */
  readEverything(tables?: readonly string[]): Promise<readonly string[]>
  /** What is left of batches that are not settled. */
  journal(): Promise<TestRow[]>
  /** Rows of the ledger of months beside what the archive tables hold. */
  months(): Promise<TestRow[]>
}

type OpenCarry = (settings?: ArchiveSettings, coldUrl?: string) => Promise<Carried>

/** Archive jobs whose archive tables are in a second database, `cold`, of the same server. */
export const test = archiveTest.extend<{ cold: TestDatabase; openCarry: OpenCarry }>({
  cold: async ({ database }, use) => {
    const name = `${database.name}_cold`
    const url = database.url.replace(database.name, name)
    await database.query(`DROP DATABASE IF EXISTS ${name}; CREATE DATABASE ${name} CHARACTER SET utf8mb4`)
    const session = await openSession(url)
    try {
      await use({ name, url, query: (sql, values) => session.query(sql, values) })
    } finally {
      await session.close()
    }
    await database.query(`DROP DATABASE ${name}`)
  },
  openCarry: async ({ database, cold, openArchive }, use) => {
    await use(async ({ job = {}, ...settings } = {}, coldUrl = cold.url) => {
      const into = { table: 'orders_archive', database: 'cold', monthsAhead: 0 }
      const opened = await openArchive({
        ...settings,
        job: { into, ...job },
        databases: { cold: { url: coldUrl } },
      })
      return carried(opened, database, cold)
    })
  },
})

function carried(job: ArchiveJob, database: TestDatabase, cold: TestDatabase): Carried {
  return {
    job,
    async readEverything(tables = ['orders']) {
      const parts = await Promise.all(
        tables.flatMap((table) => [readExact(database, table), readArchive(cold, `${table}_archive`)]),
      )
      return parts.flat().toSorted()
    },
    journal: () => cold.query('SELECT * FROM rowkeeper_journal ORDER BY run_id, seq'),
    months: () => cold.query('SELECT * FROM rowkeeper_month ORDER BY archive_table, month'),
  }
}

/** Nothing while the table is still to be made. */
async function readArchive(cold: TestDatabase, table: string): Promise<readonly string[]> {
  const known = await cold.query(
    `SELECT COLUMN_NAME AS name FROM information_schema.COLUMNS
      WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ? AND COLUMN_NAME <> 'rowkeeper_age'`,
    [cold.name, table],
  )
  if (known.length === 0) return []
  return readExact(
    cold,
    table,
    known.map(({ name }) => String(name)),
  )
}
