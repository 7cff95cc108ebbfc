import { describe, expect } from 'vitest'
import type { WriteSession } from '../../src/db/session.ts'
import { raw, sql, statement } from '../../src/db/statement.ts'
import { StoppedError } from '../../src/lib/abort.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { systemRandom } from '../../src/lib/random.ts'
import type { Writing } from '../../src/run/context.ts'
import { createDefine, type DdlOptions } from '../../src/run/ddl.ts'
import { DefinitionUnknownError } from '../../src/run/ddl-errors.ts'
import type { RunEvent } from '../../src/run/events.ts'
import { giveBackLease, type Lease, takeLease } from '../../src/run/lease.ts'
import { type TestDatabase, test } from '../support/database.ts'
import { openSession } from '../support/session.ts'
import { testServer } from '../support/test-server.ts'
import { withLease } from './held-lease.ts'

interface Given {
  readonly define: Writing['define']
  readonly lease: Lease
  readonly events: readonly RunEvent[]
  readonly stop: AbortController
  readonly kill: AbortController
}

async function withDefine(
  database: TestDatabase,
  work: (given: Given) => Promise<void>,
  more: Partial<DdlOptions> = {},
): Promise<void> {
  const [stop, kill] = [new AbortController(), new AbortController()]
  const config = { timeouts: { lockWait: '1s', statement: '300ms' } }
  await withLease(database, { config, kill: kill.signal }, async ({ lease, opened, definition }) => {
    const events: RunEvent[] = []
    const define = createDefine({
      ...{ lease, writer: definition, read: opened.read, stop: stop.signal, kill: kill.signal },
      ...{ clock: systemClock, random: systemRandom, reach: async () => {} },
      emit: (event) => void events.push(event),
      ...more,
    })
    await work({ define, lease, events, stop, kill })
    expect(lease.connections.size).toBe(0)
  })
}

const addColumn = statement('test.add-column', sql`ALTER TABLE numbers ADD COLUMN extra INT`)
const sleep = (seconds: number) => statement('test.sleep', sql`DO SLEEP(${seconds})`)

async function recordedConnections(database: TestDatabase): Promise<unknown> {
  const [row] = await database.query('SELECT connections FROM rowkeeper_lease')
  return row?.connections
}

async function columnsOf(database: TestDatabase): Promise<unknown[]> {
  return (await database.query('SHOW COLUMNS FROM numbers')).map(({ Field }) => Field)
}

async function isConnected(database: TestDatabase, connectionId: string): Promise<boolean> {
  const rows = await database.query('SELECT ID FROM information_schema.PROCESSLIST WHERE ID = ?', [
    connectionId,
  ])
  return rows.length > 0
}

describe('a definition', () => {
  test('has its connection in the lease while it runs, and may outlast the statement timeout', async ({
    database,
  }) => {
    await withDefine(database, async ({ define }) => {
      const value = await define('add', async (session) => {
        expect(await recordedConnections(database)).toBe(JSON.stringify([session.connectionId]))
        await session.change(sleep(0.6))
        await session.change(addColumn)
        return 'value'
      })
      expect(value).toBe('value')
      expect(await columnsOf(database)).toEqual(['n', 'times', 'extra'])
      expect(await recordedConnections(database)).toBeNull()
    })
  })

  test('does not begin when the lease went to somebody else', async ({ database }) => {
    let isOurs = true
    const reach = async () => {
      if (!isOurs) await database.query("UPDATE rowkeeper_lease SET token = 'another'")
    }
    await withDefine(
      database,
      async ({ define }) => {
        isOurs = false
        let began = false
        const fenced = () =>
          define('add', async () => {
            began = true
          })
        // Lost after the connection was recorded, then before.
        await expect(fenced()).rejects.toMatchObject({ code: 'run.leaseLost', exitCode: 75 })
        await expect(fenced()).rejects.toBeInstanceOf(StoppedError)
        expect(began).toBe(false)
      },
      { reach },
    )
  })

  test('unlocks what its work left locked, whether it failed or not', async ({ database }) => {
    await withDefine(database, async ({ define }) => {
      const lock = async (session: WriteSession) => {
        await session.change(statement('test.lock', raw('LOCK TABLES numbers WRITE')))
      }
      const failing = define('lock and fail', async (session) => {
        await lock(session)
        throw new Error('work failed')
      })
      await expect(failing).rejects.toThrow('work failed')
      await database.query('UPDATE numbers SET times = 1')
      await define('lock', lock)
      await database.query('UPDATE numbers SET times = 2')
      expect(await recordedConnections(database)).toBeNull()
    })
  })
})

describe('a definition in the way of others', () => {
  test('waits shortly, lets them through, and tries again', async ({ database }) => {
    const other = await openSession(database.url)
    try {
      const pause = async (_: number, signal: AbortSignal) => {
        signal.throwIfAborted()
        await other.query('COMMIT')
      }
      await withDefine(
        database,
        async ({ define, events }) => {
          await other.query('BEGIN')
          await other.query('SELECT * FROM numbers')
          let tries = 0
          await define('add', async (session) => {
            tries += 1
            await session.change(addColumn)
          })
          expect(tries).toBe(2)
          expect(events).toMatchObject([{ type: 'retrying', what: 'add', attempt: 1 }])
        },
        { clock: { ...systemClock, sleep: pause } },
      )
    } finally {
      await other.close()
    }
  })

  test('names them when its patience is over', async ({ database }) => {
    const other = await openSession(database.url)
    try {
      await withDefine(database, async ({ define }) => {
        await other.query('BEGIN')
        const [own] = await other.query('SELECT CONNECTION_ID() AS id, n FROM numbers LIMIT 1')
        const giving = define('add a column', (session) => session.change(addColumn), {
          patienceMs: 0,
          tables: [{ schema: database.name, table: 'numbers' }],
        })
        const known =
          testServer().family === 'mysql' ? 'the lock is held by' : 'the oldest open transactions are of'
        await expect(giving).rejects.toMatchObject({
          code: 'lock.notHad',
          exitCode: 75,
          retryable: true,
          message: expect.stringMatching(
            new RegExp(`^add a column: .*${known} connection ${own?.id} \\(root@.*\\), idle, for \\d`),
          ),
        })
        expect(await recordedConnections(database)).toBeNull()
      })
    } finally {
      await other.close()
    }
  })

  test('stops waiting when the run is asked to stop', async ({ database }) => {
    const other = await openSession(database.url)
    try {
      await withDefine(database, async ({ define, stop }) => {
        await other.query('BEGIN')
        await other.query('SELECT * FROM numbers')
        const reason = new StoppedError('stopped')
        const stopped = define('add', (session) => session.change(addColumn))
        stop.abort(reason)
        await expect(stopped).rejects.toBe(reason)
      })
    } finally {
      await other.close()
    }
  })
})

describe('a connection lost', () => {
  test('in the middle: nobody knows, but nothing is under way any more', async ({ database }) => {
    await withDefine(database, async ({ define }) => {
      let connectionId = ''
      const lost = define('add', async (session) => {
        connectionId = session.connectionId
        const altering = session.change(sleep(20))
        altering.catch(() => {})
        await database.query(`KILL CONNECTION ${session.connectionId}`)
        await altering
      })
      await expect(lost).rejects.toMatchObject({
        code: 'database.definitionUnknown',
        effect: 'unknown',
        exitCode: 6,
      })
      await expect(lost).rejects.toBeInstanceOf(DefinitionUnknownError)
      expect(await isConnected(database, connectionId)).toBe(false)
      expect(await recordedConnections(database)).toBeNull()
    })
  })

  test('before the first statement: it is run again', async ({ database }) => {
    let cut = true
    const reach = async (point: string) => {
      if (point !== 'ddl.recorded' || !cut) return
      cut = false
      const [id] = JSON.parse(String(await recordedConnections(database)))
      await database.query(`KILL CONNECTION ${Number(id)}`)
    }
    await withDefine(
      database,
      async ({ define }) => {
        await define('add', (session) => session.change(addColumn))
        expect(await columnsOf(database)).toContain('extra')
        expect(await recordedConnections(database)).toBeNull()
      },
      { reach },
    )
  })

  test('by a kill of the run: it is interrupted at once', async ({ database }) => {
    await withDefine(database, async ({ define, kill }) => {
      const begun = systemClock.elapsed()
      const reason = new StoppedError('interrupted')
      let connectionId = ''
      const killed = define('add', async (session) => {
        connectionId = session.connectionId
        const altering = session.change(statement('test.long', sql`UPDATE numbers SET times = SLEEP(5)`))
        kill.abort(reason)
        await altering
      })
      await expect(killed).rejects.toBe(reason)
      expect(systemClock.elapsed() - begun).toBeLessThan(2000)
      expect(await isConnected(database, connectionId)).toBe(false)
    })
  })
})

describe('a lease', () => {
  test('is not given back while the server may still be at a definition', async ({ database }) => {
    await withLease(database, {}, async ({ lease }) => {
      lease.connections.add('42')
      await giveBackLease(lease)
      expect(await recordedConnections(database)).toBeNull()
      lease.connections.clear()
      await giveBackLease(lease)
      expect(await recordedConnections(database)).toBeUndefined()
    })
  })
})

describe('a lease taken over', () => {
  test('has its recorded connections ended first', async ({ database }) => {
    await withLease(database, {}, async ({ lease, work }) => {
      let isEnded = false
      const left = work.use(async (session) => {
        const connections = JSON.stringify([session.connectionId, '4294967295'])
        await database.query('UPDATE rowkeeper_lease SET connections = ?, expires_at = UTC_TIMESTAMP()', [
          connections,
        ])
        await session.change(sleep(20))
      })
      const noticed = left.catch(() => {
        isEnded = true
      })
      await expect.poll(() => recordedConnections(database)).not.toBeNull()
      const taking = { ...lease, row: { ...lease.row, runId: 'run-2', token: 'their-token' } }
      const host = { holder: 'ops@beta:2', mayBeAlive: () => true }
      const taken = await takeLease({ lease: taking, host, clock: systemClock })
      await noticed
      expect(isEnded).toBe(true)
      expect(taken).toEqual({ takenOverFrom: 'run-1' })
      expect(await recordedConnections(database)).toBeNull()
    })
  })
})
