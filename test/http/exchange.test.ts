import { describe, expect, it, onTestFinished } from 'vitest'
import { createExchange } from '../../src/http/exchange.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { serveHttp } from './scratch-server.ts'

const { signal: never } = new AbortController()

function open(origin: string, total: number) {
  const timeouts = { connect: 1000, headers: 3000, total }
  const options = { origin, connections: 1, timeouts, bodyLimitBytes: 1000, clock: systemClock }
  const exchange = createExchange({ ...options, connection: 'fresh' })
  onTestFinished(() => exchange.close())
  return exchange
}

function cancelRequest(kill: AbortSignal) {
  return { method: 'POST', path: '/cancel', headers: {}, body: '{}', kill } as const
}

describe('createExchange', () => {
  it('never sends later what was given up while it waited for a connection', async () => {
    const { baseUrl, seen } = await serveHttp((_request, response) =>
      setTimeout(() => response.end('{}'), 300),
    )
    const exchange = open(baseUrl, 3000)
    const kill = new AbortController()
    const first = exchange.send(cancelRequest(never))
    const second = exchange.send(cancelRequest(kill.signal))
    setTimeout(() => kill.abort(), 50)
    expect(await second).toMatchObject({ kind: 'broken', phase: 'waiting', by: 'kill' })
    expect(await first).toMatchObject({ kind: 'complete' })
    expect(await exchange.send(cancelRequest(never))).toMatchObject({ kind: 'complete' })
    expect(seen.requests).toBe(2)
  })

  it('counts the wait for a connection in the total', async () => {
    const { baseUrl, seen } = await serveHttp(() => {})
    const exchange = open(baseUrl, 250)
    const answers = await Promise.all([
      exchange.send(cancelRequest(never)),
      exchange.send(cancelRequest(never)),
    ])
    expect(answers).toMatchObject([
      { phase: 'dispatched', by: 'timeout' },
      { phase: 'waiting', by: 'timeout' },
    ])
    expect(answers[0]?.durationMs).toBeLessThan(400)
    expect(seen.requests).toBe(1)
  })

  it('sends nothing when killed before', async () => {
    const { baseUrl, seen } = await serveHttp((_request, response) => response.end('{}'))
    const exchange = open(baseUrl, 1000)
    expect(await exchange.send(cancelRequest(AbortSignal.abort()))).toMatchObject({
      phase: 'waiting',
      by: 'kill',
    })
    expect(seen.connections).toBe(0)
  })

  it('ends what is in flight when closed', async () => {
    const { baseUrl } = await serveHttp(() => {})
    const exchange = open(baseUrl, 3000)
    const answer = exchange.send(cancelRequest(never))
    setTimeout(() => exchange.close(), 50)
    expect(await answer).toMatchObject({ kind: 'broken', phase: 'dispatched', by: 'error' })
    expect(await exchange.send(cancelRequest(never))).toMatchObject({ kind: 'broken', phase: 'waiting' })
  })
})
