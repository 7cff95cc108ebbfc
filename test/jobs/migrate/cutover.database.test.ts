import { describe, expect } from 'vitest'
import { never } from '../../../src/lib/abort.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import { test } from '../../support/migrate-job.ts'
import { openSession } from '../../support/session.ts'
import { makeItems } from './items.ts'
import { findLeftovers, findLost } from './live/rows.ts'
import { startWriters } from './live/writers.ts'

const rounds = process.env.ROWKEEPER_FAULTS === 'all' ? 200 : 5

describe('the swap', () => {
  test(`loses no write when a reader holds the copy, ${rounds} times`, async ({ database, openMigrate }) => {
    await makeItems(database, 300)
    const writers = await startWriters(database, 11, 300)
    const reader = await openSession(database.url)
    try {
      for (let round = 0; round < rounds; round++) {
        const job = await openMigrate({
          job: {
            alter: `MODIFY COLUMN amount ${round % 2 === 0 ? 'BIGINT' : 'INT'} NOT NULL`,
            keepOld: false,
          },
        })
        let isHeld = false
        const { result } = await job.run({
          async reach(point) {
            if (point !== 'migrate.tables-locked' || isHeld) return
            isHeld = true
            // Waits for the lock, then holds the copy while the names change, as a curious person would.
            void reader
              .query('START TRANSACTION')
              .then(() => reader.query('SELECT COUNT(*) FROM items__rk_new'))
              .then(() => systemClock.sleep(100, never))
              .catch(() => {})
              .then(() => reader.query('ROLLBACK'))
          },
        })
        expect(result.error).toBeUndefined()
      }
    } finally {
      await writers.stop()
      await reader.close()
    }
    const written = await writers.stop()
    expect(written.errors).toEqual([])
    expect(await findLost(database, written)).toEqual([])
  }, 600_000)

  test('gives up for a moment when a transaction holds the table, and names it', async ({
    database,
    openMigrate,
  }) => {
    await makeItems(database, 300)
    const holder = await openSession(database.url)
    const told: string[] = []
    const job = await openMigrate({ job: { cutOver: { lockWait: '1s' } } })
    let longestMs = 0
    try {
      const running = job.run({
        async reach(point) {
          if (point !== 'migrate.way-back-made') return
          await holder.query('START TRANSACTION')
          await holder.query('SELECT COUNT(*) FROM items')
        },
        emit(event) {
          if (event.type !== 'retrying') return
          told.push(event.why)
          void holder.query('ROLLBACK')
        },
      })
      const writer = await openSession(database.url)
      for (let look = 0; look < 30 && told.length === 0; look++) {
        const begun = systemClock.elapsed()
        await writer.change('UPDATE items SET name = ? WHERE id = 1', [`n${look}`])
        longestMs = Math.max(longestMs, systemClock.elapsed() - begun)
        await systemClock.sleep(100, never)
      }
      await writer.close()
      expect((await running).result.exitCode).toBe(0)
    } finally {
      await holder.close()
    }
    expect(told.length).toBeGreaterThan(0)
    expect(told[0]).toContain('connection')
    // The lock wait and half a second, and what a busy machine adds.
    expect(longestMs).toBeLessThan(2000)
  }, 60_000)

  test('is refused when somebody altered the table meanwhile', async ({ database, openMigrate }) => {
    await makeItems(database, 300)
    const job = await openMigrate()
    const { result } = await job.run({
      async reach(point) {
        if (point === 'migrate.way-back-made')
          await database.query('ALTER TABLE items ADD COLUMN other INT NULL')
      },
    })
    expect(result).toMatchObject({ exitCode: 1, error: { code: 'migrate.altered' } })
    expect((await job.verb('cleanup')).result.exitCode).toBe(0)
    expect(await findLeftovers(database)).toEqual([])
    expect(await database.query("SHOW COLUMNS FROM items LIKE 'other'")).toHaveLength(1)
  })

  test('does not come when rows clash under a new unique key, also one that came late', async ({
    database,
    openMigrate,
  }) => {
    await makeItems(database, 300)
    const job = await openMigrate({ job: { alter: 'ADD UNIQUE KEY one_amount (amount)' } })
    const { result } = await job.run({
      async reach(point) {
        if (point === 'migrate.way-back-made')
          await database.query("INSERT INTO items VALUES (900, 'twin', 7)")
      },
    })
    expect(result).toMatchObject({ exitCode: 1, error: { code: 'migrate.duplicate' } })
    expect(await database.query('SELECT COUNT(*) AS found FROM items WHERE amount = 7')).toEqual([
      { found: '2' },
    ])
    expect(await database.query("SHOW INDEX FROM items WHERE Key_name = 'one_amount'")).toEqual([])
  })

  test('comes when a row of the copy was damaged, after it was carried over again', async ({
    database,
    openMigrate,
  }) => {
    await makeItems(database, 300)
    const job = await openMigrate()
    let isDamaged = false
    const { result } = await job.run({
      async reach(point) {
        if (point !== 'migrate.indexes-built' || isDamaged) return
        isDamaged = true
        await database.query(
          'UPDATE items__rk_new SET amount = amount + 1 WHERE id = 17; DELETE FROM items__rk_new WHERE id = 18',
        )
        await database.query("INSERT INTO items__rk_new (id, name, amount) VALUES (250000, 'ghost', 1)")
        await database.query('DELETE FROM items__rk_new WHERE id = 250000')
      },
    })
    expect(result.error).toBeUndefined()
    expect(
      await database.query('SELECT CAST(amount AS CHAR) AS amount FROM items WHERE id IN (17, 18)'),
    ).toEqual([{ amount: '17' }, { amount: '18' }])
  })
})
