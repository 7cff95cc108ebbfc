import { describe, expect, it } from 'vitest'
import { estimateRemaining, fractionOf, toTimeEstimate } from '../../../jobs/migrate/estimate/model.ts'
import { noProgress } from '../../../jobs/migrate/state/model.ts'

const forecast = {
  ...{ rows: 1_000_000, copyMs: 60_000, indexMs: 10_000, checkMs: 20_000, diskBytes: 1 },
  basis: 'measured' as const,
}

describe('what is left of a migration', () => {
  it('is everything at the beginning, all phases to come included', () => {
    const { likelySeconds } = toTimeEstimate(forecast)
    const left = estimateRemaining(forecast, 'copying', noProgress)
    expect(left?.likelySeconds).toBeGreaterThan(89)
    expect(left?.likelySeconds).toBeLessThanOrEqual(likelySeconds)
    expect(left?.lowSeconds).toBeLessThan(left?.likelySeconds ?? 0)
    expect(left?.highSeconds).toBeGreaterThan(left?.likelySeconds ?? 0)
  })

  it('grows when the work goes slower than it was expected to', () => {
    const halfway = { ...noProgress, rowsCopied: 500_000, phaseMs: { copying: 60_000 } }
    // Twice as slow: 30 s of copying are left by the forecast, 60 in truth, and the rest likewise.
    expect(estimateRemaining(forecast, 'copying', halfway)?.likelySeconds).toBeCloseTo(120.75, 1)
  })

  it('is unknown while somebody else decides', () => {
    expect(estimateRemaining(forecast, 'holding', noProgress)).toBeUndefined()
    expect(estimateRemaining(forecast, 'done', noProgress)).toBeUndefined()
  })

  it('never is nothing while there is work, and a share never is the whole', () => {
    const beyond = { ...noProgress, rowsCopied: 1_700_000, phaseMs: { copying: 100_000 } }
    expect(estimateRemaining(forecast, 'copying', beyond)?.likelySeconds).toBeGreaterThan(1)
    expect(fractionOf(1_700_000, 1_000_000)).toBe(0.99)
    expect(fractionOf(10, 0)).toBe(0.99)
  })
})
