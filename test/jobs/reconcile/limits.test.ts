import { describe, expect, it } from 'vitest'
import type { LocalClass } from '../../../jobs/reconcile/classes.ts'
import { findLimit } from '../../../jobs/reconcile/limits.ts'
import type { Step } from '../../../jobs/reconcile/plan-model.ts'
import {
  addResults,
  emptyResult,
  type ReconcileResult,
  resultOfCancel,
  resultOfEnd,
  type StepEnding,
} from '../../../jobs/reconcile/result-model.ts'
import { sampleObservation, sampleOptions, samplePayment, sampleRow } from './sample.ts'

const observation = sampleObservation()
const setOf = (local: LocalClass): Step => ({
  ...{ type: 'set', to: 'refunded', facts: 'paid+refunded', actor: 'rowkeeper' },
  row: sampleRow({ local }),
  observation,
})
const cancelOf = (payment: Parameters<typeof samplePayment>[0] = {}): Step => ({
  ...{ type: 'compensate', facts: 'failed+paid', actor: 'rowkeeper' },
  row: sampleRow(),
  observation: sampleObservation({ payment: samplePayment(payment) }),
})

function soFar(more: Partial<ReconcileResult> & { examined?: number }): ReconcileResult {
  const { examined = 1000, ...rest } = more
  return { ...emptyResult, counts: { ...emptyResult.counts, examined }, ...rest }
}

const limitsOf = (limits: Parameters<typeof sampleOptions>[0] & object) => sampleOptions(limits)
const afterEnds = (...endings: StepEnding[]) =>
  endings.reduce(
    (result, ending) => addResults(result, resultOfEnd({ keyHash: 'k', ending, text: '' })),
    soFar({}),
  )

describe('maxFixes', () => {
  const options = limitsOf({ limits: { maxFixes: 3 } })

  it('counts fixes and cancels together', () => {
    expect(findLimit(setOf('pending'), soFar({ changed: 2 }), options)).toBeUndefined()
    expect(findLimit(setOf('pending'), soFar({ changed: 3 }), options)).toBe(
      'limits.maxFixes of 3 is reached',
    )
    expect(findLimit(cancelOf(), soFar({ changed: 3 }), options)).toBe('limits.maxFixes of 3 is reached')
  })

  it('of 0 allows none', () => {
    expect(findLimit(setOf('pending'), soFar({}), limitsOf({ limits: { maxFixes: 0 } }))).toBeDefined()
  })
})

describe('maxChangedRatio', () => {
  const options = sampleOptions()

  it('is reached by the change that would exceed it', () => {
    const at = (settledChanges: number) =>
      findLimit(cancelOf(), soFar({ examined: 100, settledChanges }), options)
    expect(at(4)).toBeUndefined()
    expect(at(5)).toContain('5 %')
  })

  it('means nothing below 20 rows', () => {
    expect(findLimit(cancelOf(), soFar({ examined: 19, settledChanges: 9 }), options)).toBeUndefined()
    expect(findLimit(cancelOf(), soFar({ examined: 20, settledChanges: 1 }), options)).toBeDefined()
  })

  it('counts settled rows, not open ones', () => {
    const full = soFar({ examined: 100, settledChanges: 5 })
    expect(findLimit(setOf('paid'), full, options)).toBeDefined()
    for (const local of ['init', 'pending', 'unknown', 'refunding'] as const) {
      expect(findLimit(setOf(local), full, options), local).toBeUndefined()
    }
  })
})

describe('cancels', () => {
  const options = sampleOptions()

  it.each([
    [['open', 'rejected', 'open'], 'stop'],
    [['open', 'open'], 'go on'],
    [['open', 'open', 'compensated', 'open', 'rejected'], 'go on'],
    [['compensated', 'open', 'fixed', 'rejected', 'changedMeanwhile', 'open'], 'stop'],
  ] as const)('that ended as %j: %s', (endings, then) => {
    const limit = findLimit(cancelOf(), afterEnds(...endings), options)
    expect(limit).toBe(then === 'stop' ? '3 cancels in a row did not succeed' : undefined)
  })

  it('that failed do not keep fixes back', () => {
    expect(findLimit(setOf('pending'), afterEnds('open', 'open', 'open'), options)).toBeUndefined()
  })
})

describe('maxAmount', () => {
  const options = sampleOptions({ limits: { maxAmount: { EUR: '100.00', KRW: 5_000_000 } } })

  it('is not for what a person approved', () => {
    const approved = { ...cancelOf({ amount: '100.01' }), actor: 'operator@host' } as Step
    expect(findLimit(approved, soFar({}), options)).toBeUndefined()
  })
  const afterCancel = (amount: string, currency: string) =>
    addResults(soFar({}), resultOfCancel({ keyHash: 'k', ending: 'compensated', text: '' }, amount, currency))

  it('is reached by the cancel that would exceed it, to the last digit', () => {
    expect(findLimit(cancelOf(), afterCancel('87.70', 'EUR'), options)).toBeUndefined()
    expect(findLimit(cancelOf(), afterCancel('87.71', 'EUR'), options)).toBe(
      'limits.maxAmount of 100.00 EUR would be exceeded',
    )
  })

  it('is kept for each currency alone', () => {
    expect(
      findLimit(cancelOf({ currency: 'KRW', amount: '5000000' }), afterCancel('100', 'EUR'), options),
    ).toBeUndefined()
    expect(
      findLimit(cancelOf({ currency: 'KRW', amount: '5000001' }), afterCancel('0', 'EUR'), options),
    ).toBeDefined()
  })

  it('adds beyond what a float holds', () => {
    const big = sampleOptions({ limits: { maxAmount: { EUR: '9007199254740993' } } })
    expect(findLimit(cancelOf({ amount: '1' }), afterCancel('9007199254740992', 'EUR'), big)).toBeUndefined()
    expect(findLimit(cancelOf({ amount: '1.01' }), afterCancel('9007199254740992', 'EUR'), big)).toBeDefined()
  })

  it('is kept in whatever case the configuration writes the currency', () => {
    const lower = sampleOptions({ limits: { maxAmount: { eur: '1.00' } } })
    expect(findLimit(cancelOf(), soFar({}), lower)).toBeDefined()
  })

  it('is kept by our own currency when the service tells none', () => {
    expect(findLimit(cancelOf({ currency: undefined, amount: '100.01' }), soFar({}), options)).toBeDefined()
  })
})

describe('an operation of an earlier run', () => {
  it('is finished whatever the limits say', () => {
    const resume = { type: 'resume', observation } as Step
    expect(
      findLimit(resume, soFar({ changed: 10_000, settledChanges: 1000 }), sampleOptions()),
    ).toBeUndefined()
  })
})
