import { describe, expect } from 'vitest'
import { findLockHolders } from '../../src/db/lock-holders.ts'
import { test } from '../support/database.ts'
import { openSession } from '../support/session.ts'
import { testServer } from '../support/test-server.ts'
import { withAccount } from './account.ts'
import { withReader } from './open.ts'

describe('who holds a table', () => {
  test('is known exactly on MySQL, and guessed from open transactions elsewhere', async ({ database }) => {
    await database.query('CREATE TABLE numbers (n INT PRIMARY KEY); INSERT INTO numbers VALUES (1)')
    const other = await openSession(database.url)
    try {
      await other.query('BEGIN')
      const [own] = await other.query('SELECT CONNECTION_ID() AS id, n FROM numbers')
      const tables = [{ schema: database.name, table: 'numbers' }]
      const found = await withReader(database.url, ({ read }) =>
        read((session) => findLockHolders(session, tables)),
      )
      const certainty = testServer().family === 'mysql' ? 'hold' : 'oldest'
      expect(found).toMatchObject({
        certainty,
        holders: [
          { connectionId: String(own?.id), account: expect.stringContaining('root@'), statement: undefined },
        ],
      })
      const unnamed = await withReader(database.url, ({ read }) =>
        read((session) => findLockHolders(session, [])),
      )
      expect(unnamed.certainty).toBe('oldest')
    } finally {
      await other.close()
    }
  })

  test('is not known to an account that may not see it', async ({ database }) => {
    const tables = [{ schema: database.name, table: 'numbers' }]
    await withAccount(database, [`SELECT ON ${database.name}.*`], async (url) => {
      const found = await withReader(url, ({ read }) => read((session) => findLockHolders(session, tables)))
      expect(found).toEqual({ certainty: 'oldest', holders: [] })
    })
  })
})
