import { getEventListeners } from 'node:events'
import { brotliCompressSync, gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { isExactNumber, readPointer } from '../../src/http/json.ts'
import { systemClock } from '../../src/lib/clock.ts'
import { connect, rawJson, serveHttp, serveRaw } from './scratch-server.ts'

const pause = (milliseconds: number) => systemClock.sleep(milliseconds, new AbortController().signal)

describe('a lookup', () => {
  it('asks below the base URL, with the credentials and the query', async () => {
    const asked: unknown[] = []
    const { baseUrl } = await serveHttp(({ method, url, headers }, response) => {
      asked.push({ method, url, authorization: headers.authorization })
      response.end('{}')
    })
    const { remote, stop, kill } = connect(`${baseUrl}/v1/`, {
      auth: { basic: { username: 'sk', password: 'p' } },
    })
    const query = { from: '2026-11-01', text: 'a&b c' }
    await remote.reader.get({ path: '/payments', query, stop: stop.signal, kill: kill.signal })
    const authorization = `Basic ${Buffer.from('sk:p').toString('base64')}`
    expect(asked).toEqual([
      { method: 'GET', url: '/v1/payments?from=2026-11-01&text=a%26b+c', authorization },
    ])
  })

  it('keeps numbers exact and says who answered', async () => {
    const { baseUrl } = await serveRaw((socket) =>
      socket.write(
        rawJson('{"id":9007199254740993,"amount":10.10}').replace('\r\n\r\n', '\r\nX-Request-Id: r1\r\n\r\n'),
      ),
    )
    const answer = await connect(baseUrl).get()
    expect(answer).toMatchObject({ kind: 'answered', requestId: 'r1', replayed: false, attempts: 1 })
    if (answer.kind !== 'answered') return
    const numbers = ['/id', '/amount'].map((pointer) => readPointer(answer.body, pointer))
    expect(numbers.map((number) => isExactNumber(number) && number.value)).toEqual([
      '9007199254740993',
      '10.10',
    ])
    expect(answer.bodyHash).toMatch(/^[0-9a-f]{64}$/)
  })

  it.each([
    ['gzip', gzipSync],
    ['br', brotliCompressSync],
  ])('reads %s', async (encoding, compress) => {
    const { baseUrl } = await serveHttp((_request, response) => {
      response.writeHead(200, { 'content-encoding': encoding }).end(compress('{"status":"PAID"}'))
    })
    expect(await connect(baseUrl).get()).toMatchObject({ kind: 'answered', bodyExcerpt: '{"status":"PAID"}' })
  })

  it('accepts an empty 204 and an empty 404', async () => {
    const { baseUrl } = await serveHttp(({ url }, response) =>
      response.writeHead(url === '/a' ? 204 : 404).end(),
    )
    const { get } = connect(baseUrl)
    expect(await get('/a')).toMatchObject({ kind: 'answered', status: 204, body: null })
    expect(await get('/b')).toMatchObject({ kind: 'answered', status: 404, body: null })
  })

  it('masks the secret a service echoes', async () => {
    const { baseUrl } = await serveHttp(({ headers }, response) => response.end(JSON.stringify(headers)))
    const answer = await connect(baseUrl, { auth: { bearer: 'tok-very-secret' } }).get()
    expect(answer).toMatchObject({ bodyExcerpt: expect.stringContaining('Bearer ***') })
    if (answer.kind === 'answered') expect(answer.bodyExcerpt).not.toContain('secret')
  })

  it('is answered by the second attempt', async () => {
    let count = 0
    const { baseUrl } = await serveHttp((_request, response) => {
      count += 1
      response.writeHead(count === 1 ? 502 : 200).end('{}')
    })
    const { get, events } = connect(baseUrl, { retries: 2 })
    expect(await get()).toMatchObject({ kind: 'answered', status: 200, attempts: 2 })
    expect(events).toEqual([expect.objectContaining({ type: 'retrying', attempts: 1, reason: 'status 502' })])
  })

  it('rejects a path that leaves the base URL', async () => {
    const { get } = connect('http://127.0.0.1:1')
    await expect(get('//evil.example/x')).rejects.toMatchObject({ code: 'config.badPath', exitCode: 78 })
    await expect(get('/a/../b')).rejects.toMatchObject({ code: 'config.badPath' })
    await expect(get('/a?b=1')).rejects.toMatchObject({ code: 'config.badPath' })
  })
})

describe('a mutation', () => {
  it('sends the body and the headers it was given, over a connection of its own', async () => {
    const bodies: string[] = []
    const { baseUrl, seen } = await serveHttp((request, response) => {
      const { headers } = request
      request.on('data', (data) =>
        bodies.push(`${headers['content-type']} ${headers['idempotency-key']} ${data}`),
      )
      response.writeHead(200, { 'Idempotent-Replayed': 'true' }).end('{}')
    })
    const { post } = connect(baseUrl)
    expect(await post()).toMatchObject({ kind: 'answered', replayed: true })
    await post()
    expect(bodies).toEqual(Array(2).fill('application/json rk1-0123456789abcdef {"reason":"x"}'))
    expect(seen).toMatchObject({ requests: 2, connections: 2 })
  })

  it('needs a grant', () => {
    const { remote } = connect('http://127.0.0.1:1')
    expect(() => remote.openWriter({ isMinted: false })).toThrow('without a grant')
  })
})

describe('stopping', () => {
  it('finishes what is in flight and sends nothing that waits for a slot', async () => {
    const { baseUrl, seen } = await serveHttp((_request, response) =>
      setTimeout(() => response.end('{}'), 100),
    )
    const { get, stop } = connect(baseUrl, { concurrency: 1 })
    const answers = [get(), get(), get()]
    await pause(50)
    stop.abort(new Error('stop'))
    const kinds = (await Promise.all(answers)).map((answer) => answer.kind)
    expect(kinds).toEqual(['answered', 'notSent', 'notSent'])
    expect(seen.requests).toBe(1)
  })

  it('ends the wait for the rate', async () => {
    const { baseUrl, seen } = await serveHttp((_request, response) => response.end('{}'))
    const { get, stop } = connect(baseUrl, { ratePerSecond: 0.5 }, { clock: systemClock })
    const answers = [get(), get()]
    await pause(100)
    stop.abort(new Error('stop'))
    expect((await Promise.all(answers))[1]).toMatchObject({ kind: 'notSent', cause: 'aborted', attempts: 0 })
    expect(seen.requests).toBe(1)
  })

  it('ends the wait between attempts with what was found out', async () => {
    const { baseUrl, seen } = await serveHttp((_request, response) => response.writeHead(503).end('{}'))
    const { get, stop } = connect(baseUrl, { retries: 2 }, { clock: systemClock })
    const answer = get()
    await pause(200)
    stop.abort(new Error('stop'))
    expect(await answer).toMatchObject({ kind: 'answered', status: 503, attempts: 1 })
    expect(seen.requests).toBe(1)
  })

  it('killed, leaves what was sent unknown and what was not sent undone', async () => {
    const { baseUrl, seen } = await serveHttp(() => {})
    const { get, post, stop, kill } = connect(baseUrl, { concurrency: 1, retries: 2 })
    const answers = [post(), get(), get()]
    await pause(100)
    stop.abort(new Error('stop'))
    kill.abort(new Error('kill'))
    const ends = (await Promise.all(answers)).map((answer) => [
      answer.kind,
      'cause' in answer && answer.cause,
    ])
    expect(ends).toEqual([
      ['unanswered', 'aborted'],
      ['unanswered', 'aborted'],
      ['notSent', 'aborted'],
    ])
    expect(seen.requests).toBe(2)
  })

  it('killed while connecting, is a mutation not sent, at once', async () => {
    const { baseUrl } = await serveRaw(() => {})
    const { post, kill } = connect(baseUrl.replace('http:', 'https:'))
    const answer = post()
    await pause(50)
    const killedAt = performance.now()
    kill.abort(new Error('kill'))
    expect(await answer).toMatchObject({ kind: 'notSent', cause: 'aborted' })
    expect(performance.now() - killedAt).toBeLessThan(100)
  })

  it('leaves one listener on each signal', async () => {
    const { baseUrl } = await serveHttp((_request, response) => response.end('{}'))
    const { get, stop, kill } = connect(baseUrl, { concurrency: 2 })
    await Promise.all(Array.from({ length: 200 }, () => get()))
    expect(getEventListeners(stop.signal, 'abort').length).toBeLessThanOrEqual(1)
    expect(getEventListeners(kill.signal, 'abort').length).toBeLessThanOrEqual(1)
  })
})

describe('the time limit', () => {
  it('does not count the wait for a slot', async () => {
    const { baseUrl } = await serveHttp((_request, response) => setTimeout(() => response.end('{}'), 200))
    const { get } = connect(baseUrl, {
      concurrency: 1,
      timeouts: { connect: 1000, headers: 1000, total: 450 },
    })
    const answers = await Promise.all(Array.from({ length: 5 }, () => get()))
    expect(answers.map((answer) => answer.kind)).toEqual(Array(5).fill('answered'))
  })
})

describe('Retry-After', () => {
  it('within the time limit is waited for, by everyone', async () => {
    const { baseUrl, seen } = await serveHttp((_request, response) => {
      const first = seen.requests === 1
      response.writeHead(first ? 429 : 200, first ? { 'retry-after': '1' } : {}).end('{}')
    })
    const { get, events } = connect(baseUrl, { retries: 1 }, { clock: systemClock })
    const first = get()
    await pause(100)
    const answers = await Promise.all([first, get(), get()])
    expect(answers).toMatchObject(Array(3).fill({ kind: 'answered', status: 200 }))
    const [start = 0, ...later] = seen.times
    expect(Math.min(...later) - start).toBeGreaterThanOrEqual(995)
    expect(events.filter(({ type }) => type === 'rateLimited')).toHaveLength(1)
  })

  it.each([
    ['seconds', () => '120'],
    ['a date', () => new Date(Date.now() + 121_000).toUTCString()],
  ])(
    'as %s beyond the time limit holds the whole service, also for the next process',
    async (_form, header) => {
      const { baseUrl, seen } = await serveHttp((_request, response) =>
        response.writeHead(429, { 'retry-after': header() }).end('{}'),
      )
      const first = connect(baseUrl, { retries: 2 })
      const answer = await first.get()
      expect(answer).toMatchObject({ kind: 'answered', status: 429, attempts: 1 })
      expect(await first.get()).toMatchObject({ kind: 'held', cause: 'rateLimited', attempts: 0 })
      expect(await first.post()).toMatchObject({ kind: 'held', cause: 'rateLimited' })

      const second = connect(baseUrl, {}, { state: first.remote.save() })
      expect(await second.get()).toMatchObject({ kind: 'held', cause: 'rateLimited' })
      const wait = (second.remote.notBefore()?.getTime() ?? 0) - Date.now()
      expect(wait).toBeGreaterThan(118_000)
      expect(wait).toBeLessThan(122_000)
      expect(seen.requests).toBe(1)
    },
  )

  it('of a 503 counts like that of a 429', async () => {
    const { baseUrl } = await serveHttp((_request, response) =>
      response.writeHead(503, { 'retry-after': '60' }).end(),
    )
    const { get, remote } = connect(baseUrl, { retries: 2 })
    expect(await get()).toMatchObject({ kind: 'answered', status: 503, retryAfterMs: 60_000, attempts: 1 })
    expect(remote.notBefore()).toBeInstanceOf(Date)
  })

  it('never opens the breaker when it comes with 429', async () => {
    const { baseUrl } = await serveHttp((_request, response) => response.writeHead(429).end('{}'))
    const breaker = { window: 4, minimum: 2, failureRatio: 0.5, openFor: 30_000 }
    const { get, remote } = connect(baseUrl, { breaker, concurrency: 1 })
    for (let index = 0; index < 3; index += 1) await get()
    expect(remote.save().lookup.state).toBe('closed')
  })
})

describe('the breaker', () => {
  const breaker = { window: 4, minimum: 2, failureRatio: 0.5, openFor: 30_000 }

  it('holds lookups back and lets mutations through, also in the next process', async () => {
    const { baseUrl, seen } = await serveHttp(({ method }, response) =>
      response.writeHead(method === 'GET' ? 500 : 200).end('{}'),
    )
    const first = connect(baseUrl, { breaker })
    await first.get()
    await first.get()
    expect(await first.get()).toMatchObject({ kind: 'held', cause: 'breakerOpen' })
    expect(await first.post()).toMatchObject({ kind: 'answered', status: 200 })
    expect(first.events).toEqual([{ type: 'breaker', circuit: 'lookup', from: 'closed', to: 'open' }])

    const state = JSON.parse(JSON.stringify(first.remote.save()))
    expect(state).toMatchObject({ lookup: { state: 'open' }, mutation: { state: 'closed' } })
    const second = connect(baseUrl, { breaker }, { state })
    expect(await second.get()).toMatchObject({ kind: 'held', cause: 'breakerOpen' })
    expect(seen.requests).toBe(3)
  })

  it('does not count what the host decided', async () => {
    const { baseUrl } = await serveHttp((_request, response) => response.writeHead(404).end('{}'))
    const { get, remote } = connect(baseUrl, { breaker })
    for (let index = 0; index < 5; index += 1) await get()
    expect(remote.save().lookup.state).toBe('closed')
  })
})

describe('createRemote', () => {
  it.each([
    ['pay.example.com', 'config.badBaseUrl'],
    ['ftp://pay.example.com', 'config.badBaseUrl'],
    ['https://user:password@pay.example.com', 'config.badBaseUrl'],
    ['https://pay.example.com/?a=1', 'config.badBaseUrl'],
  ])('refuses the base URL %s', (baseUrl, code) => {
    expect(() => connect(baseUrl)).toThrow(expect.objectContaining({ code, exitCode: 78 }))
  })

  it('refuses a secret that no header can carry, without printing it', () => {
    const attempt = () => connect('http://127.0.0.1:1', { auth: { bearer: 'tok\n' } })
    expect(attempt).toThrow(expect.objectContaining({ code: 'config.badCredentials', exitCode: 78 }))
    expect(attempt).not.toThrow('tok')
  })

  it('connects to nothing by itself', async () => {
    const { baseUrl, seen } = await serveHttp((_request, response) => response.end('{}'))
    expect(connect(baseUrl).remote.latency.summary().max).toBe(0)
    expect(seen.connections).toBe(0)
  })
})
