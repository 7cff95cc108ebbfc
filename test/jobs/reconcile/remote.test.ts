import { describe, expect, it } from 'vitest'
import { type Observation, observe } from '../../../jobs/reconcile/remote.ts'
import type { LocalRow } from '../../../jobs/reconcile/row.ts'
import type { ServiceConfig } from '../../../src/config/service-schema.ts'
import type { Answer } from '../../../src/http/answer.ts'
import { sampleAnswer, sampleBody, sampleRead, sampleRow, sampleService } from './sample.ts'

function see(
  answer: Answer,
  more: { row?: Partial<LocalRow>; service?: ServiceConfig; unit?: 'major' | 'minor' } = {},
): Observation {
  return observe(answer, sampleRow(more.row), more.service ?? sampleService(), more.unit ?? 'major')
}

function seeBody(body: string, more: Parameters<typeof see>[1] = {}): Observation {
  return see(sampleAnswer(200, body), more)
}

describe('no answer', () => {
  const timing = { durationMs: 12, attempts: 3 }

  it.each<Answer>([
    { kind: 'notSent', cause: 'refused', reason: 'the connection was refused', ...timing },
    { kind: 'unanswered', cause: 'timeout', reason: 'no answer within 10 s', ...timing },
    {
      kind: 'held',
      cause: 'breakerOpen',
      until: '2026-11-22T03:00:30Z',
      reason: 'the breaker is open',
      ...timing,
    },
  ])('($kind) is temporary and keeps its reason', (answer) => {
    const { reason } = answer as { reason: string }
    expect(see(answer)).toMatchObject({
      external: 'temporary',
      text: reason,
      amountsAgree: true,
      durationMs: 12,
    })
  })

  it('says when the service was not even asked', () => {
    const held: Answer = { kind: 'held', cause: 'rateLimited', until: '', reason: 'asked to wait', ...timing }
    expect(see(held).isHeld).toBe(true)
    expect(see({ ...timing, kind: 'unanswered', cause: 'reset', reason: 'reset' }).isHeld).toBeUndefined()
  })

  it('that can be read is unreadable', () => {
    const bad: Answer = {
      kind: 'bad',
      status: 200,
      reason: 'HTML instead of JSON',
      excerpt: '<html>',
      ...timing,
    }
    expect(see(bad)).toMatchObject({ external: 'unreadable', text: 'HTML instead of JSON', httpStatus: 200 })
  })
})

describe('a status', () => {
  it.each([
    [401, 'denied'],
    [403, 'denied'],
    [408, 'temporary'],
    [425, 'temporary'],
    [429, 'temporary'],
    [500, 'temporary'],
    [502, 'temporary'],
    [503, 'temporary'],
    [504, 'temporary'],
    [301, 'unreadable'],
    [304, 'unreadable'],
    [400, 'unreadable'],
    [410, 'unreadable'],
    [422, 'unreadable'],
  ])('%i is %s, whatever its body says', (status, external) => {
    expect(see(sampleAnswer(status, sampleBody())).external).toBe(external)
  })

  it('is kept as evidence with the body’s hash and the request’s id', () => {
    expect(see(sampleAnswer(200, sampleBody(), { requestId: 'req-7' }))).toMatchObject({
      httpStatus: 200,
      bodyHash: 'b'.repeat(64),
      requestId: 'req-7',
      durationMs: 3,
    })
  })
})

describe('not found', () => {
  const withCode = sampleService({
    lookup: { notFound: { code: { pointer: '/code', equals: 'NO_PAYMENT' } } },
  })

  it('is believed in JSON', () => {
    expect(see(sampleAnswer(404, '{"message":"no such payment"}')).external).toBe('absent')
  })

  it('is not believed from a proxy: without a body of JSON it says nothing', () => {
    expect(see(sampleAnswer(404, '')).external).toBe('absentMaybe')
  })

  it('needs the service’s own code where one is configured', () => {
    expect(see(sampleAnswer(404, '{"code":"NO_PAYMENT"}'), { service: withCode }).external).toBe('absent')
    expect(see(sampleAnswer(404, '{"code":"NO_ROUTE"}'), { service: withCode }).external).toBe('absentMaybe')
    expect(see(sampleAnswer(404, '{}'), { service: withCode }).external).toBe('absentMaybe')
  })

  it('may have another status', () => {
    const service = sampleService({ lookup: { notFound: { status: 410 } } })
    expect(see(sampleAnswer(410, '{}'), { service }).external).toBe('absent')
    expect(see(sampleAnswer(404, '{}'), { service }).external).toBe('unreadable')
  })

  it('may come with HTTP 200 and a code, and payments are read all the same', () => {
    const service = sampleService({
      lookup: { notFound: { status: 200, code: { pointer: '/code', equals: 'NO_PAYMENT' } } },
    })
    expect(seeBody('{"code":"NO_PAYMENT"}', { service }).external).toBe('absent')
    expect(seeBody(sampleBody(), { service }).external).toBe('paid')
  })
})

describe('configured words', () => {
  it('make an error below 400 or above temporary', () => {
    const temporary = [
      { status: 200, pointer: '/code', equals: 'BUSY' },
      { status: 404, pointer: '/code', equals: 'INDEXING' },
    ]
    const service = sampleService({ lookup: { temporary } })
    expect(seeBody('{"code":"BUSY"}', { service }).external).toBe('temporary')
    expect(see(sampleAnswer(404, '{"code":"INDEXING"}'), { service }).external).toBe('temporary')
    expect(see(sampleAnswer(404, '{"code":"BUSY"}'), { service }).external).toBe('absent')
  })

  it('make an answer gone', () => {
    const service = sampleService({ lookup: { gone: { status: 410 } } })
    expect(see(sampleAnswer(410, '{}'), { service }).external).toBe('gone')
  })
})

describe('a payment', () => {
  it.each([
    ['PAID', 'paid'],
    ['PENDING', 'pending'],
    ['FAILED', 'failed'],
    ['CANCELLED', 'refunded'],
    ['PARTIAL', 'partial'],
    ['AUTHORIZED', 'authorized'],
    ['DISPUTED', 'disputed'],
  ])('with the status %s is %s', (status, external) => {
    const seen = seeBody(sampleBody({ status }))
    expect(seen.external).toBe(external)
    expect(seen.payment).toMatchObject({ id: 'p-1', status, amount: '12.30', currency: 'EUR' })
  })

  it.each([
    ['another status', { status: 'SETTLED' }],
    ['a status of another case', { status: 'paid' }],
    ['a status out of the language', { status: 'constructor' }],
    ['no status', { status: null }],
    ['a status that is no text', { status: { PAID: true } }],
    ['no id', { id: undefined }],
    ['another reference', { orderId: 'A-2' }],
    ['a reference of another case', { orderId: 'a-1' }],
    ['no reference', { orderId: undefined }],
    ['no amount', { amount: undefined }],
    ['an amount with a comma', { amount: '1,230.00' }],
    ['an empty amount', { amount: '' }],
    ['no currency', { currency: null }],
  ])('with %s is unreadable, and nothing is made of it', (_, change) => {
    const seen = seeBody(sampleBody(change))
    expect(seen.external).toBe('unreadable')
    expect(seen.payment).toBeUndefined()
  })

  it('in a list is unreadable', () => {
    expect(seeBody(`[${sampleBody()}]`).external).toBe('unreadable')
    expect(seeBody('').external).toBe('unreadable')
  })

  it('may write its id and reference as numbers, digit by digit', () => {
    const body = '{"id":9007199254740993,"orderId":17,"status":"PAID","amount":"12.30","currency":"EUR"}'
    expect(seeBody(body, { row: { reference: '17' } }).payment?.id).toBe('9007199254740993')
  })
})

describe('amounts', () => {
  const paid = (amount: string) =>
    `{"id":"p-1","orderId":"A-1","status":"PAID","amount":${amount},"currency":"EUR"}`

  it.each(['12.3', '12.30', '12.300000', '"12.30"', '"+12.30"'])('are the same by value: %s', (amount) => {
    expect(seeBody(paid(amount)).external).toBe('paid')
  })

  it.each(['12.31', '12.29', '0', '-12.30', '"1230"'])('differ: %s', (amount) => {
    expect(seeBody(paid(amount))).toMatchObject({ external: 'differs', amountsAgree: false })
  })

  it('are compared beyond what a float can tell apart', () => {
    const row = { amount: '9007199254740993' }
    expect(seeBody(paid('9007199254740993'), { row }).external).toBe('paid')
    expect(seeBody(paid('9007199254740992'), { row }).external).toBe('differs')
  })

  it('written with an exponent are unreadable', () => {
    expect(seeBody(paid('1.23e1')).external).toBe('unreadable')
  })

  it('of our table that are no decimal never agree', () => {
    expect(seeBody(paid('12.30'), { row: { amount: '' } })).toMatchObject({
      external: 'differs',
      amountsAgree: false,
    })
  })

  it('in minor units on either side are brought to one', () => {
    const minorThere = sampleService({ lookup: { read: { ...sampleRead, amountUnit: 'minor' } } })
    expect(seeBody(paid('1230'), { service: minorThere })).toMatchObject({
      external: 'paid',
      payment: { amount: '12.30' },
    })
    expect(seeBody(paid('12.30'), { row: { amount: '1230' }, unit: 'minor' }).external).toBe('paid')
    expect(
      seeBody(paid('1230'), { row: { amount: '1230' }, unit: 'minor', service: minorThere }).external,
    ).toBe('paid')
    expect(seeBody(paid('1230'), { row: { amount: '1230' }, unit: 'minor' }).external).toBe('differs')
  })

  it('in minor units use the exponent of the currency', () => {
    const service = sampleService({ lookup: { read: { ...sampleRead, amountUnit: 'minor' } } })
    const amountIn = (currency: string) =>
      seeBody(sampleBody({ amount: '1230', currency }), { service, row: { currency } }).payment?.amount
    expect(['EUR', 'JPY', 'KRW', 'KWD'].map(amountIn)).toEqual(['12.30', '1230', '1230', '1.230'])
  })
})

describe('identity', () => {
  it('differs in another currency, in whatever case it is written', () => {
    expect(seeBody(sampleBody({ currency: 'USD' }))).toMatchObject({
      external: 'differs',
      amountsAgree: false,
    })
    expect(seeBody(sampleBody({ currency: 'eur' })).external).toBe('paid')
  })

  it('differs when we know the payment by another id', () => {
    expect(seeBody(sampleBody(), { row: { externalId: 'p-9' } }).external).toBe('differs')
    expect(seeBody(sampleBody(), { row: { externalId: 'p-1' } }).external).toBe('paid')
  })

  it('is asked of every status: a refund of another amount does not agree', () => {
    expect(seeBody(sampleBody({ status: 'CANCELLED', amount: '5.00' }))).toMatchObject({
      external: 'refunded',
      amountsAgree: false,
    })
  })

  it('says what differs', () => {
    expect(seeBody(sampleBody({ amount: '12.31' })).text).toBe('HTTP 200, PAID 12.31 EUR; we have 12.30')
  })
})

describe('refunds', () => {
  const partial = { local: 'partial', refunded: '5.00' } as const

  it('of a part agree when both sides gave back the same', () => {
    const body = (refunded: string) => sampleBody({ status: 'PARTIAL', refunded })
    expect(seeBody(body('5.00'), { row: partial }).amountsAgree).toBe(true)
    expect(seeBody(body('5.01'), { row: partial }).amountsAgree).toBe(false)
  })

  it('of a part never agree while one side does not tell how much', () => {
    expect(seeBody(sampleBody({ status: 'PARTIAL' }), { row: partial }).amountsAgree).toBe(false)
    const untold = { local: 'partial' } as const
    expect(seeBody(sampleBody({ status: 'PARTIAL', refunded: '5.00' }), { row: untold }).amountsAgree).toBe(
      false,
    )
  })

  it('that are called whole and are not do not agree', () => {
    const body = sampleBody({ status: 'CANCELLED', refunded: '5.00' })
    expect(seeBody(body).amountsAgree).toBe(false)
  })
})

describe('several live payments', () => {
  const service = sampleService({ lookup: { read: { ...sampleRead, duplicates: '/live' } } })

  it.each([
    [2, 'multiple'],
    ['12', 'multiple'],
    [1, 'paid'],
    [0, 'paid'],
    [null, 'paid'],
  ])('are told by a count of %j', (live, external) => {
    expect(seeBody(sampleBody({ live }), { service }).external).toBe(external)
  })
})
