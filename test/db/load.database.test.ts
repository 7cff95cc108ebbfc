import { afterAll, beforeAll, describe, expect, vi } from 'vitest'
import {
  countReplicas,
  readHistoryLength,
  readLongestTransaction,
  readReplicaLagMs,
  readThreadsRunning,
} from '../../src/db/load.ts'
import type { ReadSession } from '../../src/db/session.ts'
import { test } from '../support/database.ts'
import { openSession } from '../support/session.ts'
import { testServer } from '../support/test-server.ts'
import { withAccount } from './account.ts'
import { withReader } from './open.ts'
import { type Replica, startReplica } from './replica.ts'

const measure = <T>(url: string, sensor: (session: ReadSession) => Promise<T>): Promise<T> =>
  withReader(url, ({ read }) => read(sensor))

const isMysql = () => testServer().family === 'mysql'

describe('the load of a server', () => {
  test('counts the sessions that are at work', async ({ database }) => {
    const other = await openSession(database.url)
    const working = other.query('SELECT SLEEP(0.5)')
    expect(await measure(database.url, readThreadsRunning)).toBeGreaterThanOrEqual(2)
    await working
    await other.close()
  })

  test('has a history that grows while a snapshot is open', async ({ database }) => {
    await database.query('CREATE TABLE counter (n INT); INSERT INTO counter VALUES (0)')
    const other = await openSession(database.url)
    await other.query('START TRANSACTION WITH CONSISTENT SNAPSHOT')
    for (let n = 0; n < 30; n += 1) await database.query('UPDATE counter SET n = n + 1')
    expect(await measure(database.url, readHistoryLength)).toBeGreaterThanOrEqual(30)
    await other.close()
  })

  test('names the oldest transaction, and never its own', async ({ database }) => {
    await database.query('CREATE TABLE counter (n INT)')
    const other = await openSession(database.url)
    const [session] = await other.query('SELECT CONNECTION_ID() AS id')
    await other.query('START TRANSACTION')
    await other.query('INSERT INTO counter VALUES (1)')
    const oldest = await withReader(database.url, ({ read }) =>
      read((own) => own.snapshot((snapshot) => readLongestTransaction(snapshot))),
    )
    expect(oldest?.connectionId).toBe(String(session?.id))
    expect(oldest?.ageMs).toBeLessThan(5000)
    await other.query('COMMIT')
    await vi.waitFor(
      async () => expect(await measure(database.url, readLongestTransaction)).toBeUndefined(),
      { interval: 200, timeout: 3000 },
    )
    await other.close()
  })

  test('is unreadable by name, with the grant that is missing', async ({ database }) => {
    await withAccount(database, [`SELECT ON ${database.name}.*`], async (url) => {
      const account = `'${database.name}'@'127.0.0.1'`
      const refused = (sensor: string, privilege: string) => ({
        ...{ code: 'load.unreadable', exitCode: 75, retryable: true },
        message: `The ${sensor} could not be read: the account lacks the privilege ${privilege}.`,
        hint: `An administrator can allow it: GRANT ${privilege} ON *.* TO ${account}`,
      })
      await expect(measure(url, readLongestTransaction)).rejects.toMatchObject(
        refused('oldest open transaction', 'PROCESS'),
      )
      await expect(measure(url, readReplicaLagMs)).rejects.toMatchObject(
        refused('replica lag', isMysql() ? 'REPLICATION CLIENT' : 'SLAVE MONITOR'),
      )
      expect(await measure(url, countReplicas)).toBeUndefined()
      const history = measure(url, readHistoryLength)
      if (isMysql()) await expect(history).rejects.toMatchObject(refused('history list length', 'PROCESS'))
      else expect(await history).toBeGreaterThanOrEqual(0)
    })
  })

  test('does not take a counter that is switched off for zero', async ({ database }) => {
    if (!isMysql()) return
    await database.query("SET GLOBAL innodb_monitor_disable = 'trx_rseg_history_len'")
    try {
      await expect(measure(database.url, readHistoryLength)).rejects.toMatchObject({
        code: 'load.unreadable',
        hint: "Turn the counter on: SET GLOBAL innodb_monitor_enable = 'trx_rseg_history_len'",
      })
    } finally {
      await database.query("SET GLOBAL innodb_monitor_enable = 'trx_rseg_history_len'")
    }
  })
})

describe('the lag', () => {
  let replica: Replica

  beforeAll(async () => {
    replica = await startReplica()
  })

  afterAll(() => replica.stop())

  test('is unreadable on a server that is no replica', async ({ database }) => {
    await expect(measure(database.url, readReplicaLagMs)).rejects.toMatchObject({
      code: 'load.unreadable',
      exitCode: 75,
      message: 'The replica lag could not be read: this server is not a replica.',
    })
    expect(await measure(database.url, countReplicas)).toBe(0)
  })

  test('is unreadable while replication stands still, and then that of the last change', async ({
    database,
  }) => {
    await replica.connect(database)
    const lag = () => measure(`${replica.url}${database.name}`, readReplicaLagMs)
    await expect(lag()).rejects.toThrow(
      'The replica lag could not be read: replication does not run (receiver No, applier No).',
    )
    await replica.run('START REPLICA')
    await vi.waitFor(async () => expect(await lag()).toBe(0), 5000)
    expect(await measure(database.url, countReplicas)).toBe(1)
    const blocker = await openSession(replica.url)
    await blocker.query('FLUSH TABLES WITH READ LOCK')
    await database.query('CREATE TABLE numbers (n INT)')
    const late = await vi.waitFor(async () => {
      const milliseconds = await lag()
      expect(milliseconds).toBeGreaterThan(0)
      return milliseconds
    }, 8000)
    expect(late % 1000).toBe(0)
    await blocker.close()
    await replica.run(
      isMysql()
        ? "CHANGE REPLICATION SOURCE TO SOURCE_HOST = '127.0.0.1', SOURCE_PORT = 1 FOR CHANNEL 'second'"
        : "CHANGE MASTER 'second' TO MASTER_HOST = '127.0.0.1', MASTER_PORT = 1, MASTER_USER = 'nobody'",
    )
    await expect(lag()).rejects.toThrow('channel second does not run (receiver No, applier No)')
  })
})
