import { describe, expect, test } from 'vitest'
import { systemClock } from '../../src/lib/clock.ts'
import { type Client, openProvider } from './provider-client.ts'

const euros = { orderId: 'order-1', amount: '12.30', currency: 'EUR' }
const reason = { reason: 'test', amount: '2.30' }

const cancel = (provider: Client, body: unknown = reason, key = 'key-1') =>
  provider.post('/payments/pay_1/cancel', body, { 'idempotency-key': key })

const openWithPayment = async (options: Parameters<typeof openProvider>[0] = {}) => {
  const provider = await openProvider(options)
  provider.state.create({ ...euros, id: 'pay_1' })
  return provider
}

const codeOf = ({ text }: { text: string }) => JSON.parse(text).code

describe('an idempotency key', () => {
  test('replays the first answer and does nothing', async () => {
    const provider = await openWithPayment()
    const first = await cancel(provider)
    const second = await cancel(provider)
    expect(first.headers['idempotent-replayed']).toBeUndefined()
    expect(second.headers['idempotent-replayed']).toBe('true')
    expect(second.text).toBe(first.text)
    expect(provider.state.effectiveCancels('pay_1')).toHaveLength(1)
  })

  test('replays a refusal too, though the payment has changed since', async () => {
    const provider = await openWithPayment()
    provider.state.setStatus('pay_1', 'PENDING')
    const refused = await cancel(provider)
    provider.state.setStatus('pay_1', 'PAID')
    const again = await cancel(provider)
    expect([codeOf(refused), codeOf(again)]).toEqual(['NOT_PAID', 'NOT_PAID'])
    expect(again.headers['idempotent-replayed']).toBe('true')
  })

  test('with another body is a mismatch', async () => {
    const provider = await openWithPayment()
    await cancel(provider)
    const other = await cancel(provider, { ...reason, amount: '2.31' })
    expect([other.status, codeOf(other)]).toEqual([422, 'IDEMPOTENCY_MISMATCH'])
    expect(provider.state.effectiveCancels('pay_1')).toHaveLength(1)
  })

  test('on another path is another key', async () => {
    const provider = await openWithPayment()
    provider.state.create({ ...euros, id: 'pay_2' })
    await cancel(provider)
    const other = await provider.post('/payments/pay_2/cancel', reason, { 'idempotency-key': 'key-1' })
    expect([other.status, other.headers['idempotent-replayed']]).toEqual([200, undefined])
  })

  test('is in progress while the first request is open, though the money has moved', async () => {
    const provider = await openWithPayment({ latencyMs: 100 })
    const first = cancel(provider)
    await expect.poll(() => provider.state.effectiveCancels('pay_1')).toHaveLength(1)
    const second = await cancel(provider)
    expect([second.status, codeOf(second)]).toEqual([409, 'IDEMPOTENCY_IN_PROGRESS'])
    expect((await first).status).toBe(200)
    expect((await cancel(provider)).headers['idempotent-replayed']).toBe('true')
  })

  test('is new again after the window: a second refund', async () => {
    let skipped = 0
    const clock = { ...systemClock, elapsed: () => systemClock.elapsed() + skipped }
    const provider = await openWithPayment({ clock })
    await cancel(provider)
    skipped = 24 * 3_600_000
    expect((await cancel(provider)).headers['idempotent-replayed']).toBeUndefined()
    expect(provider.state.effectiveCancels('pay_1')).toHaveLength(2)
  })

  test('is not used up by a request that makes no sense', async () => {
    const provider = await openWithPayment()
    expect(codeOf(await cancel(provider, { amount: '2.30' }))).toBe('INVALID_REQUEST')
    expect((await cancel(provider)).status).toBe(200)
  })

  test.each([400, 401, 429, 500, 503] as const)('is not used up by a %i before the work', async (status) => {
    const provider = await openWithPayment()
    provider.faults.add({ kind: 'statusBefore', status, times: 1 })
    expect((await cancel(provider)).status).toBe(status)
    expect(provider.state.effectiveCancels('pay_1')).toEqual([])
    expect((await cancel(provider)).status).toBe(200)
  })

  test('keeps a 500 after the work: the money moved, the key says 500 for ever', async () => {
    const provider = await openWithPayment()
    provider.faults.add({ kind: 'statusAfter', status: 500, times: 1 })
    const replies = [await cancel(provider), await cancel(provider), await cancel(provider)]
    expect(replies.map(({ status }) => status)).toEqual([500, 500, 500])
    expect(replies[2]?.headers['idempotent-replayed']).toBe('true')
    expect(provider.state.effectiveCancels('pay_1')).toHaveLength(1)
    expect((await provider.get('/payments/pay_1')).text).toContain('"refunded":2.30')
  })

  test('has the true answer behind a 502 of the gateway', async () => {
    const provider = await openWithPayment()
    provider.faults.add({ kind: 'statusAfter', status: 502, times: 1 })
    expect((await cancel(provider)).status).toBe(502)
    const again = await cancel(provider)
    expect([again.status, again.headers['idempotent-replayed']]).toEqual([200, 'true'])
  })
})
