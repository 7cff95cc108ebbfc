import { describe, expect, it } from 'vitest'
import { climb, isExhausted, type Look } from '../../../jobs/reconcile/ladder.ts'
import { ago, asOf, DAY, HOUR, MINUTE } from './sample.ts'

const look: Look = {
  local: 'pending',
  external: 'pending',
  step: 0,
  failures: 1,
  asOf,
  since: ago(HOUR),
  inReview: false,
  fraction: 0.5,
}

/** Milliseconds until the next look; undefined when there is none. */
function pauseOf(more: Partial<Look>): number | undefined {
  const { nextCheckAt } = climb({ ...look, ...more })
  return nextCheckAt === undefined ? undefined : Date.parse(nextCheckAt) - Date.parse(asOf)
}

describe('looks at an open row', () => {
  it('are 5 minutes, 15 minutes, 1 hour, 6 hours and then fourteen days apart', () => {
    const pauses = Array.from({ length: 19 }, (_, step) => pauseOf({ step }))
    expect(pauses).toEqual([
      ...[5 * MINUTE, 15 * MINUTE, HOUR, 6 * HOUR],
      ...Array<number>(14).fill(DAY),
      undefined,
    ])
  })

  it('come up to a tenth sooner or later', () => {
    expect(pauseOf({ fraction: 0 })).toBe(4.5 * MINUTE)
    expect(pauseOf({ fraction: 0.999_999 })).toBeLessThanOrEqual(5.5 * MINUTE)
    expect(pauseOf({ fraction: 0.999_999 })).toBeGreaterThan(5.49 * MINUTE)
  })

  it('are used up after the last', () => {
    expect(isExhausted('pending', 'pending', 17)).toBe(false)
    expect(isExhausted('pending', 'pending', 18)).toBe(true)
  })
})

describe('an answer without evidence', () => {
  it.each(['temporary', 'unreadable', 'absentMaybe', 'denied'] as const)(
    '(%s) climbs nothing',
    (external) => {
      expect(climb({ ...look, external, step: 7 }).step).toBe(7)
    },
  )

  it('brings the next look soon, later after more of them, and within an hour always', () => {
    const pauses = [1, 2, 3, 4, 5, 6, 100].map((failures) => pauseOf({ external: 'unreadable', failures }))
    expect(pauses).toEqual([5, 10, 20, 40, 60, 60, 60].map((minutes) => minutes * MINUTE))
  })

  it('does not change the pause of a row in review', () => {
    expect(pauseOf({ external: 'temporary', inReview: true })).toBe(5 * MINUTE)
  })
})

describe('a row left to a person', () => {
  it('is looked at once a day, however long it takes', () => {
    expect(pauseOf({ inReview: true, step: 0 })).toBe(DAY)
    expect(pauseOf({ inReview: true, step: 500 })).toBe(DAY)
  })
})

describe('a row that looks settled', () => {
  const settled = { local: 'failed', external: 'failed' } as const

  it.each([
    { age: 10 * MINUTE, next: HOUR },
    { age: HOUR, next: DAY },
    { age: 2 * HOUR, next: DAY },
    { age: 3 * DAY, next: 7 * DAY },
  ])('is looked at again at the age of $next ms', ({ age, next }) => {
    expect(pauseOf({ ...settled, since: ago(age) })).toBe(next - age)
  })

  it('is done after seven days', () => {
    expect(pauseOf({ ...settled, since: ago(7 * DAY) })).toBeUndefined()
  })

  it.each(['failed', 'paid', 'refunded', 'partial'] as const)('(%s) never exhausts its ladder', (local) => {
    expect(isExhausted(local, 'paid', 10_000)).toBe(false)
  })

  it('that the service still has pending is as open as any', () => {
    const pending = { local: 'failed', external: 'pending', since: ago(30 * DAY), step: 4 } as const
    expect(pauseOf(pending)).toBe(DAY)
    expect(isExhausted('failed', 'pending', 18)).toBe(true)
  })
})
