import { describe, expect, it } from 'vitest'
import {
  deriveIdempotencyKey,
  judgeOperation,
  type Operation,
  readCallEnding,
  renderBody,
} from '../../../jobs/reconcile/operation.ts'
import { headerValue } from '../../../src/http/idempotency.ts'
import {
  ago,
  asOf,
  DAY,
  HOUR,
  sampleAnswer,
  sampleBody,
  sampleObservation,
  samplePayment,
  sampleService,
} from './sample.ts'

const operation: Operation = {
  id: '0193',
  key: ['17'],
  keyHash: 'a'.repeat(64),
  reference: 'A-1',
  externalId: 'p-1',
  seq: 1,
  state: 'sending',
  idempotencyKey: 'rk1-key',
  path: '/payments/p-1/cancel',
  body: '{}',
  amount: '12.30',
  currency: 'EUR',
  attempts: 1,
  firstSentAt: ago(HOUR),
  createdAt: ago(HOUR),
}

describe('the idempotency key', () => {
  const parts = [
    'http://127.0.0.1:4010',
    'payments',
    'shop',
    'payments',
    '17',
    'p-1',
    'cancel',
    '1',
    '12.30',
    'EUR',
  ]

  it('is the same for ever for the same call', () => {
    expect(deriveIdempotencyKey(parts)).toBe('rk1-wOd3eBSH4UOSP9KdozA_d8yqeF4zcSEOmuedk85Y-NM')
  })

  it('is another for a change in any part, also where parts meet', () => {
    const changed = parts.map((_, index) => parts.with(index, `${parts[index]}x`))
    const keys = [parts, ...changed, ['ab', 'c'], ['a', 'bc']].map(deriveIdempotencyKey)
    expect(new Set(keys).size).toBe(keys.length)
  })

  it('fits what services take, and tells nothing about the payment', () => {
    const key = deriveIdempotencyKey(parts)
    expect(key).toMatch(/^rk1-[\w-]{43}$/)
    expect(headerValue(key, { quoted: false })).toBe(key)
  })
})

describe('the body', () => {
  const template = {
    reason: 'cancel of {reference}',
    refund: { amount: '{amount}', parts: ['{id}', 7, true, null] },
  }
  const values = { id: 'p-1', reference: 'A-1', amount: '12.30', currency: 'EUR' }

  it('has the bytes of the configuration, in its order', () => {
    expect(renderBody(template, values)).toBe(
      '{"reason":"cancel of A-1","refund":{"amount":"12.30","parts":["p-1",7,true,null]}}',
    )
  })

  it('stays JSON whatever a reference is made of', () => {
    const reference = '","amount":"999999\n\u2028{amount}'
    const body = renderBody(template, { ...values, reference })
    expect(JSON.parse(body)).toMatchObject({ reason: `cancel of ${reference}`, refund: { amount: '12.30' } })
  })
})

describe('how a cancel call ended', () => {
  const timing = { durationMs: 1, attempts: 1 }
  const service = sampleService({
    cancel: {
      alreadyDone: { status: 400, pointer: '/code', in: ['ALREADY_CANCELLED'] },
      inProgress: { status: 409, pointer: '/code', in: ['IN_PROGRESS'] },
    },
    lookup: { temporary: [{ status: 400, pointer: '/code', equals: 'BUSY' }] },
  })
  const end = (status: number, body: string, more: Parameters<typeof sampleAnswer>[2] = {}) =>
    readCallEnding(sampleAnswer(status, body, more), operation, service)

  it.each(['dns', 'refused', 'connectTimeout', 'tls', 'aborted'] as const)(
    'not sent (%s): planned',
    (cause) => {
      const ending = readCallEnding({ kind: 'notSent', cause, reason: 'x', ...timing }, operation, service)
      expect(ending.state).toBe('planned')
    },
  )

  it('held back: planned', () => {
    const held = { kind: 'held', cause: 'breakerOpen', until: '', reason: 'x', ...timing } as const
    expect(readCallEnding(held, operation, service).state).toBe('planned')
  })

  it.each(['timeout', 'reset', 'closed', 'truncated', 'protocol', 'aborted'] as const)(
    'sent and not answered (%s): unknown',
    (cause) => {
      const ending = readCallEnding({ kind: 'unanswered', cause, reason: 'x', ...timing }, operation, service)
      expect(ending.state).toBe('unknown')
    },
  )

  it('answered with what cannot be read: unknown', () => {
    const bad = { kind: 'bad', status: 200, reason: 'HTML', excerpt: '', ...timing } as const
    expect(readCallEnding(bad, operation, service).state).toBe('unknown')
  })

  it.each([
    {
      status: 200,
      body: sampleBody({ status: 'CANCELLED' }),
      state: 'unknown',
      why: 'only a look-up confirms',
    },
    { status: 204, body: '', state: 'unknown', why: 'only a look-up confirms' },
    { status: 202, body: '{}', state: 'accepted', why: 'taken on' },
    {
      status: 400,
      body: '{"code":"ALREADY_CANCELLED"}',
      state: 'unknown',
      why: 'cancelled before, or so it says',
    },
    { status: 400, body: '{"code":"BUSY"}', state: 'unknown', why: 'temporary in its own words' },
    { status: 400, body: '{"code":"TOO_OLD"}', state: 'rejected', why: 'a business no' },
    { status: 404, body: '{}', state: 'rejected', why: 'a business no' },
    { status: 408, body: '', state: 'unknown', why: 'it gave up on us, perhaps too late' },
    { status: 409, body: '{"code":"IN_PROGRESS"}', state: 'unknown', why: 'the first call still runs' },
    { status: 409, body: '{"code":"BALANCE"}', state: 'rejected', why: 'somebody else acted' },
    { status: 429, body: '{}', state: 'planned', why: 'not executed' },
    { status: 500, body: '{}', state: 'unknown', why: 'perhaps executed' },
    { status: 502, body: '', state: 'unknown', why: 'perhaps executed' },
    { status: 503, body: '', state: 'unknown', why: 'perhaps executed' },
    { status: 504, body: '', state: 'unknown', why: 'perhaps executed' },
  ])('HTTP $status $body: $state ($why)', ({ status, body, state }) => {
    const ending = end(status, body)
    expect(ending.state).toBe(state)
    expect(ending).not.toHaveProperty('halts')
  })

  it('any 409 may be the first call, still running, where nothing says otherwise', () => {
    expect(readCallEnding(sampleAnswer(409, '{}'), operation, sampleService()).state).toBe('unknown')
  })

  it.each([401, 403])('HTTP %i: nothing was done, and nothing more is sent', (status) => {
    expect(end(status, '{}')).toMatchObject({
      state: 'planned',
      halts: expect.stringContaining('credentials'),
    })
  })

  it('a success that speaks of another payment: a person looks, and nothing more is sent', () => {
    const ending = end(200, sampleBody({ id: 'p-2', status: 'CANCELLED' }))
    expect(ending).toMatchObject({ state: 'review', halts: expect.stringContaining('another payment') })
  })

  it('a key known from another request: a person looks, and nothing more is sent', () => {
    const ending = end(422, '{"code":"IDEMPOTENCY_KEY_REUSED"}')
    expect(ending).toMatchObject({ state: 'review', halts: expect.stringContaining('idempotency key') })
  })

  it('never in a confirmation: no answer alone proves a refund', () => {
    const statuses = Array.from({ length: 400 }, (_, index) => 200 + index)
    const states = statuses.map((status) => end(status, sampleBody({ status: 'CANCELLED' })).state)
    expect(states).not.toContain('confirmed')
  })
})

describe('an operation whose payment was looked at', () => {
  const service = sampleService({ cancel: { idempotency: { window: '24h' } } })
  const judgeSeen = (
    external: Parameters<typeof sampleObservation>[0] & object,
    more: Partial<Operation> = {},
  ) => judgeOperation({ ...operation, ...more }, sampleObservation(external), service, asOf)

  it('is confirmed by the whole amount given back', () => {
    const refunded = (amount: string | undefined) =>
      judgeSeen({ external: 'refunded', payment: samplePayment({ refunded: amount }) }).do
    expect(refunded('12.30')).toBe('confirm')
    expect(refunded('12.31')).toBe('confirm')
    expect(refunded(undefined)).toBe('confirm')
    expect(refunded('5.00')).toBe('review')
  })

  it('is confirmed by an authorization that was voided', () => {
    expect(judgeSeen({ external: 'failed' }).do).toBe('confirm')
    expect(judgeSeen({ external: 'refunded', payment: samplePayment({ refunded: '0.00' }) }).do).toBe(
      'confirm',
    )
  })

  it.each(['failed', 'refunded'] as const)(
    'is not confirmed by another payment (%s) of the reference',
    (external) => {
      expect(judgeSeen({ external, payment: samplePayment({ id: 'p-2' }) }).do).toBe('review')
    },
  )

  it.each(['temporary', 'unreadable', 'absentMaybe', 'denied', 'pending'] as const)(
    'waits while %s',
    (external) => {
      expect(judgeSeen({ external }).do).toBe('wait')
    },
  )

  it.each(['differs', 'partial', 'multiple', 'disputed', 'absent', 'gone'] as const)(
    'is left to people when %s',
    (external) => {
      expect(judgeSeen({ external }).do).toBe('review')
    },
  )

  it.each(['paid', 'authorized'] as const)('is sent again while the money is unmoved (%s)', (external) => {
    expect(judgeSeen({ external }).do).toBe('send')
    expect(judgeSeen({ external }, { state: 'unknown' }).do).toBe('send')
    expect(judgeSeen({ external }, { state: 'planned', firstSentAt: undefined }).do).toBe('send')
  })

  it('is not sent again when it was taken on', () => {
    expect(judgeSeen({ external: 'paid' }, { state: 'accepted' }).do).toBe('wait')
  })

  it('is sent again within four fifths of the key’s window only', () => {
    const limit = 0.8 * DAY
    expect(judgeSeen({ external: 'paid' }, { firstSentAt: ago(limit) }).do).toBe('send')
    expect(judgeSeen({ external: 'paid' }, { firstSentAt: ago(limit + 1) })).toMatchObject({
      do: 'review',
      reason: expect.stringContaining('twice'),
    })
  })
})
