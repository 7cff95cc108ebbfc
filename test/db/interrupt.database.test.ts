import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { describe, expect } from 'vitest'
import { CommitUnknownError } from '../../src/db/errors.ts'
import { sql, statement } from '../../src/db/statement.ts'
import { never, StoppedError } from '../../src/lib/abort.ts'
import { type Clock, systemClock } from '../../src/lib/clock.ts'
import { test } from '../support/database.ts'
import { testServer } from '../support/test-server.ts'
import { withReader, withWriter } from './open.ts'

/** Alone, an interrupted SLEEP is no error on MySQL: it answers 1. Beside a table it fails as every statement does. */
const sleep = statement('test.sleep', sql`SELECT * FROM numbers WHERE SLEEP(30) = 0`)
const one = statement('test.one', sql`SELECT 'one' AS one`)
const table = 'CREATE TABLE numbers (n INT PRIMARY KEY); INSERT INTO numbers VALUES (1), (2)'
const quickly = { config: { poolSize: 1, timeouts: { statement: '200ms' } } }

async function timed(work: () => Promise<unknown>): Promise<{ error: unknown; took: number }> {
  const begun = systemClock.elapsed()
  const error = await work().then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  return { error, took: systemClock.elapsed() - begun }
}

describe('a statement past its time', () => {
  test('is interrupted on the server, and the pool goes on', async ({ database }) => {
    await database.query(table)
    await withReader(
      database.url,
      async ({ read }) => {
        const { error, took } = await timed(() => read((session) => session.rows(sleep)))
        expect(error).toMatchObject({ kind: 'killed', message: expect.stringContaining('200 ms') })
        expect(took).toBeLessThan(1500)
        expect(await read((session) => session.rows(one))).toEqual([{ one: 'one' }])
        const running = await database.query(
          "SELECT INFO FROM information_schema.PROCESSLIST WHERE DB = ? AND INFO LIKE '%SLEEP(30)%' AND ID <> CONNECTION_ID()",
          [database.name],
        )
        expect(running).toEqual([])
      },
      quickly,
    )
  })

  test('takes its transaction with it', async ({ database }) => {
    await database.query(table)
    await withWriter(
      database.url,
      async (writer) => {
        const failing = writer.use((session) =>
          session.transaction(async (transaction) => {
            await transaction.change(statement('test.change', sql`UPDATE numbers SET n = 7 WHERE n = 1`))
            await transaction.rows(sleep)
          }),
        )
        await expect(failing).rejects.toMatchObject({ kind: 'killed' })
        expect(await database.query('SELECT n FROM numbers ORDER BY n')).toEqual([{ n: 1 }, { n: 2 }])
      },
      quickly,
    )
  })
})

describe('the kill signal', () => {
  test('interrupts what is in flight at once, with its own reason', async ({ database }) => {
    await database.query(table)
    const controller = new AbortController()
    await withReader(
      database.url,
      async ({ read }) => {
        systemClock.schedule(100, () => controller.abort(new StoppedError('interrupted')))
        const { error, took } = await timed(() => read((session) => session.rows(sleep)))
        expect(error).toBeInstanceOf(StoppedError)
        expect(took).toBeLessThan(1000)
        await expect(read((session) => session.rows(one))).rejects.toBeInstanceOf(StoppedError)
      },
      { kill: controller.signal },
    )
  })

  test('reaches a wait for a lock', async ({ database }) => {
    await database.query(`${table}; START TRANSACTION; UPDATE numbers SET n = 9 WHERE n = 1`)
    const controller = new AbortController()
    await withWriter(
      database.url,
      async (writer) => {
        systemClock.schedule(100, () => controller.abort(new StoppedError('terminated')))
        const change = statement('test.change', sql`UPDATE numbers SET n = 8 WHERE n = 1`)
        const { error, took } = await timed(() => writer.use((session) => session.change(change)))
        expect(error).toBeInstanceOf(StoppedError)
        expect(took).toBeLessThan(1000)
      },
      { kill: controller.signal },
    )
    await database.query('ROLLBACK')
  })
})

describe('a connection that the server ends', () => {
  test('in the middle of a statement settles it, and the pool goes on', async ({ database }) => {
    await database.query(table)
    await withReader(database.url, async ({ read }) => {
      const { error, took } = await timed(() =>
        read(async (session) => {
          const pending = session.rows(sleep)
          pending.catch(() => {})
          await systemClock.sleep(100, never)
          await database.query(`KILL CONNECTION ${session.connectionId}`)
          return pending
        }),
      )
      expect(error).toMatchObject({ kind: 'connectionLost' })
      expect(took).toBeLessThan(2000)
      expect(await read((session) => session.rows(one))).toEqual([{ one: 'one' }])
    })
  })

  test('while it lay in the pool is replaced', async ({ database }) => {
    await withReader(
      database.url,
      async ({ read }) => {
        const id = await read(async (session) => session.connectionId)
        await database.query(`KILL CONNECTION ${id}`)
        await systemClock.sleep(100, never)
        expect(await read((session) => session.rows(one))).toEqual([{ one: 'one' }])
      },
      { config: { poolSize: 1 } },
    )
  })

  test('before COMMIT rolls back; in place of its answer leaves the outcome unknown', async ({
    database,
  }) => {
    await database.query(table)
    await withWriter(database.url, async (writer) => {
      const change = statement('test.change', sql`UPDATE numbers SET n = 7 WHERE n = 1`)
      const lost = writer.use((session) =>
        session.transaction(async (transaction) => {
          await transaction.change(change)
          await database.query(`KILL CONNECTION ${transaction.connectionId}`)
          await systemClock.sleep(100, never)
        }),
      )
      await expect(lost).rejects.toBeInstanceOf(CommitUnknownError)
      expect(await database.query('SELECT n FROM numbers ORDER BY n')).toEqual([{ n: 1 }, { n: 2 }])
    })
  })
})

describe('closing', () => {
  test('settles within two and a half seconds while a statement hangs', async ({ database }) => {
    await database.query(table)
    let hanging: Promise<unknown> = Promise.resolve()
    const { took } = await timed(() =>
      withReader(database.url, async ({ read }) => {
        hanging = read((session) => session.rows(sleep)).catch((error) => error)
        await systemClock.sleep(100, never)
      }),
    )
    expect(took).toBeLessThan(2500)
    await expect(hanging).resolves.toMatchObject({ kind: 'connectionLost' })
    // The socket was cut; the server notices at the end of the statement only.
    const left = await database.query(
      'SELECT ID AS id FROM information_schema.PROCESSLIST WHERE DB = ? AND ID <> CONNECTION_ID()',
      [database.name],
    )
    for (const { id } of left) await database.query(`KILL ${id}`)
  })

  test('leaves nobody asleep, who would keep the process alive', async ({ database }) => {
    let asleep = 0
    const clock: Clock = {
      ...systemClock,
      sleep(milliseconds, signal) {
        asleep += 1
        return systemClock.sleep(milliseconds, signal).finally(() => {
          asleep -= 1
        })
      },
    }
    await withReader(database.url, ({ read }) => read((session) => session.rows(one)), { clock })
    await systemClock.sleep(0, never)
    expect(asleep).toBe(0)
  })
})

describe('a server that is not there', () => {
  test('is told as not reached, with the address', async ({ database }) => {
    const port = await freePort()
    const url = `mysql://root:pw@127.0.0.1:${port}/${database.name}`
    const { error, took } = await timed(() => withReader(url, async () => {}))
    expect(error).toMatchObject({
      kind: 'notSent',
      exitCode: 69,
      message: expect.stringContaining(`127.0.0.1:${port} as root`),
    })
    expect(took).toBeLessThan(2000)
  })

  test('and takes connections without a word is given up after the connect timeout', async ({ database }) => {
    const silent = createServer(() => {})
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    const { port } = silent.address() as AddressInfo
    const url = `mysql://root:pw@127.0.0.1:${port}/${database.name}`
    const { error, took } = await timed(() =>
      withReader(url, async () => {}, { config: { timeouts: { connect: '300ms' } } }),
    )
    silent.close()
    expect(error).toMatchObject({ kind: 'notSent', exitCode: 69 })
    expect(took).toBeLessThan(3000)
  })
})

describe('an account', () => {
  test('with a wrong password is refused without a retry and without the password', async ({ database }) => {
    const url = `mysql://root:wr0ng-word@127.0.0.1:${testServer().port}/${database.name}`
    const { error } = await timed(() => withReader(url, async () => {}))
    expect(error).toMatchObject({ kind: 'permission', exitCode: 77, retryable: false })
    expect(String((error as Error).message)).not.toContain('wr0ng-word')
  })
})

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })
}
