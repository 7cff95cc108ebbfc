import { describe, expect } from 'vitest'
import { sql, statement } from '../../src/db/statement.ts'
import { never, StoppedError } from '../../src/lib/abort.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { systemRandom } from '../../src/lib/random.ts'
import { createTransact, type LedgerOptions, type Transact } from '../../src/run/ledger.ts'
import { type TestDatabase, test } from '../support/database.ts'
import { withLease } from './held-lease.ts'

interface Given {
  readonly lockWait?: string
  readonly more?: Partial<LedgerOptions>
}

/** Control tables, a lease of ours, a table of fifty numbers, and both write pools of a run. */
async function withTransact(
  database: TestDatabase,
  work: (transact: Transact, options: LedgerOptions) => Promise<void>,
  { lockWait = '1s', more = {} }: Given = {},
): Promise<void> {
  await withLease(database, { config: { timeouts: { lockWait } } }, ({ lease, work: writer }) => {
    let lastSeq = 0
    const options: LedgerOptions = {
      ...{ lease, work: writer, nextSeq: () => ++lastSeq },
      ...{ clock: systemClock, random: systemRandom, kill: never, reach: async () => {} },
      ...more,
    }
    return work(createTransact(options), options)
  })
}

const touch = (n: number) => statement('test.touch', sql`UPDATE numbers SET times = times + 1 WHERE n = ${n}`)

async function timesOf(database: TestDatabase, n: number): Promise<unknown> {
  const [row] = await database.query('SELECT times FROM numbers WHERE n = ?', [n])
  return row?.times
}

async function batchesOf(database: TestDatabase): Promise<unknown[]> {
  const rows = await database.query('SELECT seq, label FROM rowkeeper_batch ORDER BY seq')
  return rows.map(({ seq, label }) => `${seq} ${label}`)
}

describe('a transaction of a run', () => {
  test('commits its marker row together with its data', async ({ database }) => {
    await withTransact(database, async (transact) => {
      const value = await transact('first', async (transaction) => {
        await transaction.change(touch(1))
        // Nobody else sees the marker before the data is there.
        expect(await batchesOf(database)).toEqual([])
        return 'value'
      })
      await transact('second', async () => {})
      expect(value).toBe('value')
      expect(await timesOf(database, 1)).toBe(1)
      expect(await batchesOf(database)).toEqual(['1 first', '2 second'])
    })
  })

  test('leaves neither when its work fails', async ({ database }) => {
    await withTransact(database, async (transact) => {
      const failing = transact('fails', async (transaction) => {
        await transaction.change(touch(1))
        throw new Error('work failed')
      })
      await expect(failing).rejects.toThrow('work failed')
      expect(await timesOf(database, 1)).toBe(0)
      expect(await batchesOf(database)).toEqual([])
    })
  })

  test.for([
    ["UPDATE rowkeeper_lease SET token = 'another'", 'was taken over'],
    ['DELETE FROM rowkeeper_lease', 'was given back'],
  ] as const)('writes nothing once its lease %s', async ([change], { database }) => {
    await withTransact(database, async (transact) => {
      await database.query(change)
      let began = false
      const fenced = transact('fenced', async (transaction) => {
        began = true
        await transaction.change(touch(1))
      })
      await expect(fenced).rejects.toMatchObject({ code: 'run.leaseLost', exitCode: 75 })
      await expect(fenced).rejects.toBeInstanceOf(StoppedError)
      expect(began).toBe(false)
      expect(await batchesOf(database)).toEqual([])
    })
  })

  test('keeps its lease from being taken over until it ended', async ({ database }) => {
    await withTransact(database, async (transact) => {
      await transact('holds', async () => {
        await database.query('SET SESSION innodb_lock_wait_timeout = 1')
        await expect(database.query("UPDATE rowkeeper_lease SET token = 'another'")).rejects.toMatchObject({
          errno: 1205,
        })
      })
      await database.query("UPDATE rowkeeper_lease SET token = 'another'")
    })
  })
})

describe('a transaction in the way of another', () => {
  test('waits for a lock in vain, rolls back and is run again', async ({ database }) => {
    await withTransact(database, async (transact) => {
      let runs = 0
      await database.query('START TRANSACTION; UPDATE numbers SET times = 0 WHERE n = 2')
      await transact('waits', async (transaction) => {
        runs += 1
        if (runs === 2) await database.query('COMMIT')
        await transaction.change(touch(1))
        await transaction.change(touch(2))
      })
      expect(runs).toBe(2)
      expect([await timesOf(database, 1), await timesOf(database, 2)]).toEqual([1, 1])
      // The marker of the first try went with it.
      expect(await batchesOf(database)).toEqual(['2 waits'])
    })
  })

  test('is chosen to end a deadlock, and is run again', async ({ database }) => {
    await withTransact(
      database,
      async (transact) => {
        let runs = 0
        let other: Promise<unknown> = Promise.resolve()
        // The server rolls back whoever changed less: forty-nine rows against one and a marker.
        await database.query('START TRANSACTION; UPDATE numbers SET times = 5 WHERE n > 1')
        await transact('deadlocks', async (transaction) => {
          runs += 1
          await transaction.change(touch(1))
          if (runs === 1) {
            other = database.query('UPDATE numbers SET times = 5 WHERE n = 1; COMMIT')
            await systemClock.sleep(200, never)
          }
          await transaction.change(touch(2))
        })
        await other
        expect(runs).toBe(2)
        expect([await timesOf(database, 1), await timesOf(database, 2)]).toEqual([6, 6])
        expect(await batchesOf(database)).toEqual(['2 deadlocks'])
      },
      { lockWait: '5s' },
    )
  })

  test('gives up after the fifth try, with nothing done', async ({ database }) => {
    await withTransact(database, async (transact) => {
      let runs = 0
      await database.query('START TRANSACTION; UPDATE numbers SET times = 0 WHERE n = 2')
      const giving = transact('waits', async (transaction) => {
        runs += 1
        await transaction.change(touch(2))
      })
      await expect(giving).rejects.toMatchObject({ kind: 'statementOnly', number: 1205, exitCode: 75 })
      expect(runs).toBe(5)
      await database.query('ROLLBACK')
      expect(await batchesOf(database)).toEqual([])
    })
  })
})

describe('a connection lost', () => {
  test('before COMMIT: the transaction is run again', async ({ database }) => {
    await withTransact(database, async (transact) => {
      let runs = 0
      await transact('lost', async (transaction) => {
        runs += 1
        if (runs === 1) await database.query(`KILL CONNECTION ${transaction.connectionId}`)
        await transaction.change(touch(1))
      })
      expect(runs).toBe(2)
      expect(await timesOf(database, 1)).toBe(1)
    })
  })

  test('in place of the answer to COMMIT, which did not happen: the marker tells, and it is run again', async ({
    database,
  }) => {
    await withTransact(database, async (transact) => {
      let runs = 0
      await transact('lost', async (transaction) => {
        runs += 1
        await transaction.change(touch(1))
        if (runs === 1) {
          await database.query(`KILL CONNECTION ${transaction.connectionId}`)
          await systemClock.sleep(100, never)
        }
      })
      expect(runs).toBe(2)
      expect(await timesOf(database, 1)).toBe(1)
      expect(await batchesOf(database)).toEqual(['2 lost'])
    })
  })
})

describe('a run that is killed', () => {
  test('does not start a transaction again', async ({ database }) => {
    const controller = new AbortController()
    const more = { kill: controller.signal }
    await withTransact(
      database,
      async (transact) => {
        await database.query('START TRANSACTION; UPDATE numbers SET times = 0 WHERE n = 2')
        let runs = 0
        const killed = transact('waits', async (transaction) => {
          runs += 1
          controller.abort(new StoppedError('interrupted'))
          await transaction.change(touch(2))
        })
        await expect(killed).rejects.toBeInstanceOf(StoppedError)
        expect(runs).toBe(1)
        await database.query('ROLLBACK')
      },
      { more },
    )
  })
})
