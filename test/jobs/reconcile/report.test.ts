import { describe, expect, it } from 'vitest'
import type { Finding } from '../../../jobs/reconcile/items.ts'
import {
  addPlans,
  emptyPlan,
  type ReconcilePlan,
  type Step,
  savedPlan,
} from '../../../jobs/reconcile/plan-model.ts'
import { describePlan, reportRun } from '../../../jobs/reconcile/report.ts'
import { reportRows } from '../../../jobs/reconcile/report-rows.ts'
import {
  addResults,
  emptyResult,
  resultOfCancel,
  resultOfEnd,
  resultOfFix,
  resultOfPlan,
} from '../../../jobs/reconcile/result-model.ts'
import { databaseConfig } from '../../../src/config/schema.ts'
import type { JobSettings } from '../../../src/run/job.ts'
import { asOf, sampleObservation, sampleOptions, sampleRow } from './sample.ts'

const settings: JobSettings<ReturnType<typeof sampleOptions>> = {
  job: 'payments',
  options: sampleOptions(),
  schema: 'shop',
  database: databaseConfig.parse({ url: 'mysql://app:pw@127.0.0.1:3306/shop' }),
  service: undefined,
  destination: undefined,
}

function finding(more: Partial<Finding> = {}): Finding {
  return {
    ...{ key: ['17'], keyHash: 'k17', reference: 'A-1', local: 'pending', external: 'paid' },
    ...{ facts: 'pending+paid', mismatch: true, state: 'watching', ladderStep: 1, observations: 1 },
    ...{
      absences: 0,
      unreadable: 0,
      failures: 0,
      reason: 'to be marked paid',
      observation: sampleObservation(),
    },
    ...more,
  }
}

const setStep: Step = {
  ...{ type: 'set', to: 'paid', facts: 'pending+paid', actor: 'rowkeeper' },
  row: sampleRow({ keyHash: 'k17', local: 'pending', status: 'PENDING' }),
  observation: sampleObservation(),
}

function plan(more: Partial<ReconcilePlan> = {}): ReconcilePlan {
  return { ...emptyPlan, asOf, findings: [finding()], steps: [setStep], ...more }
}

const nothingDone = emptyResult

describe('the lines of a report', () => {
  it('say for every row that differs what was seen and what a run would do', () => {
    expect(reportRows(plan(), nothingDone)).toEqual([
      {
        key: { text: '17' },
        reference: { text: 'A-1' },
        kind: { text: 'pending here, paid there' },
        action: { text: 'would be paid' },
        reason: { text: 'to be marked paid' },
        externalId: { text: 'p-1' },
        externalStatus: { text: 'PAID' },
        amount: { decimal: '12.30' },
        currency: { text: 'EUR' },
        httpStatus: { count: 200 },
        requestId: null,
        evidence: null,
      },
    ])
  })

  it('say what became of it, in the words of its end', () => {
    const result = addResults(
      nothingDone,
      resultOfFix({ keyHash: 'k17', ending: 'fixed', text: 'PENDING → paid' }, 'open'),
    )
    expect(reportRows(plan(), result)[0]).toMatchObject({
      action: { text: 'fixed' },
      reason: { text: 'PENDING → paid' },
    })
  })

  it('leave out rows that agree and rows that wait for the service, and keep those without an answer', () => {
    const findings = [
      finding({ keyHash: 'a', mismatch: false, external: 'failed', facts: 'failed+failed' }),
      finding({ keyHash: 'b', mismatch: false, external: 'pending', facts: 'pending+pending' }),
      finding({
        keyHash: 'c',
        key: ['3'],
        mismatch: false,
        external: 'temporary',
        facts: 'pending+temporary',
      }),
    ]
    const rows = reportRows(plan({ findings, steps: [] }), nothingDone)
    expect(rows.map(({ key, action }) => [key, action])).toEqual([
      [{ text: '3' }, { text: 'asked again later' }],
    ])
  })

  it.each([
    ['review', 'left to people'],
    ['watching', 'only reported'],
  ] as const)('of an item in state %s without a step: %s', (state, action) => {
    const [row] = reportRows(plan({ findings: [finding({ state })], steps: [] }), nothingDone)
    expect(row?.action).toEqual({ text: action })
  })

  it('have the same columns whatever is known', () => {
    const { payment: _, httpStatus: __, ...bare } = sampleObservation()
    const known = reportRows(plan({ findings: [finding(), finding({ observation: bare })] }), nothingDone)
    expect(known.map((row) => Object.keys(row))).toEqual([
      Object.keys(known[0] ?? {}),
      Object.keys(known[0] ?? {}),
    ])
    expect(known[1]).toMatchObject({ amount: null, currency: null, externalId: null, httpStatus: null })
  })
})

describe('a plan', () => {
  it('has work when a step or a question for people is in it', () => {
    const review = { ...emptyPlan.counts, review: 1 }
    expect(describePlan(settings, emptyPlan).hasWork).toBe(false)
    expect(describePlan(settings, plan()).hasWork).toBe(true)
    expect(describePlan(settings, plan({ steps: [], counts: review })).hasWork).toBe(true)
  })

  it('says in one sentence what it came to', () => {
    const counts = { ...emptyPlan.counts, examined: 20_000, mismatched: 1 }
    expect(describePlan(settings, plan({ counts })).report.headline).toBe(
      'payments: 20,000 rows compared, 1 differs, 1 change to make.',
    )
    expect(describePlan(settings, emptyPlan).report.headline).toBe(
      'payments: 0 rows compared, 0 differ, nothing to change.',
    )
  })

  it('shows twenty rows and says how many there are', () => {
    const steps = Array.from({ length: 21 }, () => setStep)
    const { sections } = describePlan(settings, plan({ steps })).report
    const table = sections.find(
      (section) => section.type === 'table' && section.title.startsWith('What a run'),
    )
    expect(table).toMatchObject({ title: 'What a run would change (the first 20 of 21)' })
    expect(table?.type === 'table' && table.rows.length).toBe(20)
  })

  it('of several pages drops what agrees and keeps the rest', () => {
    const agreeing = finding({ mismatch: false, keyHash: 'agrees' })
    const whole = [plan(), plan({ findings: [agreeing, finding()], asOf: 'later' })].reduce(
      addPlans,
      emptyPlan,
    )
    expect(whole.asOf).toBe(asOf)
    expect(whole.findings.map(({ keyHash }) => keyHash)).toEqual(['k17', 'k17'])
    expect(whole.steps.length).toBe(2)
  })

  it('adds its kinds up', () => {
    const kinds = { 'pending+paid': { found: 2, automatic: 1, review: 1, off: 0 } } as const
    const whole = [plan({ kinds }), plan({ kinds })].reduce(addPlans, emptyPlan)
    expect(whole.kinds).toEqual({ 'pending+paid': { found: 4, automatic: 2, review: 2, off: 0 } })
  })

  it('is the same after it was written to a file and read again', () => {
    const whole = JSON.parse(JSON.stringify(plan()))
    expect(savedPlan.parse(whole)).toEqual(whole)
  })

  it.each([
    null,
    {},
    [],
    'plan',
    { ...emptyPlan, steps: [{ type: 'delete' }] },
    { ...emptyPlan, findings: [{ state: 'review' }] },
    { ...emptyPlan, asOf: 7 },
  ])('is not made of %j', (value) => {
    expect(savedPlan.safeParse(value).success).toBe(false)
  })
})

describe('a run', () => {
  const cancelled = resultOfCancel({ keyHash: 'k1', ending: 'compensated', text: '' }, '12.30', 'EUR')
  const end = (ending: Parameters<typeof resultOfEnd>[0]['ending'], text = 'because') =>
    resultOfEnd({ keyHash: 'k', ending, text })

  it('adds what it cancelled by currency, exactly', () => {
    const big = resultOfCancel(
      { keyHash: 'k2', ending: 'compensated', text: '' },
      '9007199254740992.01',
      'EUR',
    )
    expect([cancelled, big].reduce(addResults, emptyResult).cancelled).toEqual({ EUR: '9007199254741004.31' })
  })

  it.each(['limit', 'stopped', 'open', 'rejected', 'review'] as const)('has work left after %s', (ending) => {
    expect(end(ending).leftOver).toBe(1)
  })

  it('has none left after a row that changed meanwhile', () => {
    expect(end('changedMeanwhile')).toMatchObject({ leftOver: 0, changed: 0 })
  })

  it('counts what nobody answered and what people have to decide as left over', () => {
    const counts = { ...emptyPlan.counts, examined: 9, unanswered: 2, review: 3 }
    expect(resultOfPlan(plan({ counts }))).toMatchObject({ leftOver: 5, changed: 0, counts: { examined: 9 } })
  })

  it('tells what it left alone and why, and where to go on', () => {
    const result = [end('review'), end('review'), end('limit', 'limits.maxFixes of 3 is reached')].reduce(
      addResults,
      cancelled,
    )
    const { report, detail, next } = reportRun(settings, result)
    expect(report.headline).toBe('payments: 0 rows compared, 0 differ, 0 fixed, 1 cancelled at the service.')
    expect(report.sections).toContainEqual(
      expect.objectContaining({
        title: 'What was not changed',
        rows: [
          ['left to people: because', '2'],
          ['a limit of the run: limits.maxFixes of 3 is reached', '1'],
        ],
      }),
    )
    expect(detail.endings).toEqual({ compensated: 1, review: 2, limit: 1 })
    expect(next).toEqual(['rowkeeper review list payments'])
  })
})
