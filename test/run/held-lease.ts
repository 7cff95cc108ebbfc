import { controlMigrations } from '../../migrations/index.ts'
import type { Database, Writer } from '../../src/db/database.ts'
import { WriteGrant } from '../../src/db/grant.ts'
import type { Lease } from '../../src/run/lease.ts'
import { insertLease } from '../../src/run/sql.ts'
import { installState } from '../../src/run/state.ts'
import { type OpenOptions, withReader } from '../db/open.ts'
import type { TestDatabase } from '../support/database.ts'
import { surroundings, testDatabase } from './surroundings.ts'

export interface Held {
  readonly lease: Lease
  readonly opened: Database
  readonly work: Writer
  readonly definition: Writer
}

/** A run that holds the lease of `shop.numbers`, with its pools, on a database with fifty numbers. */
export async function withLease(
  database: TestDatabase,
  options: OpenOptions,
  work: (held: Held) => Promise<void>,
): Promise<void> {
  const named = testDatabase(database.url)
  await installState({ database: named, surroundings: surroundings(), migrations: controlMigrations })
  const numbers = Array.from({ length: 50 }, (_, index) => `(${index + 1}, 0)`).join()
  await database.query(
    `CREATE TABLE numbers (n INT PRIMARY KEY, times INT); INSERT INTO numbers VALUES ${numbers}`,
  )
  const row = { name: 'shop.numbers', runId: 'run-1', token: 'our-token', holder: 'ops@alpha:1' }
  await withReader(
    database.url,
    async (opened) => {
      const grant = WriteGrant.mint('test')
      const ledger = await opened.openWriter(grant, 'ledger')
      const writer = await opened.openWriter(grant, 'work')
      const definition = await opened.openWriter(grant, 'definition')
      try {
        await ledger.use((session) => session.change(insertLease(database.name, row, 60)))
        const lease: Lease = { ledger, schema: database.name, row, connections: new Set() }
        await work({ lease, opened, work: writer, definition })
      } finally {
        for (const pool of [definition, writer, ledger]) await pool.close()
      }
    },
    options,
  )
}
