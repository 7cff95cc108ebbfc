import { describe, expect, it } from 'vitest'
import { checkPlanFresh, parseSavedPlan, type SavedPlan } from '../../src/run/plan-file.ts'

const fingerprint = { configuration: 'c1', server: 's1', definition: 'd1' }
const saved: SavedPlan = {
  schemaVersion: 1,
  job: 'payments',
  kind: 'reconcile',
  asOf: '2026-11-22T03:00:00.000Z',
  fingerprint,
  plan: { steps: [] },
}
const now = { job: 'payments', asOf: '2026-11-22T03:30:00.000Z', fingerprint }

describe('a saved plan', () => {
  it('is read as it was written', () => {
    expect(parseSavedPlan(JSON.stringify(saved), 'plan.json')).toEqual(saved)
  })

  it.each([
    '',
    'null',
    '[]',
    '{',
    '<html>',
    JSON.stringify({ ...saved, schemaVersion: 2 }),
    JSON.stringify({ ...saved, extra: true }),
    JSON.stringify({ ...saved, job: undefined }),
    JSON.stringify({ ...saved, fingerprint: { configuration: 'c1' } }),
  ])('is refused with its path when it is none: %s', (text) => {
    expect(() => parseSavedPlan(text, 'plans/p.json')).toThrow(
      expect.objectContaining({
        code: 'plan.unreadable',
        exitCode: 65,
        message: expect.stringMatching(/^plans\/p\.json is no plan/),
      }),
    )
  })
})

describe('a plan', () => {
  it('is fresh for an hour, to the millisecond', () => {
    expect(() => checkPlanFresh(saved, now)).not.toThrow()
    expect(() => checkPlanFresh(saved, { ...now, asOf: '2026-11-22T04:00:00.000Z' })).not.toThrow()
    expect(() => checkPlanFresh(saved, { ...now, asOf: '2026-11-22T04:00:00.001Z' })).toThrow('1 h old')
  })

  it.each(['configuration', 'server', 'definition'] as const)('is stale when the %s changed', (part) => {
    const changed = { ...now, fingerprint: { ...fingerprint, [part]: 'other' } }
    expect(() => checkPlanFresh(saved, changed)).toThrow(
      expect.objectContaining({
        code: 'plan.stale',
        exitCode: 4,
        message: `The plan was not executed: the ${part} changed since it was made.`,
        hint: 'Make a new one with: rowkeeper plan payments -o plan.json',
      }),
    )
  })

  it('names everything that changed', () => {
    const changed = { ...now, fingerprint: { configuration: 'x', server: 's1', definition: 'x' } }
    expect(() => checkPlanFresh(saved, changed)).toThrow('the configuration and the definition changed')
  })

  it('belongs to one job', () => {
    expect(() => checkPlanFresh(saved, { ...now, job: 'refunds' })).toThrow(
      'it was made for the job payments, not refunds',
    )
  })

  it('without a time is not fresh', () => {
    expect(() => checkPlanFresh({ ...saved, asOf: 'yesterday' }, now)).toThrow(
      expect.objectContaining({ code: 'plan.stale' }),
    )
  })

  it('from the future is not fresh', () => {
    expect(() => checkPlanFresh({ ...saved, asOf: '2027-01-01T00:00:00.000Z' }, now)).toThrow()
  })
})
