import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { never } from '../../src/lib/abort.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { recover } from '../jobs/reconcile/faults/recover.ts'
import { mixedFates } from '../jobs/reconcile/faults/truth.ts'
import { findViolations } from '../jobs/reconcile/faults/violations.ts'
import { faultyBinary } from '../support/break-run.ts'
import { readDocument, type StartedCommand } from '../support/cli.ts'
import { type OwnServer, startOwnServer } from '../support/own-server.ts'
import { openShop, type ReconcileShop } from '../support/reconcile-shop.ts'

const fates = mixedFates(12)
let server: OwnServer

beforeAll(async () => {
  server = await startOwnServer()
})

afterAll(async () => {
  await server.stop()
})

/** With an account that is not exempt from read_only, as the application's would be. */
async function withShop(name: string, work: (shop: ReconcileShop) => Promise<void>): Promise<void> {
  const database = await server.createDatabase(name)
  await database.query(`
    CREATE USER IF NOT EXISTS ${name}@'127.0.0.1' IDENTIFIED BY 'secret';
    GRANT ALL ON ${name}.* TO ${name}@'127.0.0.1'`)
  const url = new URL(database.url)
  url.username = name
  url.password = 'secret'
  const { shop, close } = await openShop({ ...database, url: url.href })
  try {
    await shop.seed(fates)
    await work(shop)
  } finally {
    await close()
  }
}

async function startWaiting(shop: ReconcileShop, point: string): Promise<StartedCommand> {
  const command = shop.startBinary(['run', 'payments', '--format', 'json'], {
    binary: faultyBinary,
    environment: { ROWKEEPER_FAULT: `${point}:wait@2` },
  })
  await command.says(`waiting at ${point}`)
  return command
}

const unavailable = 69

describe('a server that', () => {
  test('is read-only refuses the run before anything is asked', () =>
    withShop('read_only_before', async (shop) => {
      await shop.database.query('SET GLOBAL read_only = 1')
      const ended = await shop.runBinary(['run', 'payments', '--format', 'json'])
      await shop.database.query('SET GLOBAL read_only = 0')
      expect(ended.exitCode).toBe(4)
      expect(readDocument(ended)).toMatchObject({
        status: 'refused',
        effect: 'none',
        error: { code: 'database.readOnly' },
      })
      expect(shop.provider.state.counts().requests).toBe(0)
      await recover(shop)
      expect(await findViolations(shop, fates)).toEqual([])
    }))

  test('becomes read-only midway ends the run with exit 69; the next one completes', () =>
    withShop('read_only_midway', async (shop) => {
      const command = await startWaiting(shop, 'reconcile.fix-committed')
      await shop.database.query('SET GLOBAL read_only = 1')
      command.signal('SIGUSR2')
      const ended = await command.ended
      const before = await shop.fixes()
      await shop.database.query('SET GLOBAL read_only = 0')
      expect(ended.exitCode).toBe(unavailable)
      expect(readDocument(ended)).toMatchObject({
        effect: 'partial',
        counts: { fixed: 2 },
        error: { code: 'database.wrongServer' },
      })
      expect(before).toHaveLength(3)
      await recover(shop)
      expect(await findViolations(shop, fates)).toEqual([])
    }))

  const points = ['reconcile.fix-committed', 'reconcile.intent-committed', 'reconcile.call-answered']
  for (const [index, point] of points.entries()) {
    test(`is killed at ${point} and started again loses nothing`, () =>
      withShop(`killed_${index}`, async (shop) => {
        const command = await startWaiting(shop, point)
        await server.kill()
        command.signal('SIGUSR2')
        const ended = await command.ended
        expect(ended.exitCode).toBe(unavailable)
        await server.start()
        await recover(shop)
        expect(await findViolations(shop, fates)).toEqual([])
      }))
  }

  test('is killed and back within seconds is waited for when a COMMIT is in doubt', () =>
    withShop('killed_briefly', async (shop) => {
      const command = await startWaiting(shop, 'reconcile.fix-before-commit')
      await server.kill()
      command.signal('SIGUSR2')
      await server.start()
      const ended = await command.ended
      expect(ended.exitCode).toBe(0)
      await recover(shop)
      expect(await findViolations(shop, fates)).toEqual([])
    }))

  test('hangs does not keep a run that gets a second signal', () =>
    withShop('frozen_twice', async (shop) => {
      const command = await startWaiting(shop, 'reconcile.fix-before-commit')
      server.freeze()
      command.signal('SIGUSR2')
      command.signal('SIGTERM')
      await command.says('stopping: ')
      const begun = systemClock.elapsed()
      command.signal('SIGTERM')
      const ended = await command.ended
      server.thaw()
      expect(systemClock.elapsed() - begun).toBeLessThan(2500)
      expect(ended.exitCode).toBe(143)
      await recover(shop)
      expect(await findViolations(shop, fates)).toEqual([])
    }))

  test('hangs keeps a stopped run no longer than its grace time of 20 s', () =>
    withShop('frozen_once', async (shop) => {
      const command = await startWaiting(shop, 'reconcile.fix-committed')
      server.freeze()
      command.signal('SIGUSR2')
      await systemClock.sleep(500, never)
      const begun = systemClock.elapsed()
      command.signal('SIGINT')
      const ended = await command.ended
      server.thaw()
      expect(systemClock.elapsed() - begun).toBeLessThan(22_500)
      expect(ended.exitCode).toBe(130)
      await recover(shop)
      expect(await findViolations(shop, fates)).toEqual([])
    }))
})
