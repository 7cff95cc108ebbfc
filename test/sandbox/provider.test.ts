import { brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { openProvider } from './provider-client.ts'

const euros = { orderId: 'order-1', amount: '12.30', currency: 'EUR' }

describe('payments', () => {
  test('are created and found by id and by order', async () => {
    const provider = await openProvider()
    const created = await provider.post('/payments', euros)
    const { id } = JSON.parse(created.text)
    expect(created.status).toBe(201)
    expect((await provider.get(`/payments/${id}`)).text).toBe((await provider.get('/payments/order-1')).text)
    expect((await provider.get('/payments/nobody')).status).toBe(404)
    expect(JSON.parse((await provider.get('/payments/nobody')).text).code).toBe('PAYMENT_NOT_FOUND')
  })

  test.each([
    ['12.30', 'EUR', '12.30'],
    ['12.3', 'EUR', '12.30'],
    ['0.05', 'USD', '0.05'],
    ['1230', 'KRW', '1230'],
    ['1.234', 'KWD', '1.234'],
    ['90071992547409.93', 'EUR', '90071992547409.93'],
  ])('%s %s is answered as %s, digit by digit', async (amount, currency, answered) => {
    const provider = await openProvider()
    const reply = await provider.post('/payments', { orderId: 'order-1', amount, currency })
    expect(reply.text).toContain(`"amount":${answered},`)
  })

  test('a JSON number is read as exactly as text', async () => {
    const provider = await openProvider()
    const body = Buffer.from('{"orderId":"order-1","amount":90071992547409.93,"currency":"EUR"}')
    expect((await provider.post('/payments', body)).text).toContain('"amount":90071992547409.93,')
  })

  test.each(['1.005', '-1', '1e3', '1,000.00', ''])('the amount %j is refused', async (amount) => {
    const provider = await openProvider()
    const reply = await provider.post('/payments', { ...euros, amount })
    expect([reply.status, JSON.parse(reply.text).code]).toEqual([400, 'INVALID_REQUEST'])
  })

  test('two live payments of one order are both shown, and counted', async () => {
    const provider = await openProvider()
    provider.state.create({ ...euros, status: 'FAILED' })
    const first = provider.state.create(euros)
    expect(JSON.parse((await provider.get('/payments/order-1')).text)).toMatchObject({ id: first.id })
    const second = provider.state.create(euros)
    const found = JSON.parse((await provider.get('/payments/order-1')).text)
    expect(found).toMatchObject({ id: second.id, duplicates: 2 })
    expect(JSON.parse((await provider.get('/orders/order-1/payments')).text).payments).toHaveLength(3)
  })

  test('the list is paged by cursor and says how fresh it is', async () => {
    const provider = await openProvider()
    for (const index of [1, 2, 3]) provider.state.create({ ...euros, orderId: `order-${index}` })
    const first = JSON.parse((await provider.get('/payments?limit=2')).text)
    const second = JSON.parse((await provider.get(`/payments?limit=2&cursor=${first.nextCursor}`)).text)
    expect(first.items.map((item: { orderId: string }) => item.orderId)).toEqual(['order-1', 'order-2'])
    expect(second).toMatchObject({ items: [{ orderId: 'order-3' }], hasMore: false, nextCursor: null })
    expect(Date.parse(first.watermark)).toBeGreaterThan(0)
    expect((await provider.get('/payments?cursor=x')).status).toBe(400)
  })
})

describe('a cancel', () => {
  test('gives all back, then is refused', async () => {
    const provider = await openProvider()
    const { id } = provider.state.create(euros)
    const first = await provider.post(`/payments/${id}/cancel`, { reason: 'test', reference: 'ours-1' })
    expect(first.text).toContain('"status":"CANCELLED","refunded":12.30,"refundable":0.00')
    expect(first.text).toContain('"reference":"ours-1"')
    const second = await provider.post(`/payments/${id}/cancel`, { reason: 'test' })
    expect([second.status, JSON.parse(second.text).code]).toEqual([409, 'ALREADY_CANCELLED'])
    expect(provider.state.effectiveCancels(id)).toHaveLength(1)
  })

  test('may be partial, down to nothing', async () => {
    const provider = await openProvider()
    const { id } = provider.state.create(euros)
    const cancel = (amount: string) => provider.post(`/payments/${id}/cancel`, { reason: 'test', amount })
    expect((await cancel('2.30')).text).toContain('"status":"PARTIAL","refunded":2.30,"refundable":10.00')
    expect(JSON.parse((await cancel('10.01')).text).code).toBe('NOT_CANCELABLE_AMOUNT')
    expect((await cancel('10')).text).toContain('"status":"CANCELLED","refunded":12.30,"refundable":0.00')
    expect(provider.state.effectiveCancels(id)).toHaveLength(2)
  })

  test.each([
    ['PENDING', 409, 'NOT_PAID'],
    ['FAILED', 409, 'NOT_PAID'],
    ['CANCELLED', 409, 'ALREADY_CANCELLED'],
    ['DISPUTED', 409, 'DISPUTED'],
  ] as const)('of a %s payment is refused with %i %s', async (status, expected, code) => {
    const provider = await openProvider()
    const { id } = provider.state.create({ ...euros, status })
    const reply = await provider.post(`/payments/${id}/cancel`, { reason: 'test' })
    expect([reply.status, JSON.parse(reply.text).code]).toEqual([expected, code])
    expect(provider.state.effectiveCancels(id)).toEqual([])
  })

  test('is refused when the payment is too old, is unknown, or no reason is given', async () => {
    const provider = await openProvider()
    const old = provider.state.create({ ...euros, createdAt: new Date('2020-01-01T00:00:00Z') })
    const codeOf = async (id: string, body: unknown) => {
      const reply = await provider.post(`/payments/${id}/cancel`, body)
      return [reply.status, JSON.parse(reply.text).code]
    }
    expect(await codeOf(old.id, { reason: 'test' })).toEqual([422, 'TOO_OLD'])
    expect(await codeOf('nobody', { reason: 'test' })).toEqual([404, 'PAYMENT_NOT_FOUND'])
    expect(await codeOf(provider.state.create(euros).id, {})).toEqual([400, 'INVALID_REQUEST'])
  })

  test('of an asynchronous payment is accepted first and settles when told', async () => {
    const provider = await openProvider()
    const { id } = provider.state.create({ ...euros, asynchronousRefunds: {} })
    const accepted = await provider.post(`/payments/${id}/cancel`, { reason: 'test' })
    const [refund] = JSON.parse(accepted.text).refunds
    expect([accepted.status, refund.status]).toEqual([202, 'REQUESTED'])
    expect(accepted.text).toContain('"status":"PAID","refunded":0.00,"refundable":0.00')

    await provider.post(`/_sandbox/refunds/${refund.id}/settle`, { outcome: 'SUCCEEDED' })
    expect(JSON.parse((await provider.get(`/payments/${id}`)).text).status).toBe('CANCELLED')
    provider.state.settleRefund(refund.id, 'FAILED')
    const reversed = await provider.get(`/payments/${id}`)
    expect(reversed.text).toContain('"status":"PAID","refunded":0.00,"refundable":12.30')
  })

  test('of an asynchronous payment can settle by itself, also to FAILED', async () => {
    const provider = await openProvider()
    const { id } = provider.state.create({
      ...euros,
      asynchronousRefunds: { afterMs: 20, outcome: 'FAILED' },
    })
    await provider.post(`/payments/${id}/cancel`, { reason: 'test' })
    await expect
      .poll(() => provider.state.payment(id)?.refunds.map(({ status }) => status))
      .toEqual(['FAILED'])
    expect(provider.state.payment(id)?.status).toBe('PAID')
  })
})

describe('the wire', () => {
  test('a token is required when one is set', async () => {
    const provider = await openProvider({ token: 'secret' })
    provider.state.create(euros)
    const statusOf = async (headers: Record<string, string>) =>
      (await provider.get('/payments/order-1', headers)).status
    expect(await statusOf({})).toBe(401)
    expect(await statusOf({ authorization: 'Bearer other' })).toBe(403)
    expect(await statusOf({ authorization: 'Bearer secret' })).toBe(200)
  })

  test('answers carry Date and X-Request-Id, and large ones are compressed', async () => {
    const provider = await openProvider()
    for (const index of [1, 2, 3, 4, 5, 6]) provider.state.create({ ...euros, orderId: `order-${index}` })
    const plain = await provider.get('/payments')
    const brotli = await provider.get('/payments', { 'accept-encoding': 'gzip, br' })
    const gzip = await provider.get('/payments', { 'accept-encoding': 'gzip' })
    const watermark = /"watermark":"[^"]+"/
    const expected = plain.text.replace(watermark, '')
    expect(brotliDecompressSync(brotli.bytes).toString().replace(watermark, '')).toBe(expected)
    expect(gunzipSync(gzip.bytes).toString().replace(watermark, '')).toBe(expected)
    expect(gzip.headers).toMatchObject({
      'content-encoding': 'gzip',
      'x-request-id': expect.stringMatching(/-3$/),
    })
    expect(Date.parse(String(gzip.headers.date))).toBeGreaterThan(0)
    const small = await provider.get('/payments/order-1', { 'accept-encoding': 'gzip' })
    expect(small.headers['content-encoding']).toBeUndefined()
  })

  test('request bodies may be compressed', async () => {
    const provider = await openProvider()
    const body = gzipSync(JSON.stringify(euros))
    expect((await provider.post('/payments', body, { 'content-encoding': 'gzip' })).status).toBe(201)
    expect((await provider.post('/payments', body, { 'content-encoding': 'br' })).status).toBe(400)
    expect((await provider.post('/payments', body)).status).toBe(400)
  })

  test('unknown paths are 404, broken ones 400', async () => {
    const provider = await openProvider()
    expect((await provider.get('/nothing')).status).toBe(404)
    expect((await provider.get('/payments/a/b/c')).status).toBe(404)
    expect((await provider.get('/payments/%zz')).status).toBe(400)
    expect((await provider.get('/_sandbox/payments/%zz')).status).toBe(400)
  })

  test('latency and the probe come after the work and before the answer', async () => {
    const seen: number[] = []
    const provider = await openProvider({
      latencyMs: 50,
      transactionProbe: async () =>
        void seen.push(provider.state.mutations().filter((one) => one.effective).length),
    })
    const started = performance.now()
    await provider.post('/payments', euros)
    expect(performance.now() - started).toBeGreaterThan(45)
    expect(seen).toEqual([1])
  })
})

describe('the server', () => {
  test('says so when its port is taken', async () => {
    const { port } = new URL((await openProvider()).baseUrl)
    await expect(openProvider({ port: Number(port) })).rejects.toMatchObject({
      code: 'sandbox.provider.unavailable',
      exitCode: 69,
    })
  })

  test('waits for many at once, and can be stopped while they wait', async () => {
    const provider = await openProvider({ latencyMs: 60_000 })
    const calls = Array.from({ length: 50 }, () => provider.get('/payments/x'))
    await expect.poll(() => provider.state.counts().mostOpen).toBe(50)
    await provider.stop()
    const outcomes = await Promise.allSettled(calls)
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true)
  })
})

describe('the log', () => {
  test('has every request in order, with what it did', async () => {
    const provider = await openProvider()
    const { id } = provider.state.create({ ...euros, id: 'pay_1' })
    const key = { 'idempotency-key': 'key-1' }
    await provider.get('/payments/order-1')
    await provider.post(`/payments/${id}/cancel`, { reason: 'test' }, key)
    await provider.post(`/payments/${id}/cancel`, { reason: 'test' }, key)
    const lines = (await provider.get('/_sandbox/log')).text.trimEnd().split('\n')
    const bodyHash = expect.stringMatching(/^[0-9a-f]{64}$/)
    const cancel = { path: '/payments/pay_1/cancel', paymentId: 'pay_1', idempotencyKey: 'key-1', bodyHash }
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { sequence: 1, method: 'GET', path: '/payments/order-1', status: 200, effective: false },
      { sequence: 2, method: 'POST', ...cancel, status: 200, effective: true, replayed: false },
      { sequence: 3, method: 'POST', ...cancel, status: 200, effective: false, replayed: true },
    ])
    expect(provider.state.mutations().map(({ sequence }) => sequence)).toEqual([2, 3])
    expect(provider.state.counts()).toMatchObject({
      requests: 3,
      lookups: 1,
      mutations: 2,
      open: 0,
      mostOpen: 1,
    })
  })
})

describe('the operator', () => {
  test('creates payments in bulk and reads the truth through faults', async () => {
    const provider = await openProvider({ token: 'secret' })
    const many = Array.from({ length: 1000 }, (_, index) => ({
      ...euros,
      id: `pay_${index}`,
      orderId: `o-${index}`,
    }))
    expect(JSON.parse((await provider.post('/_sandbox/payments', many)).text).created).toBe(1000)
    expect(provider.state.payments()).toHaveLength(1000)
    provider.faults.add({ kind: 'hang' })
    expect(JSON.parse((await provider.get('/_sandbox/payments/pay_999')).text).orderId).toBe('o-999')
    expect((await provider.get('/_sandbox/payments/pay_1000')).status).toBe(404)
  })

  test('switches faults on, lists them and clears them', async () => {
    const provider = await openProvider()
    const on = await provider.post('/_sandbox/faults', {
      kind: 'statusBefore',
      status: 429,
      retryAfter: 7,
      times: 2,
    })
    expect(on.status).toBe(201)
    expect(JSON.parse(on.text).faults).toHaveLength(1)
    const limited = await provider.get('/payments/x')
    expect([limited.status, limited.headers['retry-after']]).toEqual([429, '7'])
    expect(JSON.parse((await provider.send('DELETE', '/_sandbox/faults')).text).faults).toEqual([])
    expect((await provider.get('/payments/x')).status).toBe(404)
  })

  test.each([
    [{ kind: 'sneeze' }, /"kind" is "sneeze"; it must be resetBefore, /],
    [{ kind: 'slowDrip' }, /"msPerByte" is missing/],
    [{ kind: 'statusBefore', status: 418 }, /"status" is "418"/],
    [{}, /"kind" is missing. It is one of: resetBefore/],
    ['text', /A JSON object was expected/],
  ])('the fault %j is refused with words', async (fault, message) => {
    const provider = await openProvider()
    const reply = await provider.post('/_sandbox/faults', fault)
    expect([reply.status, JSON.parse(reply.text).message]).toEqual([400, expect.stringMatching(message)])
  })
})
