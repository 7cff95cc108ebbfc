import { describe, expect } from 'vitest'
import { startTcpProxy, type TcpProxy } from '../../../support/tcp-proxy.ts'
import { testServer } from '../../../support/test-server.ts'
import { test as coldTest } from './cold.ts'
import { makeOldOrders } from './old-orders.ts'

/** A proxy before the server, for one of the two sides. */
const test = coldTest.extend<{ proxy: TcpProxy }>({
  // biome-ignore lint/correctness/noEmptyPattern: the fixture needs no other one
  proxy: async ({}, use) => {
    const proxy = await startTcpProxy(testServer().url)
    await use(proxy)
    await proxy.stop()
  },
})

const settings = { job: { batch: { rows: 10 } } }
const commit = /rowkeeper transaction\.commit/
const copied = /archive\.insert-carried/
const deleted = /archive\.delete-rows/

describe('a connection that is lost', () => {
  for (const fault of ['loseAnswer', 'loseCommand'] as const) {
    test(`at the COMMIT of the destination: ${fault}`, async ({ database, cold, openCarry, proxy }) => {
      await makeOldOrders(database, 25)
      const { job, readEverything, journal } = await openCarry(settings, `${proxy.url}${cold.name}`)
      const before = await readEverything()
      proxy.intercept({ statement: commit, after: copied, fault })
      const { result } = await job.run()
      expect(result).toMatchObject({ exitCode: 0, counts: { archived: 25, deleted: 25 } })
      expect(proxy.interceptions()).toBe(1)
      expect(await readEverything()).toEqual(before)
      expect(await journal()).toEqual([])
    })

    test(`at the COMMIT of the source: ${fault}`, async ({ database, openCarry, proxy }) => {
      await makeOldOrders(database, 25)
      const { job, readEverything, journal } = await openCarry(settings)
      const before = await readEverything()
      proxy.intercept({ statement: commit, after: deleted, fault })
      const { result } = await job.run({ url: `${proxy.url}${database.name}` })
      expect(result).toMatchObject({ exitCode: 0, counts: { archived: 25, deleted: 25 } })
      expect(proxy.interceptions()).toBe(1)
      expect(await readEverything()).toEqual(before)
      expect(await database.query('SELECT * FROM orders')).toEqual([])
      expect(await journal()).toEqual([])
    })
  }

  test('and does not come back', async ({ database, cold, openCarry, proxy }) => {
    await makeOldOrders(database, 25)
    const { job, readEverything, journal } = await openCarry(settings, `${proxy.url}${cold.name}`)
    const before = await readEverything()
    let batches = 0
    const { result } = await job.run({
      async reach(point) {
        if (point === 'archive.carry-inserted' && ++batches === 2) await proxy.stop()
      },
    })
    expect(result).toMatchObject({ exitCode: 69, effect: 'partial', counts: { archived: 10, deleted: 10 } })
    expect(await readEverything()).toEqual(before)
    expect(await journal()).toEqual([expect.objectContaining({ row_count: 10 })])
  })
})
