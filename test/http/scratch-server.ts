import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import net from 'node:net'
import { onTestFinished } from 'vitest'
import { createRemote, type RemoteConfig, type RemoteEvent, type RemoteState } from '../../src/http/remote.ts'
import { type Clock, systemClock } from '../../src/lib/clock.ts'
import { seededRandom } from '../../src/lib/random.ts'

/** A server that writes what it likes. `requests` counts those whose head arrived. */
export async function serveRaw(answer: (socket: net.Socket) => void) {
  const sockets = new Set<net.Socket>()
  const seen = { requests: 0, connections: 0 }
  const server = net.createServer((socket) => {
    seen.connections += 1
    sockets.add(socket)
    socket.on('error', () => {})
    socket.on('data', (data) => {
      if (!/^(?:GET|POST) /.test(data.toString('latin1'))) return
      seen.requests += 1
      answer(socket)
    })
  })
  const port = await listen(server)
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { baseUrl: `http://127.0.0.1:${port}`, seen }
}

export async function serveHttp(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const seen = { requests: 0, connections: 0, times: [] as number[] }
  const server = createServer((request, response) => {
    seen.requests += 1
    seen.times.push(performance.now())
    request.resume()
    answer(request, response)
  })
  server.on('connection', () => {
    seen.connections += 1
  })
  const port = await listen(server)
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { baseUrl: `http://127.0.0.1:${port}`, seen }
}

export async function listen(server: net.Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the server has no port')
  return address.port
}

/** Waits a twentieth of what it is told, so that a test of three attempts does not take ten seconds. */
export const hurriedClock: Clock = {
  ...systemClock,
  sleep: (milliseconds, signal) => systemClock.sleep(milliseconds / 20, signal),
}

const patient = { connect: 3000, headers: 3000, total: 3000 }

export interface ConnectOptions {
  readonly state?: RemoteState
  readonly clock?: Clock
}

export function connect(
  baseUrl: string,
  config: Partial<RemoteConfig> = {},
  { state, clock = hurriedClock }: ConnectOptions = {},
) {
  const events: RemoteEvent[] = []
  const remote = createRemote({
    config: {
      name: 'pay',
      baseUrl,
      concurrency: 4,
      timeouts: patient,
      retries: 0,
      breaker: { window: 20, minimum: 10, failureRatio: 0.5, openFor: 30_000 },
      mutation: { timeouts: config.timeouts ?? patient },
      ...config,
    },
    clock,
    random: seededRandom(7),
    state,
    onEvent: (event) => events.push(event),
  })
  onTestFinished(() => remote.close())
  const stop = new AbortController()
  const kill = new AbortController()
  const signals = { stop: stop.signal, kill: kill.signal }
  const writer = remote.openWriter({ isMinted: true })
  return {
    remote,
    events,
    stop,
    kill,
    get: (path = '/payments/1') => remote.reader.get({ path, ...signals }),
    post: (path = '/payments/1/cancel') =>
      writer.post({
        path,
        body: '{"reason":"x"}',
        headers: { 'Idempotency-Key': 'rk1-0123456789abcdef' },
        ...signals,
      }),
  }
}

/** A whole answer as a raw server writes it. */
export function rawJson(text: string): string {
  return `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`
}
