import { describe, expect } from 'vitest'
import { createHurriedClock } from '../../../support/hurried-clock.ts'
import { type ProxyFault, startTcpProxy, type TcpProxy } from '../../../support/tcp-proxy.ts'
import { test as worldTest } from './fixture.ts'
import { findViolations } from './violations.ts'
import { startWorldObserver, type Way, type World } from './world.ts'

/** Proxies before servers, put away afterwards. */
const test = worldTest.extend<{ openProxy: (url: string) => Promise<TcpProxy> }>({
  openProxy: async ({ database }, use) => {
    const opened: TcpProxy[] = []
    await use(async (url) => {
      const proxy = await startTcpProxy(url)
      opened.push(proxy)
      return proxy
    })
    for (const proxy of opened) await proxy.stop()
    expect(database.name).not.toBe('')
  },
})

const isAll = process.env.ROWKEEPER_FAULTS === 'all'
const faults: readonly ProxyFault[] = ['loseAnswer', 'loseCommand', 'holdAnswer', 'holdCommand']

function commitOf(label: string) {
  return { statement: /COMMIT/, after: new RegExp(`insert-batch[^]*'${label} `) }
}

/** A held answer ends with the statement timeout; nobody shall wait a minute for it here. */
const quick = { timeouts: { statement: '1s' } }

interface Case {
  readonly way: Way
  readonly server: 'live' | 'cold'
  readonly label: string
}

const cases: readonly Case[] = [
  { way: 'here', server: 'live', label: 'move' },
  { way: 'there', server: 'live', label: 'carry' },
  { way: 'there', server: 'cold', label: 'carry' },
]

/** The ledger of months alone; a held answer costs a second. */
const further: readonly Case[] = [
  { way: 'here', server: 'live', label: 'open' },
  { way: 'exchange', server: 'live', label: 'begin' },
  { way: 'exchange', server: 'live', label: 'close' },
]

async function runThrough(world: World, server: Case['server'], proxy: TcpProxy) {
  await world.configure({ keys: quick, ...(server === 'cold' ? { cold: proxy.url } : {}) })
  return world.run(server === 'live' ? { url: proxy.url } : {})
}

describe('a COMMIT whose reply does not come', () => {
  for (const { way, server, label } of isAll ? [...cases, ...further] : cases) {
    test(`of ${label} (${way}, ${server}): found out, each time, and the run goes on`, async ({
      database,
      openWorld,
      openProxy,
    }) => {
      const world = await openWorld(way)
      const proxy = await openProxy(server === 'live' ? database.url : `${database.url}_cold`)
      for (const fault of faults) proxy.intercept({ ...commitOf(label), fault })
      const observer = await startWorldObserver(world)
      const { result } = await runThrough(world, server, proxy)
      expect(result.error).toBeUndefined()
      expect(result).toMatchObject({ exitCode: 0, counts: { archived: result.counts.eligible } })
      expect(proxy.interceptions()).toBe(faults.length)
      expect((await observer.stop()).violations).toEqual([])
      expect(await findViolations(database, world.places)).toEqual([])
    })
  }
})

describe('a COMMIT that nobody can be asked about', () => {
  for (const { way, server, label } of isAll ? cases : cases.slice(0, 1)) {
    test(`of ${label} (${way}, ${server}): the run says that it does not know, and the next one finds out`, async ({
      database,
      openWorld,
      openProxy,
    }) => {
      const world = await openWorld(way)
      const proxy = await openProxy(server === 'live' ? database.url : `${database.url}_cold`)
      await world.configure({
        keys: { timeouts: { statement: '20s', connect: '200ms' } },
        ...(server === 'cold' ? { cold: proxy.url } : {}),
      })
      proxy.intercept({ ...commitOf(label), fault: 'holdAnswer' })
      const running = world.run({
        clock: createHurriedClock(20),
        ...(server === 'live' ? { url: proxy.url } : {}),
      })
      await expect.poll(() => proxy.interceptions(), { timeout: 10_000, interval: 5 }).toBe(1)
      proxy.freeze()
      const { result } = await running
      proxy.thaw()
      expect(result).toMatchObject({ exitCode: 6, status: 'unknown', effect: 'unknown' })
      expect(result.error).toMatchObject({ code: 'run.commitUnknown' })
      // The leases could not be given back; they run out after a minute.
      for (const schema of new Set([world.places.schema, world.places.archiveSchema]))
        await database.query(
          `UPDATE ${schema}.rowkeeper_lease SET expires_at = UTC_TIMESTAMP(3) - INTERVAL 1 SECOND`,
        )
      await world.configure({})
      await world.recover()
      expect(await findViolations(database, world.places)).toEqual([])
    })
  }
})
