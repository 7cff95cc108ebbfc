import { once } from 'node:events'
import { connect } from 'node:net'
import { describe, expect, test } from 'vitest'
import { seededRandom } from '../../src/lib/random.ts'
import type { Fault } from '../../src/sandbox/provider/faults.ts'
import { type Client, openProvider } from './provider-client.ts'

const openWithPayments = async (...faults: Fault[]) => {
  const provider = await openProvider(
    {},
    { headersTimeout: 300, bodyTimeout: 300, maxResponseSize: 1_000_000 },
  )
  provider.state.create({ id: 'pay_1', orderId: 'order-1', amount: '12.30', currency: 'EUR' })
  provider.state.create({ id: 'pay_2', orderId: 'order-2', amount: '45.60', currency: 'EUR' })
  for (const fault of faults) provider.faults.add(fault)
  return provider
}

const lookUp = (provider: Client) => provider.get('/payments/order-1')
const cancel = (provider: Client, key = 'key-1') =>
  provider.post('/payments/pay_1/cancel', { reason: 'test' }, { 'idempotency-key': key })

const codeOf = async (call: Promise<unknown>): Promise<unknown> => {
  const error = await call.then(
    () => undefined,
    (cause: unknown) => cause,
  )
  if (!(error instanceof Error)) return 'no error'
  return 'code' in error && error.code !== undefined ? error.code : error.name
}

describe('the answer is lost', () => {
  test.each([
    ['resetBefore', 'ECONNRESET', 0],
    ['closeBefore', 'UND_ERR_SOCKET', 0],
    ['hang', 'UND_ERR_HEADERS_TIMEOUT', 0],
    ['resetAfter', 'ECONNRESET', 1],
    ['closeAfter', 'UND_ERR_SOCKET', 1],
    ['hangAfter', 'UND_ERR_HEADERS_TIMEOUT', 1],
    ['bodyStall', 'UND_ERR_BODY_TIMEOUT', 1],
    ['truncatedBody', 'UND_ERR_SOCKET', 1],
    ['hugeBody', 'UND_ERR_RES_EXCEEDED_MAX_SIZE', 1],
    ['hugeHeader', 'UND_ERR_HEADERS_OVERFLOW', 1],
    ['garbageProtocol', 'HTTPParserError', 1],
  ] as const)('%s: the client sees %s, cancels that happened: %i', async (kind, code, effective) => {
    const provider = await openWithPayments({ kind, times: 2 })
    expect(await codeOf(lookUp(provider))).toBe(code)
    expect(await codeOf(cancel(provider))).toBe(code)
    expect(provider.state.effectiveCancels('pay_1')).toHaveLength(effective)
    expect(provider.state.requests().map(({ fault }) => fault)).toEqual([kind, kind])
    const again = await cancel(provider)
    expect([again.status, again.headers['idempotent-replayed']]).toEqual([
      200,
      effective ? 'true' : undefined,
    ])
  })

  test('slowHeaders comes after its time', async () => {
    const provider = await openWithPayments({ kind: 'slowHeaders', ms: 200 })
    const started = performance.now()
    expect((await lookUp(provider)).status).toBe(200)
    expect(performance.now() - started).toBeGreaterThan(195)
  })

  test('slowDrip passes a 300 ms time-out between chunks and arrives whole', async () => {
    const provider = await openWithPayments({ kind: 'slowDrip', msPerByte: 3, times: 1 })
    const started = performance.now()
    const dripped = await lookUp(provider)
    expect(performance.now() - started).toBeGreaterThan(600)
    expect(dripped.text).toBe((await lookUp(provider)).text)
  })

  test('stop ends what hangs', async () => {
    const provider = await openWithPayments({ kind: 'hang' })
    const { port } = new URL(provider.baseUrl)
    const socket = connect(Number(port), '127.0.0.1')
    socket.on('error', () => {})
    socket.write('GET /payments/order-1 HTTP/1.1\r\nHost: x\r\n\r\n')
    await expect.poll(() => provider.state.counts().open).toBe(1)
    const closed = once(socket, 'close')
    await provider.stop()
    await closed
  })
})

describe('the answer says something else', () => {
  test.each([
    [400, 'PROVIDER_ERROR'],
    [401, 'UNAUTHORIZED'],
    [403, 'FORBIDDEN'],
    [410, 'GONE'],
    [429, 'TOO_MANY_REQUESTS'],
    [500, 'INTERNAL_ERROR'],
    [502, 'BAD_GATEWAY'],
    [503, 'UNAVAILABLE'],
  ] as const)('status %i carries the code %s, before or after the work', async (status, code) => {
    const provider = await openWithPayments(
      { kind: 'statusBefore', status, times: 1 },
      { kind: 'statusAfter', status, times: 1 },
    )
    for (const effective of [0, 1]) {
      const reply = await cancel(provider)
      expect([reply.status, JSON.parse(reply.text).code]).toEqual([status, code])
      expect(provider.state.effectiveCancels('pay_1')).toHaveLength(effective)
    }
  })

  test.each(['120', 'Sun, 22 Nov 2026 10:00:00 GMT', '-5', '99999999999', 'soon', undefined])(
    'Retry-After is sent as it is: %s',
    async (retryAfter) => {
      const provider = await openWithPayments({ kind: 'statusBefore', status: 429, retryAfter })
      expect((await lookUp(provider)).headers['retry-after']).toBe(retryAfter)
    },
  )

  test('invalidJson', async () => {
    const { text } = await lookUp(await openWithPayments({ kind: 'invalidJson' }))
    expect(() => JSON.parse(text)).toThrow(SyntaxError)
  })

  test('html200 is a sign-in page', async () => {
    const reply = await lookUp(await openWithPayments({ kind: 'html200' }))
    expect([reply.status, reply.headers['content-type']]).toEqual([200, 'text/html; charset=utf-8'])
    expect(reply.text).toContain('<!doctype html>')
  })

  test.each([
    ['empty200', 200],
    ['noContent204', 204],
    ['redirect302', 302],
  ] as const)('%s has status %i and no body', async (kind, status) => {
    const reply = await lookUp(await openWithPayments({ kind }))
    expect([reply.status, reply.text]).toEqual([status, ''])
    expect(reply.headers.location).toBe(kind === 'redirect302' ? '/payments/moved' : undefined)
  })

  test('byteOrderMark stands before the JSON', async () => {
    const { bytes } = await lookUp(await openWithPayments({ kind: 'byteOrderMark' }))
    expect([...bytes.subarray(0, 4)]).toEqual([0xef, 0xbb, 0xbf, 0x7b])
  })

  test('wrongContentType', async () => {
    const reply = await lookUp(await openWithPayments({ kind: 'wrongContentType' }))
    expect(reply.headers['content-type']).toBe('application/octet-stream')
  })

  test.each([
    [{ kind: 'wrongEcho' }, '"id":"pay_2","orderId":"order-2","amount":12.30'],
    [{ kind: 'wrongAmount' }, '"amount":12.31,'],
    [{ kind: 'wrongCurrency' }, '"currency":"XTS"'],
    [{ kind: 'unmappedStatus' }, '"status":"ON_HOLD_FOR_INSPECTION"'],
    [{ kind: 'missingField', field: 'orderId' }, '{"id":"pay_1","amount":12.30'],
    [{ kind: 'hugeNumber' }, '"amount":9007199254740993,'],
  ] as const)('%j answers %s', async (fault, expected) => {
    const provider = await openWithPayments(fault)
    expect((await lookUp(provider)).text).toContain(expected)
    expect((await cancel(provider)).text).toContain(expected)
    expect(provider.state.payment('pay_1')?.amount).toBe(1230n)
  })

  test('replayForeign answers with what another order got, and does nothing', async () => {
    const provider = await openWithPayments({ kind: 'replayForeign', payment: 'order-1' })
    const other = await provider.post(
      '/payments/pay_2/cancel',
      { reason: 'test' },
      { 'idempotency-key': 'key-2' },
    )
    for (const reply of [await lookUp(provider), await cancel(provider)]) {
      expect([reply.text, reply.headers['idempotent-replayed']]).toEqual([other.text, 'true'])
    }
    expect(provider.state.effectiveCancels('pay_1')).toEqual([])
  })
})

describe('the world is odd', () => {
  test('notFoundThenLate is 404 for a number of look-ups, then the truth', async () => {
    const provider = await openWithPayments({ kind: 'notFoundThenLate', operation: 'lookup', times: 2 })
    const statuses = [await lookUp(provider), await lookUp(provider), await lookUp(provider)]
    expect(statuses.map(({ status }) => status)).toEqual([404, 404, 200])
  })

  test('notFoundThenLate is 404 for a time, then the truth', async () => {
    const provider = await openWithPayments({ kind: 'notFoundThenLate', lastsMs: 100 })
    expect((await lookUp(provider)).status).toBe(404)
    await expect.poll(async () => (await lookUp(provider)).status).toBe(200)
  })

  test('duplicateCharge charges the order once more, on a look-up as on a create', async () => {
    const provider = await openWithPayments({ kind: 'duplicateCharge' })
    expect(JSON.parse((await lookUp(provider)).text)).toMatchObject({ duplicates: 2, amount: 12.3 })
    expect(JSON.parse((await lookUp(provider)).text).duplicates).toBe(2)
    provider.faults.add({ kind: 'duplicateCharge', payment: 'order-3' })
    await provider.post('/payments', { orderId: 'order-3', amount: '1', currency: 'EUR' })
    expect(provider.state.paymentsOfOrder('order-3')).toHaveLength(2)
  })

  test('watermarkLag hides what is young', async () => {
    const provider = await openWithPayments({ kind: 'watermarkLag', ms: 600_000 })
    provider.state.create({ orderId: 'old', amount: '1', currency: 'EUR', createdAt: new Date('2026-01-01') })
    const { items, watermark } = JSON.parse((await provider.get('/payments')).text)
    expect(items.map((item: { orderId: string }) => item.orderId)).toEqual(['old'])
    expect(Date.parse(watermark)).toBeLessThan(Date.now() - 599_000)
  })
})

describe('a fault strikes', () => {
  const statuses = async (provider: Client) => [
    (await lookUp(provider)).status,
    (await cancel(provider)).status,
  ]
  const down = { kind: 'statusBefore', status: 503 } as const

  test('only its operation', async () => {
    expect(await statuses(await openWithPayments({ ...down, operation: 'lookup' }))).toEqual([503, 200])
    expect(await statuses(await openWithPayments({ ...down, operation: 'cancel' }))).toEqual([200, 503])
  })

  test.each(['pay_1', 'order-1'])('only its payment, named %s', async (payment) => {
    const provider = await openWithPayments({ ...down, payment })
    expect(await statuses(provider)).toEqual([503, 503])
    expect((await provider.get('/payments/order-2')).status).toBe(200)
    expect((await provider.get('/payments')).status).toBe(200)
  })

  test('until it is removed or cleared', async () => {
    const provider = await openWithPayments()
    const remove = provider.faults.add(down)
    provider.faults.add({ kind: 'statusBefore', status: 502 })
    expect((await lookUp(provider)).status).toBe(503)
    remove()
    expect((await lookUp(provider)).status).toBe(502)
    provider.faults.clear()
    expect((await lookUp(provider)).status).toBe(200)
  })

  test('with its probability, the same way for the same seed', async () => {
    const draw = async () => {
      const provider = await openProvider({ random: seededRandom(11) })
      provider.faults.add({ ...down, probability: 0.3 })
      const replies = []
      for (let index = 0; index < 100; index += 1) replies.push((await provider.get('/payments/x')).status)
      return replies
    }
    const first = await draw()
    expect(await draw()).toEqual(first)
    const struck = first.filter((status) => status === 503).length
    expect(struck).toBeGreaterThan(15)
    expect(struck).toBeLessThan(45)
  })
})
