import { unreachable } from '../../src/lib/errors.ts'
import type { ExternalClass, LocalClass } from './classes.ts'

/** Classes a fix may write. */
export type WritableClass = 'paid' | 'failed' | 'refunded'

/** What to do about one row. Only `set` and `compensate` change anything. */
export type Decision =
  | { readonly do: 'match' }
  | { readonly do: 'wait'; readonly reason: string }
  | { readonly do: 'set'; readonly to: WritableClass }
  | { readonly do: 'compensate' }
  | { readonly do: 'review'; readonly reason: string }
  | { readonly do: 'abort'; readonly reason: string }

/** What is known about one row when it is judged. Durations in milliseconds. */
export interface Facts {
  readonly local: LocalClass
  readonly external: ExternalClass
  /** Since the row was created, by the server's clock. */
  readonly ageMs: number
  /** Looks that said `absent`, this one included. */
  readonly absences: number
  /** Since the first of them. */
  readonly absentForMs: number
  /** Looks in a row that could not be read, this one included. */
  readonly unreadable: number
  /** In this run the same credentials were shown at least one payment we know: not the wrong account, not a test key. */
  readonly canary: boolean
  /** The service's amount and the refunded amount fit our row, as far as they are told. */
  readonly amountsAgree: boolean
  /** The row is flagged as disputed on our side. */
  readonly isDisputed: boolean
  /** `blockCompensation` holds for the row. */
  readonly isBlocked: boolean
  /** The ladder of looks is used up. */
  readonly isExhausted: boolean
}

export interface Policy {
  /** A payment nobody knows is believed absent only after this long. */
  readonly notFoundAfterMs: number
}

/** Spaced observations before "not found" counts as evidence; Hyperswitch and Kill Bill act on the first and can fail a charged order. */
const ABSENCES_NEEDED = 3
const ABSENT_FOR_MS = 2 * 60 * 60 * 1000
/** Unreadable answers in a row before a person should look. */
const UNREADABLE_NEEDED = 3

/**
 * A cell says what two classes mean together, before age, evidence and ladder are weighed.
 * `agree…` cells are a match only when the amounts agree; `…WhenAbsent` needs the evidence rule for not-found.
 */
type Cell =
  | 'match'
  | 'matchIfAmountsAgree'
  | 'wait'
  | 'setPaid'
  | 'setFailed'
  | 'setRefunded'
  | 'setFailedWhenAbsent'
  | 'compensate'
  | 'review'
  | 'reviewWhenAbsent'
  | 'unreadable'
  | 'abort'

/** The columns in which every local class answers alike. */
const everywhere = {
  multiple: 'review',
  disputed: 'review',
  absentMaybe: 'wait',
  temporary: 'wait',
  unreadable: 'unreadable',
  denied: 'abort',
  gone: 'review',
} as const

/** Rows whose end is open take over what the service says, if it says it clearly. */
const open: Record<ExternalClass, Cell> = {
  ...everywhere,
  paid: 'setPaid',
  differs: 'review',
  authorized: 'review',
  pending: 'wait',
  failed: 'setFailed',
  refunded: 'setRefunded',
  partial: 'review',
  absent: 'setFailedWhenAbsent',
}

export const matrix: Record<LocalClass, Record<ExternalClass, Cell>> = {
  init: open,
  pending: open,
  unknown: open,
  // Never demoted by itself: money records that disagree downward are an accounting or account fault more often than truth.
  paid: {
    ...everywhere,
    paid: 'match',
    differs: 'review',
    authorized: 'review',
    pending: 'review',
    failed: 'review',
    refunded: 'setRefunded',
    partial: 'review',
    absent: 'reviewWhenAbsent',
  },
  // The core case: we rolled back, the service did not.
  failed: {
    ...everywhere,
    paid: 'compensate',
    differs: 'review',
    authorized: 'compensate',
    pending: 'wait',
    failed: 'match',
    refunded: 'matchIfAmountsAgree',
    partial: 'review',
    absent: 'match',
    absentMaybe: 'match',
  },
  refunding: {
    ...everywhere,
    paid: 'review',
    differs: 'review',
    authorized: 'review',
    pending: 'wait',
    failed: 'setFailed',
    refunded: 'setRefunded',
    partial: 'review',
    absent: 'reviewWhenAbsent',
  },
  refunded: {
    ...everywhere,
    paid: 'review',
    differs: 'review',
    authorized: 'review',
    pending: 'review',
    failed: 'match',
    refunded: 'match',
    partial: 'review',
    absent: 'reviewWhenAbsent',
  },
  partial: {
    ...everywhere,
    paid: 'review',
    differs: 'review',
    authorized: 'review',
    pending: 'wait',
    failed: 'review',
    refunded: 'review',
    partial: 'matchIfAmountsAgree',
    absent: 'reviewWhenAbsent',
  },
}

/** Pure: the same facts always give the same decision. */
export function decide(facts: Facts, policy: Policy): Decision {
  const decision = readCell(matrix[facts.local][facts.external], facts, policy)
  const wouldChange = decision.do === 'set' || decision.do === 'compensate'
  if (wouldChange && facts.isDisputed) return review('the row is marked as disputed')
  if (decision.do === 'compensate' && facts.isBlocked) return review('blockCompensation forbids a cancel')
  if (wouldChange && !facts.amountsAgree) return review('the amounts do not agree')
  if (decision.do === 'wait' && facts.isExhausted && isUndecided(facts.external)) {
    return review('still undecided at the end of the ladder')
  }
  return decision
}

function readCell(cell: Cell, facts: Facts, policy: Policy): Decision {
  switch (cell) {
    case 'match':
      return { do: 'match' }
    case 'matchIfAmountsAgree':
      return facts.amountsAgree ? { do: 'match' } : review('the amounts do not agree')
    case 'wait':
      return { do: 'wait', reason: 'the service has no final answer yet' }
    case 'setPaid':
      return { do: 'set', to: 'paid' }
    case 'setFailed':
      return { do: 'set', to: 'failed' }
    case 'setRefunded':
      return { do: 'set', to: 'refunded' }
    case 'setFailedWhenAbsent':
      return waitForAbsence(facts, policy) ?? { do: 'set', to: 'failed' }
    case 'compensate':
      return { do: 'compensate' }
    case 'review':
      return review('both sides are certain')
    case 'reviewWhenAbsent':
      return waitForAbsence(facts, policy) ?? review('the service does not know a payment we have')
    case 'unreadable':
      return facts.unreadable >= UNREADABLE_NEEDED
        ? review(`${facts.unreadable} answers in a row could not be read`)
        : { do: 'wait', reason: 'the answer could not be read' }
    case 'abort':
      return { do: 'abort', reason: 'the service refused our credentials' }
    default:
      return unreachable(cell)
  }
}

/** What "not found" still lacks to be evidence; undefined when it is. */
function waitForAbsence(facts: Facts, policy: Policy): Decision | undefined {
  if (facts.ageMs < policy.notFoundAfterMs) return wait('not found, but the row is young')
  if (facts.absences < ABSENCES_NEEDED) return wait(`not found ${facts.absences} of ${ABSENCES_NEEDED} times`)
  if (facts.absentForMs < ABSENT_FOR_MS) return wait('not found, but not for long enough')
  if (!facts.canary) return wait('not found, but no known payment was shown to us in this run')
  return undefined
}

function isUndecided(external: ExternalClass): boolean {
  return external === 'pending' || external === 'absent'
}

function wait(reason: string): Decision {
  return { do: 'wait', reason }
}

function review(reason: string): Decision {
  return { do: 'review', reason }
}
