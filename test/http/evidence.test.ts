import { describe, expect, it } from 'vitest'
import { hashRequest, headerValue } from '../../src/http/idempotency.ts'
import { createLatency } from '../../src/http/latency.ts'
import { parseRetryAfter } from '../../src/http/retry-after.ts'

describe('parseRetryAfter', () => {
  const now = new Date('2026-11-22T03:00:00.000Z')

  it.each([
    ['30', 30_000],
    [' 1 ', 1000],
    ['86400', 86_400_000],
    ['Sun, 22 Nov 2026 03:02:00 GMT', 120_000],
    ['Sunday, 22-Nov-26 03:02:00 GMT', 120_000],
  ])('believes %j', (header, expected) => {
    expect(parseRetryAfter(header, now)).toBe(expected)
  })

  it.each([
    undefined,
    '',
    '0',
    '-5',
    '1.5',
    '1e9',
    '86401',
    '99999999999999999999',
    'soon',
    'Sun, 22 Nov 2026 02:59:00 GMT',
    'Sun, 22 Nov 2036 03:00:00 GMT',
  ])('does not believe %j', (header) => {
    expect(parseRetryAfter(header, now)).toBeUndefined()
  })
})

describe('idempotency', () => {
  it('sends the key bare or quoted', () => {
    expect(headerValue('rk1-0123456789abcdef', { quoted: false })).toBe('rk1-0123456789abcdef')
    expect(headerValue('rk1-0123456789abcdef', { quoted: true })).toBe('"rk1-0123456789abcdef"')
  })

  it.each(['', 'short', 'rk1-0123456789abc\r\nx: y', 'a'.repeat(256)])('refuses the key %j', (key) => {
    expect(() => headerValue(key, { quoted: false })).toThrow('idempotency key')
  })

  it('tells requests apart by method, path and body', () => {
    const request = { method: 'POST', path: '/a', body: '{}' }
    const others = [
      { ...request, path: '/b' },
      { ...request, body: '{ }' },
      { ...request, method: 'PUT' },
    ]
    expect(hashRequest({ ...request })).toBe(hashRequest(request))
    expect(new Set([request, ...others].map(hashRequest)).size).toBe(4)
  })
})

describe('createLatency', () => {
  it('gives percentiles in milliseconds and counts by bin', () => {
    const latency = createLatency()
    for (let milliseconds = 1; milliseconds <= 100; milliseconds += 1) latency.record(milliseconds)
    latency.record(20_000)
    const { p50, p90, p99, max, bins } = latency.summary()
    expect(p50).toBeCloseTo(51, 0)
    expect(p90).toBeCloseTo(91, 0)
    expect(p99).toBeCloseTo(100, 0)
    expect(max / 20_000).toBeCloseTo(1, 2)
    expect(bins.map(({ count }) => count)).toEqual([4, 5, 10, 30, 50, 1, 0, 0, 0, 0, 0, 1])
    expect(bins.at(-1)).toEqual({ upToMs: null, count: 1 })
  })

  it('is all zero without a record', () => {
    expect(createLatency().summary()).toMatchObject({ p50: 0, p90: 0, p99: 0, max: 0 })
  })
})
