import { describe, expect, it } from 'vitest'
import type { Item } from '../../../jobs/reconcile/items.ts'
import { type Bench, type Judgement, judge } from '../../../jobs/reconcile/judge.ts'
import type { Observation } from '../../../jobs/reconcile/remote.ts'
import type { LocalRow } from '../../../jobs/reconcile/row.ts'
import {
  ago,
  asOf,
  DAY,
  HOUR,
  MINUTE,
  sampleItem,
  sampleObservation,
  sampleOptions,
  sampleRow,
} from './sample.ts'

const bench: Bench = { options: sampleOptions(), asOf, canary: true, fraction: () => 0.5, hasCancel: true }

const pending: Partial<LocalRow> = { local: 'pending', status: 'PENDING' }

function judgeWith(given: {
  row?: Partial<LocalRow>
  seen?: Partial<Observation>
  item?: Partial<Item>
  bench?: Partial<Bench>
}): Judgement {
  const item = given.item && sampleItem({ local: given.row?.local ?? 'failed', ...given.item })
  return judge(
    { row: sampleRow(given.row), observation: sampleObservation(given.seen), item },
    { ...bench, ...given.bench },
  )
}

/** What the ledger hands to the next run: the item as this judgement left it. */
function remembered({ finding }: Judgement, decidedBy?: string): Item {
  const { state, local, facts, ladderStep, observations, absences, unreadable, failures } = finding
  return {
    ...{ state, local, facts, ladderStep, observations, absences, unreadable, failures },
    decidedBy,
    firstAbsentAt: finding.firstAbsentAt,
    nextCheckAt: finding.nextCheckAt,
  }
}

describe('an open row', () => {
  it('that is paid there is marked paid by the run', () => {
    const { mode, step, finding } = judgeWith({ row: pending })
    expect(mode).toBe('automatic')
    expect(step).toMatchObject({ type: 'set', to: 'paid', facts: 'pending+paid', actor: 'rowkeeper' })
    expect(finding).toMatchObject({ mismatch: true, state: 'watching', nextCheckAt: asOf })
  })

  it('keeps its place on the ladder through temporary answers', () => {
    const { finding, step } = judgeWith({
      row: pending,
      seen: { external: 'temporary' },
      item: { ladderStep: 3 },
    })
    expect(step).toBeUndefined()
    expect(finding).toMatchObject({ ladderStep: 3, nextCheckAt: ago(-5 * MINUTE), mismatch: false })
  })

  it('begins the ladder anew when the application moved it', () => {
    const { finding } = judgeWith({
      row: pending,
      seen: { external: 'pending' },
      item: { local: 'init', ladderStep: 9, observations: 9, state: 'review' },
    })
    expect(finding).toMatchObject({ ladderStep: 1, observations: 1, state: 'watching' })
  })

  it('goes to a person at the eighteenth look that decides nothing', () => {
    const at = (ladderStep: number) =>
      judgeWith({ row: pending, seen: { external: 'pending' }, item: { ladderStep } })
    expect(at(16).mode).toBe('none')
    expect(at(17)).toMatchObject({ mode: 'review', finding: { state: 'review' } })
  })

  it('is marked failed at the third absence, and not before', () => {
    const absent = { external: 'absent' } as const
    const second = judgeWith({ row: pending, seen: absent, item: { absences: 1, firstAbsentAt: ago(DAY) } })
    expect(second.decision).toEqual({ do: 'wait', reason: 'not found 2 of 3 times' })
    const item = { absences: 2, firstAbsentAt: ago(2 * HOUR) }
    expect(judgeWith({ row: pending, seen: absent, item }).step).toMatchObject({ type: 'set', to: 'failed' })
    expect(judgeWith({ row: pending, seen: absent, item, bench: { canary: false } }).step).toBeUndefined()
    const late = { ...item, firstAbsentAt: ago(2 * HOUR - 1) }
    expect(judgeWith({ row: pending, seen: absent, item: late }).step).toBeUndefined()
  })
})

describe('what the configuration allows', () => {
  it('is done, proposed, or only reported', () => {
    const actions = (markPaid: 'auto' | 'review' | 'off') => sampleOptions({ actions: { markPaid } })
    const modes = (['auto', 'review', 'off'] as const).map((action) => {
      const { mode, step, finding } = judgeWith({ row: pending, bench: { options: actions(action) } })
      return { mode, hasStep: step !== undefined, state: finding.state }
    })
    expect(modes).toEqual([
      { mode: 'automatic', hasStep: true, state: 'watching' },
      { mode: 'review', hasStep: false, state: 'review' },
      { mode: 'off', hasStep: false, state: 'watching' },
    ])
  })

  it('leaves a class without a written status to people', () => {
    const options = sampleOptions({ write: { failed: 'FAILED' } })
    expect(judgeWith({ row: pending, bench: { options } }).mode).toBe('review')
  })

  it('proposes a cancel unless it is told to make it, and always when the service has none', () => {
    const auto = sampleOptions({ actions: { compensate: 'auto' } })
    expect(judgeWith({})).toMatchObject({ mode: 'review', finding: { proposal: { do: 'compensate' } } })
    expect(judgeWith({ bench: { options: auto } }).step?.type).toBe('compensate')
    expect(judgeWith({ bench: { options: auto, hasCancel: false } }).mode).toBe('review')
  })
})

describe('a cancel that alone is above limits.maxAmount', () => {
  const options = sampleOptions({ actions: { compensate: 'auto' }, limits: { maxAmount: { EUR: '12.29' } } })

  it('is proposed to a person: it would stop every run', () => {
    const { mode, step, finding } = judgeWith({ bench: { options } })
    expect({ mode, step }).toEqual({ mode: 'review', step: undefined })
    expect(finding.proposal).toEqual({ do: 'compensate' })
    expect(finding.reason).toContain('above limits.maxAmount by itself')
  })

  it('is sent once a person approved it', () => {
    const { mode } = judgeWith({ bench: { options }, item: { state: 'approved' } })
    expect(mode).toBe('automatic')
  })

  it('is automatic as long as it is not above', () => {
    const even = sampleOptions({ actions: { compensate: 'auto' }, limits: { maxAmount: { EUR: '12.30' } } })
    expect(judgeWith({ bench: { options: even } }).mode).toBe('automatic')
  })
})

describe('a person who approved', () => {
  const approved = { state: 'approved', facts: 'failed+paid', decidedBy: 'operator@desk' } as const

  it('has it done in their name', () => {
    const { mode, step } = judgeWith({ item: approved })
    expect(mode).toBe('automatic')
    expect(step).toMatchObject({ type: 'compensate', actor: 'operator@desk' })
  })

  it('approved these facts and no others', () => {
    const { mode, finding } = judgeWith({ seen: { external: 'authorized' }, item: approved })
    expect(mode).toBe('review')
    expect(finding.state).toBe('review')
  })

  it('approved nothing about a row that changed its class', () => {
    const { step } = judgeWith({ row: pending, item: { ...approved, local: 'failed' } })
    expect(step).not.toMatchObject({ actor: 'operator@desk' })
  })

  it('changes nothing that no rule proposes', () => {
    expect(judgeWith({ seen: { amountsAgree: false }, item: approved }).step).toBeUndefined()
    expect(judgeWith({ seen: { external: 'failed' }, item: approved }).step).toBeUndefined()
  })

  it('still has approved after an answer without evidence', () => {
    const between = judgeWith({ seen: { external: 'temporary' }, item: approved })
    expect(between.finding.state).toBe('approved')
    expect(judgeWith({ item: remembered(between, 'operator@desk') }).step).toMatchObject({
      actor: 'operator@desk',
    })
  })
})

describe('a person who said no', () => {
  const rejected = { state: 'rejected', facts: 'failed+paid' } as const

  it.each(['rejected', 'resolved'] as const)('(%s) is not asked again while the facts stay', (state) => {
    expect(judgeWith({ item: { ...rejected, state } }).finding.state).toBe(state)
  })

  it('is asked again when the facts change', () => {
    expect(judgeWith({ seen: { external: 'authorized' }, item: rejected }).finding.state).toBe('review')
  })

  it('is not asked again after an answer without evidence', () => {
    const between = judgeWith({ seen: { external: 'temporary' }, item: rejected })
    expect(judgeWith({ item: remembered(between) }).finding.state).toBe('rejected')
  })

  it('is not overruled when the action is made automatic later', () => {
    const options = sampleOptions({ actions: { compensate: 'auto' } })
    expect(judgeWith({ item: rejected, bench: { options } }).step).toBeUndefined()
  })
})

describe('an open question', () => {
  const review = { state: 'review', facts: 'failed+paid' } as const

  it('stays open, and stays answerable, through an answer without evidence', () => {
    const { finding } = judgeWith({ seen: { external: 'temporary' }, item: review })
    expect(finding.state).toBe('review')
  })

  it('is closed by an answer that agrees', () => {
    expect(judgeWith({ seen: { external: 'refunded' }, item: review }).finding.state).toBe('watching')
  })

  it('is opened again for a row that was done', () => {
    expect(judgeWith({ item: { state: 'done', facts: 'failed+failed' } }).finding.state).toBe('review')
  })
})

describe('refused credentials', () => {
  it('change nothing and say nothing about the row', () => {
    const { decision, mode, step } = judgeWith({ seen: { external: 'denied' } })
    expect(decision.do).toBe('abort')
    expect(mode).toBe('none')
    expect(step).toBeUndefined()
  })
})
