import { describe, expect, it } from 'vitest'
import {
  externalClasses,
  isEvidence,
  type LocalClass,
  localClasses,
} from '../../../jobs/reconcile/classes.ts'
import { type Decision, decide, type Facts } from '../../../jobs/reconcile/decide.ts'

const HOUR = 60 * 60 * 1000
const policy = { notFoundAfterMs: 24 * HOUR }

/** An old row, looked at often enough for every rule of evidence. */
const mature: Facts = {
  local: 'pending',
  external: 'paid',
  ageMs: 48 * HOUR,
  absences: 3,
  absentForMs: 2 * HOUR,
  unreadable: 3,
  canary: true,
  amountsAgree: true,
  isDisputed: false,
  isBlocked: false,
  isExhausted: false,
}

function decideWith(more: Partial<Facts>): Decision {
  return decide({ ...mature, ...more }, policy)
}

/** `set paid`, `review`: the decision without its sentence. */
function verdict(more: Partial<Facts>): string {
  const decision = decideWith(more)
  return decision.do === 'set' ? `set ${decision.to}` : decision.do
}

/**
 * One row for each answer of the service, one column for each class of ours, written out cell by cell. Three cells are
 * more careful than payment systems usually are: an unreadable answer goes to a person after the third in a row
 * everywhere, more than one live payment always does, and a settled row only ever moves on to refunded.
 */
const cells = `
             | init         | pending      | unknown      | paid         | failed     | refunding    | refunded | partial
paid         | set paid     | set paid     | set paid     | match        | compensate | review       | review   | review
differs      | review       | review       | review       | review       | review     | review       | review   | review
authorized   | review       | review       | review       | review       | compensate | review       | review   | review
pending      | wait         | wait         | wait         | review       | wait       | wait         | review   | wait
failed       | set failed   | set failed   | set failed   | review       | match      | set failed   | match    | review
refunded     | set refunded | set refunded | set refunded | set refunded | match      | set refunded | match    | review
partial      | review       | review       | review       | review       | review     | review       | review   | match
multiple     | review       | review       | review       | review       | review     | review       | review   | review
disputed     | review       | review       | review       | review       | review     | review       | review   | review
absent       | set failed   | set failed   | set failed   | review       | match      | review       | review   | review
absentMaybe  | wait         | wait         | wait         | wait         | match      | wait         | wait     | wait
temporary    | wait         | wait         | wait         | wait         | wait       | wait         | wait     | wait
unreadable   | review       | review       | review       | review       | review     | review       | review   | review
denied       | abort        | abort        | abort        | abort        | abort      | abort        | abort    | abort
gone         | review       | review       | review       | review       | review     | review       | review   | review
`

const [[, ...header] = [], ...lines] = cells
  .trim()
  .split('\n')
  .map((line) => line.split('|').map((cell) => cell.trim()))
const cases = lines.flatMap(([external, ...expected]) =>
  expected.map((cell, index) => ({ local: header[index], external, expected: cell })),
)

describe('two classes together', () => {
  it('are all listed', () => {
    expect(header).toEqual(localClasses)
    expect(lines.map(([external]) => external)).toEqual(externalClasses)
  })

  it.each(cases)('$local here, $external there: $expected', ({ local, external, expected }) => {
    expect(verdict({ local, external } as Partial<Facts>)).toBe(expected)
  })
})

describe('not found', () => {
  const absent = { external: 'absent' } as const
  const open: readonly LocalClass[] = ['init', 'pending', 'unknown']
  const settled: readonly LocalClass[] = ['paid', 'refunding', 'refunded', 'partial']
  const lacking: readonly (Partial<Facts> & { reason: string })[] = [
    { ageMs: 24 * HOUR - 1, reason: 'not found, but the row is young' },
    { absences: 2, reason: 'not found 2 of 3 times' },
    { absentForMs: 2 * HOUR - 1, reason: 'not found, but not for long enough' },
    { canary: false, reason: 'not found, but no known payment was shown to us in this run' },
  ]

  it.each(lacking)('is no evidence while $reason', ({ reason, ...more }) => {
    for (const local of [...open, ...settled]) {
      expect(decideWith({ ...absent, local, ...more }), local).toEqual({ do: 'wait', reason })
    }
  })

  it('is evidence from the very limits on', () => {
    const limits = { ageMs: 24 * HOUR, absences: 3, absentForMs: 2 * HOUR }
    for (const local of open) expect(verdict({ ...absent, ...limits, local }), local).toBe('set failed')
    for (const local of settled) expect(verdict({ ...absent, ...limits, local }), local).toBe('review')
  })

  it('agrees at once with a row that failed', () => {
    expect(verdict({ ...absent, local: 'failed', ageMs: 0, absences: 1, canary: false })).toBe('match')
  })
})

describe('an answer that cannot be read', () => {
  it('goes to a person at the third in a row, and says how many there were', () => {
    const unreadable = { external: 'unreadable' } as const
    expect(verdict({ ...unreadable, unreadable: 2 })).toBe('wait')
    expect(decideWith({ ...unreadable, unreadable: 3 })).toEqual({
      do: 'review',
      reason: '3 answers in a row could not be read',
    })
  })
})

const changes = cases.filter(({ expected }) => /^(set|compensate)/.test(expected))

describe('a change', () => {
  it.each(changes)(
    'of $local to what $external means is left to people when amounts do not agree',
    (cell) => {
      const { local, external } = cell as Facts & { expected: string }
      expect(decideWith({ local, external, amountsAgree: false })).toEqual({
        do: 'review',
        reason: 'the amounts do not agree',
      })
    },
  )

  it.each(changes)('of $local to what $external means is left to people when the row is disputed', (cell) => {
    const { local, external } = cell as Facts & { expected: string }
    expect(decideWith({ local, external, isDisputed: true })).toEqual({
      do: 'review',
      reason: 'the row is marked as disputed',
    })
  })
})

describe('a row that is never to be cancelled', () => {
  it('is left to people where it would be, and only there', () => {
    for (const { local, external, expected } of changes) {
      const blocked = verdict({ local, external, isBlocked: true } as Partial<Facts>)
      expect(blocked, `${local}+${external}`).toBe(expected === 'compensate' ? 'review' : expected)
    }
  })
})

describe('agreement about a refund', () => {
  it.each([
    { local: 'failed', external: 'refunded' },
    { local: 'partial', external: 'partial' },
  ] as const)('of $local and $external needs the amounts too', (both) => {
    expect(verdict({ ...both, amountsAgree: true })).toBe('match')
    expect(verdict({ ...both, amountsAgree: false })).toBe('review')
  })
})

describe('the end of the ladder', () => {
  const exhausted = { isExhausted: true } as const

  it('gives what is still pending or not believed absent to a person', () => {
    const undecided = { do: 'review', reason: 'still undecided at the end of the ladder' }
    expect(decideWith({ ...exhausted, external: 'pending' })).toEqual(undecided)
    expect(decideWith({ ...exhausted, external: 'absent', canary: false })).toEqual(undecided)
  })

  it('gives nobody work for an answer without evidence', () => {
    for (const external of ['temporary', 'absentMaybe'] as const) {
      expect(verdict({ ...exhausted, external }), external).toBe('wait')
    }
    expect(verdict({ ...exhausted, external: 'unreadable', unreadable: 1 })).toBe('wait')
  })

  it('takes no decision away that the answer allows', () => {
    expect(verdict({ ...exhausted, external: 'paid' })).toBe('set paid')
    expect(verdict({ ...exhausted, external: 'absent' })).toBe('set failed')
  })
})

/** Every combination of one value from each list. */
function combine<Facts extends object>(lists: { [Name in keyof Facts]: readonly Facts[Name][] }): Facts[] {
  return Object.entries<readonly unknown[]>(lists).reduce<object[]>(
    (sofar, [name, values]) => sofar.flatMap((facts) => values.map((value) => ({ ...facts, [name]: value }))),
    [{}],
  ) as Facts[]
}

const everyFacts = combine<Facts>({
  local: localClasses,
  external: externalClasses,
  ageMs: [0, 24 * HOUR - 1, 24 * HOUR, 1000 * HOUR],
  absences: [0, 1, 2, 3, 100],
  absentForMs: [0, 2 * HOUR - 1, 2 * HOUR],
  unreadable: [0, 1, 3],
  canary: [true, false],
  amountsAgree: [true, false],
  isDisputed: [true, false],
  isBlocked: [true, false],
  isExhausted: [true, false],
})

describe('whatever else is known', () => {
  const changing = everyFacts.filter((facts) => ['set', 'compensate'].includes(decide(facts, policy).do))

  it('an answer without evidence changes nothing', () => {
    expect(changing.length).toBeGreaterThan(0)
    expect(changing.filter(({ external }) => !isEvidence(external))).toEqual([])
  })

  it('amounts that do not agree and a dispute change nothing', () => {
    expect(changing.filter((facts) => !facts.amountsAgree || facts.isDisputed)).toEqual([])
    expect(
      changing.filter(({ external }) => ['disputed', 'multiple', 'differs', 'gone'].includes(external)),
    ).toEqual([])
  })

  it('absence changes something only with all of its evidence', () => {
    const believed = changing.filter(({ external }) => external === 'absent')
    expect(believed.length).toBeGreaterThan(0)
    const lacking = believed.filter(
      ({ ageMs, absences, absentForMs, canary }) =>
        ageMs < 24 * HOUR || absences < 3 || absentForMs < 2 * HOUR || !canary,
    )
    expect(lacking).toEqual([])
  })

  it('a cancel is only ever for money that the service has and our side gave up', () => {
    const cancels = changing.filter((facts) => decide(facts, policy).do === 'compensate')
    expect(new Set(cancels.map(({ local, external }) => `${local}+${external}`))).toEqual(
      new Set(['failed+paid', 'failed+authorized']),
    )
  })

  it('a paid row is never made a failed one', () => {
    const demoted = changing.filter(
      (facts) => facts.local === 'paid' && JSON.stringify(decide(facts, policy)).includes('failed'),
    )
    expect(demoted).toEqual([])
  })
})
