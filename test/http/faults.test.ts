import type net from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { gzipSync } from 'node:zlib'
import { describe, expect, it, onTestFinished } from 'vitest'
import type { Answer } from '../../src/http/answer.ts'
import { connect, listen, rawJson, serveHttp, serveRaw } from './scratch-server.ts'
import { selfSigned } from './self-signed.ts'

const hasty = { connect: 400, headers: 400, total: 4000 }
const exact = { connect: 2000, headers: 4000, total: 300 }
const head = 'HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n'

function drip(socket: net.Socket) {
  socket.write(`${head}content-length: 1000\r\n\r\n`)
  const timer = setInterval(() => socket.write(' '), 50)
  socket.on('close', () => clearInterval(timer))
}

interface Fault {
  readonly name: string
  readonly answer: (socket: net.Socket) => void
  readonly expected: Partial<Answer>
  readonly timeouts?: typeof hasty
}

// What arrives broken on an open connection: each row may have been executed.
const faults: readonly Fault[] = [
  {
    name: 'headers never come',
    answer: () => {},
    timeouts: hasty,
    expected: { kind: 'unanswered', cause: 'timeout' },
  },
  {
    name: 'a reset before the answer',
    answer: (socket) => socket.resetAndDestroy(),
    expected: { kind: 'unanswered', cause: 'reset' },
  },
  {
    name: 'a close before the answer',
    answer: (socket) => socket.end(),
    expected: { kind: 'unanswered', cause: 'closed' },
  },
  {
    name: 'a reset in the body',
    answer: (socket) => {
      socket.write(`${head}content-length: 100\r\n\r\n{"id":`)
      setTimeout(() => socket.resetAndDestroy(), 30)
    },
    expected: { kind: 'unanswered', cause: 'truncated' },
  },
  {
    name: 'a body shorter than its content length',
    answer: (socket) => socket.end(`${head}content-length: 100\r\n\r\n{"id":`),
    expected: { kind: 'unanswered', cause: 'truncated' },
  },
  {
    name: 'a chunked body without its end',
    answer: (socket) => socket.end(`${head}transfer-encoding: chunked\r\n\r\n5\r\n{"id"\r\n`),
    expected: { kind: 'unanswered', cause: 'truncated' },
  },
  {
    name: 'a slow drip',
    answer: drip,
    timeouts: exact,
    expected: { kind: 'unanswered', cause: 'timeout' },
  },
  {
    name: 'a body that stalls',
    answer: (socket) => socket.write(`${head}content-length: 100\r\n\r\n{"id":`),
    timeouts: exact,
    expected: { kind: 'unanswered', cause: 'timeout' },
  },
  {
    name: 'something that is not HTTP',
    answer: (socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n'),
    expected: { kind: 'unanswered', cause: 'protocol' },
  },
  {
    name: 'headers without end',
    answer: (socket) => socket.write(`${head}x-long: ${'x'.repeat(20_000)}\r\n\r\n{}`),
    expected: { kind: 'bad', reason: expect.stringContaining('headers larger') },
  },
  {
    name: 'a body announced as too large',
    answer: (socket) => socket.write(`${head}content-length: 2000000\r\n\r\n{`),
    expected: { kind: 'bad', status: 200, reason: 'a body larger than 1.0 MiB' },
  },
  {
    name: 'a body that grows too large',
    answer: (socket) => socket.end(`${head}connection: close\r\n\r\n${' '.repeat(1_100_000)}`),
    expected: { kind: 'bad', status: 200, reason: 'a body larger than 1.0 MiB' },
  },
  {
    name: 'invalid JSON',
    answer: (socket) => socket.write(rawJson('{"id": 1,')),
    expected: { kind: 'bad', status: 200, reason: 'invalid JSON', excerpt: '{"id": 1,' },
  },
  {
    name: 'JSON too deep to read',
    answer: (socket) => socket.write(rawJson('['.repeat(500_000))),
    expected: { kind: 'bad', reason: 'invalid JSON' },
  },
  {
    name: 'a byte order mark',
    answer: (socket) => socket.write(rawJson('\uFEFF{"id":1}')),
    expected: { kind: 'bad', reason: 'a byte order mark before the JSON' },
  },
  {
    name: 'a login page',
    answer: (socket) => socket.write(rawJson('<!doctype html><title>Sign in</title>')),
    expected: { kind: 'bad', reason: 'HTML instead of JSON' },
  },
  {
    name: 'an empty body',
    answer: (socket) => socket.write(`${head}content-length: 0\r\n\r\n`),
    expected: { kind: 'bad', status: 200, reason: 'an empty body' },
  },
  {
    name: 'a redirect',
    answer: (socket) =>
      socket.write(
        'HTTP/1.1 302 Found\r\nlocation: https://login.example.com/a\r\ncontent-length: 0\r\n\r\n',
      ),
    expected: {
      kind: 'bad',
      status: 302,
      reason: 'a redirect to login.example.com',
      hint: expect.stringContaining('baseUrl'),
    },
  },
  {
    name: 'a page of a proxy instead of 404',
    answer: (socket) =>
      socket.write('HTTP/1.1 404 Not Found\r\ncontent-type: text/html\r\ncontent-length: 9\r\n\r\n<h1>no</h'),
    expected: { kind: 'bad', status: 404, reason: 'HTML instead of JSON' },
  },
]

describe.each(faults)('$name', ({ answer, expected, timeouts }) => {
  it('is told to a lookup', async () => {
    const { baseUrl, seen } = await serveRaw(answer)
    expect(await connect(baseUrl, timeouts ? { timeouts } : {}).get()).toMatchObject({
      ...expected,
      attempts: 1,
    })
    expect(seen.requests).toBe(1)
  })

  it('ends a mutation after one sending', async () => {
    const { baseUrl, seen } = await serveRaw(answer)
    const { post } = connect(baseUrl, { retries: 2, ...(timeouts ? { timeouts } : {}) })
    expect(await post()).toMatchObject({ ...expected, attempts: 1 })
    expect(seen.requests).toBe(1)
  })
})

describe.each([
  ['400', 400],
  ['401', 401],
  ['403', 403],
  ['404', 404],
  ['409', 409],
  ['422', 422],
  ['429', 429],
  ['500', 500],
  ['502', 502],
  ['503', 503],
  ['504', 504],
])('status %s', (_name, status) => {
  const temporary: Record<number, number> = { 429: 3, 500: 2, 502: 3, 503: 3, 504: 3 }

  it('is an answer, after as many lookups as it deserves', async () => {
    const { baseUrl, seen } = await serveHttp((_request, response) =>
      response.writeHead(status).end('{"code":"X"}'),
    )
    const answer = await connect(baseUrl, { retries: 2 }).get()
    expect(answer).toMatchObject({ kind: 'answered', status, body: { code: 'X' } })
    expect(seen.requests).toBe(temporary[status] ?? 1)
  })

  it('is an answer after one mutation', async () => {
    const { baseUrl, seen } = await serveHttp((_request, response) =>
      response.writeHead(status).end('{"code":"X"}'),
    )
    expect(await connect(baseUrl, { retries: 2 }).post()).toMatchObject({ kind: 'answered', status })
    expect(seen.requests).toBe(1)
  })
})

interface Unreachable {
  readonly name: string
  readonly cause: string
  readonly attempts: number
  readonly baseUrl: () => Promise<string>
}

// Nothing was sent: a lookup is asked again, a mutation too, once; a TLS fault will not go away by asking.
const unreachable: readonly Unreachable[] = [
  { name: 'an unknown name', cause: 'dns', attempts: 2, baseUrl: async () => 'http://pay.rowkeeper.invalid' },
  {
    name: 'a closed port',
    cause: 'refused',
    attempts: 2,
    baseUrl: async () => {
      const { createServer } = await import('node:net')
      const server = createServer()
      const port = await listen(server)
      await new Promise((resolve) => server.close(resolve))
      return `http://127.0.0.1:${port}`
    },
  },
  {
    name: 'a handshake that never ends',
    cause: 'connectTimeout',
    attempts: 2,
    baseUrl: async () => (await serveRaw(() => {})).baseUrl.replace('http:', 'https:'),
  },
  {
    name: 'a certificate nobody signed',
    cause: 'tls',
    attempts: 1,
    baseUrl: async () => {
      const server = createTlsServer(selfSigned, (socket) => socket.on('error', () => {}))
      const port = await listen(server)
      onTestFinished(() => {
        server.close()
      })
      return `https://localhost:${port}`
    },
  },
  {
    name: 'a plain port asked for TLS',
    cause: 'tls',
    attempts: 1,
    baseUrl: async () =>
      (await serveHttp((_request, response) => response.end())).baseUrl.replace('http:', 'https:'),
  },
]

describe.each(unreachable)('$name', ({ cause, attempts, baseUrl }) => {
  it('is a lookup not sent', async () => {
    const { get, events } = connect(await baseUrl(), { timeouts: hasty, retries: 1 })
    expect(await get()).toMatchObject({ kind: 'notSent', cause, attempts })
    expect(events.filter(({ type }) => type === 'retrying')).toHaveLength(attempts - 1)
  })

  it('is a mutation not sent', async () => {
    const { post } = connect(await baseUrl(), { timeouts: hasty, retries: 2 })
    expect(await post()).toMatchObject({ kind: 'notSent', cause, attempts })
  })
})

describe('compressed answers', () => {
  it('are refused when they grow too large', async () => {
    const bomb = gzipSync(Buffer.alloc(50_000_000, 0x20))
    const { baseUrl } = await serveHttp((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
    )
    expect(await connect(baseUrl).get()).toMatchObject({ kind: 'bad', reason: 'a body larger than 1.0 MiB' })
  })

  it('are refused when cut', async () => {
    const cut = gzipSync('{"id":1}').subarray(0, 15)
    const { baseUrl } = await serveHttp((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(cut),
    )
    expect(await connect(baseUrl).get()).toMatchObject({
      kind: 'bad',
      reason: 'a body that is not valid gzip',
    })
  })

  it('are refused in an encoding we did not ask for', async () => {
    const { baseUrl } = await serveHttp((_request, response) =>
      response.writeHead(200, { 'content-encoding': 'constructor' }).end('{}'),
    )
    expect(await connect(baseUrl).get()).toMatchObject({
      kind: 'bad',
      reason: 'the content encoding "constructor"',
    })
  })
})
