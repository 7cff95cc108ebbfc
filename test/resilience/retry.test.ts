import { describe, expect, it } from 'vitest'
import { backoff, decideRetry, type RetryInput } from '../../src/resilience/retry.ts'

const lookup: RetryInput = {
  kind: 'lookup',
  outcome: 'unanswered',
  attempts: 1,
  retries: 2,
  budgetLeftMs: 30_000,
  fraction: 0.5,
}
const mutation: RetryInput = { ...lookup, kind: 'mutation' }

describe('decideRetry', () => {
  it.each([
    ['notSent', 2],
    ['unanswered', 2],
    ['unavailable', 2],
    ['throttled', 2],
    ['serverError', 1],
    ['unreadable', 1],
    ['final', 0],
  ] as const)('asks again after a lookup that ended %s, %i times', (outcome, times) => {
    const retried = [1, 2, 3, 4].filter((attempts) => decideRetry({ ...lookup, outcome, attempts }).retry)
    expect(retried).toHaveLength(times)
  })

  it.each(['unanswered', 'unavailable', 'serverError', 'throttled', 'unreadable'] as const)(
    'never asks again after a mutation that ended %s',
    (outcome) => {
      expect(decideRetry({ ...mutation, outcome })).toEqual({ retry: false, reason: 'maybeExecuted' })
    },
  )

  it('asks again once after a mutation that was surely not sent', () => {
    expect(decideRetry({ ...mutation, outcome: 'notSent' }).retry).toBe(true)
    expect(decideRetry({ ...mutation, outcome: 'notSent', attempts: 2 }).retry).toBe(false)
  })

  it('honours Retry-After to the millisecond', () => {
    const decision = decideRetry({ ...lookup, outcome: 'throttled', retryAfterMs: 7000 })
    expect(decision).toEqual({ retry: true, delayMs: 7000 })
  })

  it('gives up and says when, if Retry-After does not fit in the budget', () => {
    const decision = decideRetry({ ...lookup, outcome: 'throttled', retryAfterMs: 120_000 })
    expect(decision).toEqual({ retry: false, reason: 'budgetUsed', notBeforeMs: 120_000 })
  })

  it('gives up when the budget is used', () => {
    expect(decideRetry({ ...lookup, budgetLeftMs: 100 })).toEqual({ retry: false, reason: 'budgetUsed' })
  })
})

describe('backoff', () => {
  it('grows from 1 s to 8 s and is never below half a second', () => {
    expect([1, 2, 3, 4, 5, 9].map((attempts) => backoff(attempts, 0.999999))).toEqual([
      1000, 2000, 4000, 8000, 8000, 8000,
    ])
    expect([1, 2, 3, 9].map((attempts) => backoff(attempts, 0))).toEqual([500, 500, 500, 500])
  })
})
