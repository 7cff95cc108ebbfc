import { describe, expect, it } from 'vitest'
import { isDue, itemOf, readItem, tallyLook, toFinding, toItemValues } from '../../../jobs/reconcile/items.ts'
import { ago, asOf, DAY, HOUR, sampleItem, sampleObservation, sampleRow } from './sample.ts'

describe('a row', () => {
  it('is due when nobody looked at it, and when its time has come', () => {
    expect(isDue(undefined, asOf)).toBe(true)
    expect(isDue(sampleItem({ nextCheckAt: asOf }), asOf)).toBe(true)
    expect(isDue(sampleItem({ nextCheckAt: ago(1) }), asOf)).toBe(true)
  })

  it('is not due before its time, nor when it is done', () => {
    expect(isDue(sampleItem({ nextCheckAt: ago(-1) }), asOf)).toBe(false)
    expect(isDue(sampleItem({ state: 'done', nextCheckAt: undefined }), asOf)).toBe(false)
  })

  it.each(['acting', 'approved'] as const)(
    'that is %s is worked on before the first page, not on it',
    (state) => {
      expect(isDue(sampleItem({ state, nextCheckAt: ago(DAY) }), asOf)).toBe(false)
    },
  )

  it('starts anew when the application moved it to another class', () => {
    const item = sampleItem({ local: 'pending', ladderStep: 9 })
    expect(itemOf(sampleRow({ local: 'pending' }), item)).toBe(item)
    expect(itemOf(sampleRow({ local: 'failed' }), item)).toBeUndefined()
    expect(itemOf(sampleRow(), undefined)).toBeUndefined()
  })
})

describe('absences', () => {
  const twice = sampleItem({ absences: 2, firstAbsentAt: ago(3 * HOUR), unreadable: 2, ladderStep: 4 })

  it('are counted from the first', () => {
    expect(tallyLook(undefined, 'absent', asOf)).toMatchObject({ absences: 1, firstAbsentAt: asOf })
    expect(tallyLook(twice, 'absent', asOf)).toMatchObject({ absences: 3, firstAbsentAt: ago(3 * HOUR) })
  })

  it.each(['temporary', 'unreadable', 'absentMaybe'] as const)('survive a gap (%s)', (external) => {
    expect(tallyLook(twice, external, asOf)).toMatchObject({ absences: 2, firstAbsentAt: ago(3 * HOUR) })
  })

  it.each(['paid', 'pending', 'failed', 'refunded'] as const)(
    'end when the payment is shown (%s)',
    (external) => {
      expect(tallyLook(twice, external, asOf)).toMatchObject({ absences: 0, firstAbsentAt: undefined })
    },
  )
})

describe('unreadable answers', () => {
  const twice = sampleItem({ unreadable: 2, observations: 5 })

  it('are counted in a row: no answer at all does not end it, a readable one does', () => {
    expect(tallyLook(twice, 'unreadable', asOf).unreadable).toBe(3)
    expect(tallyLook(twice, 'temporary', asOf).unreadable).toBe(2)
    expect(tallyLook(twice, 'pending', asOf).unreadable).toBe(0)
  })

  it('are looks like all others', () => {
    expect(tallyLook(twice, 'unreadable', asOf).observations).toBe(6)
  })
})

describe('a finding', () => {
  const judged = {
    row: sampleRow({ local: 'pending', status: 'PENDING' }),
    observation: sampleObservation({ external: 'pending' }),
    decision: { do: 'wait', reason: 'the service has no final answer yet' },
    tallied: {
      observations: 3,
      absences: 0,
      firstAbsentAt: undefined,
      unreadable: 0,
      failures: 0,
      ladderStep: 2,
    },
    before: undefined,
    asOf,
    fraction: 0.5,
    mode: 'none',
    state: 'watching',
    proposal: undefined,
    reason: 'pending there',
  } as const

  it('climbs one rung', () => {
    expect(toFinding(judged)).toMatchObject({
      facts: 'pending+pending',
      mismatch: false,
      state: 'watching',
      ladderStep: 3,
      nextCheckAt: ago(-HOUR),
    })
  })

  it('of a change stays due until the change is made', () => {
    const decision = { do: 'set', to: 'paid' } as const
    const finding = toFinding({ ...judged, decision, mode: 'automatic', observation: sampleObservation() })
    expect(finding).toMatchObject({ mismatch: true, state: 'watching', nextCheckAt: asOf })
  })

  it('of a change that is only reported climbs like any other', () => {
    const decision = { do: 'set', to: 'paid' } as const
    const finding = toFinding({ ...judged, decision, mode: 'off', observation: sampleObservation() })
    expect(finding).toMatchObject({ mismatch: true, nextCheckAt: ago(-HOUR) })
  })

  it('that nobody needs to look at again is done', () => {
    const row = sampleRow({ since: ago(30 * DAY) })
    const observation = sampleObservation({ external: 'failed' })
    const finding = toFinding({ ...judged, row, observation, decision: { do: 'match' } })
    expect(finding.state).toBe('done')
    expect(finding).not.toHaveProperty('nextCheckAt')
  })

  it('comes back from the ledger as the item it was stored as', () => {
    const finding = toFinding({
      ...judged,
      tallied: { ...judged.tallied, absences: 2, firstAbsentAt: ago(HOUR), unreadable: 1, failures: 2 },
    })
    const stored = toItemValues(finding, 'payments', asOf)
    expect(stored).toMatchObject({
      job: 'payments',
      item_key: '["17"]',
      observed_at: '2026-11-22 03:00:00.000',
    })
    expect(readItem({ ...stored, decided_by: null } as Parameters<typeof readItem>[0])).toEqual({
      state: 'watching',
      local: 'pending',
      facts: 'pending+pending',
      decidedBy: undefined,
      ladderStep: 3,
      observations: 3,
      absences: 2,
      firstAbsentAt: ago(HOUR),
      unreadable: 1,
      failures: 2,
      nextCheckAt: ago(-HOUR),
    })
  })

  it('keeps no more of a reference than its column holds', () => {
    const row = sampleRow({ reference: '€'.repeat(300) })
    expect(toItemValues(toFinding({ ...judged, row }), 'payments', asOf).reference).toBe('€'.repeat(190))
  })
})
