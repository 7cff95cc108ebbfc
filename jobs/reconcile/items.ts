import type { Row } from '../../src/db/connection.ts'
import { fromControlTime, toControlTime } from '../../src/db/date-time.ts'
import { type ExternalClass, type Facts, factsOf, isEvidence, type LocalClass } from './classes.ts'
import type { Decision } from './decide.ts'
import { climb } from './ladder.ts'
import type { Observation } from './remote.ts'
import type { Key, LocalRow } from './row.ts'
import type { ItemValues } from './sql.ts'

/**
 * watching: nothing to do but look again · done: nobody needs to look again · review: proposed to a person ·
 * approved: a person said yes, the next run does it · rejected: a person said no; raised again only if the facts change ·
 * resolved: a person took care of it · acting: an operation of ours is open.
 */
export type ItemState = 'watching' | 'done' | 'review' | 'approved' | 'rejected' | 'resolved' | 'acting'

/** What earlier looks left behind about one row. */
export interface Item {
  readonly state: ItemState
  /** What our row said then. When it says something else now, everything learnt before is void. */
  readonly local: string
  readonly facts: string
  readonly decidedBy: string | undefined
  /** Only of an item that a person was asked about. */
  readonly question?: Question | undefined
  readonly ladderStep: number
  readonly observations: number
  readonly absences: number
  readonly firstAbsentAt: string | undefined
  readonly unreadable: number
  /** Looks without evidence in a row, whatever their reason. */
  readonly failures: number
  readonly nextCheckAt: string | undefined
}

/** What a person was asked, word for word as the table has it: an answer without evidence must not wipe it out. */
export interface Question {
  readonly proposal: string | null
  readonly reason: string
  readonly evidence: string | null
}

export const askedStates: readonly ItemState[] = ['review', 'approved', 'rejected', 'resolved']

const unseen: Item = {
  state: 'watching',
  local: '',
  facts: '',
  decidedBy: undefined,
  ladderStep: 0,
  observations: 0,
  absences: 0,
  firstAbsentAt: undefined,
  unreadable: 0,
  failures: 0,
  nextCheckAt: undefined,
}

export function readItem(row: Row): Item {
  const time = (cell: Row[string] | undefined) =>
    cell === null || cell === undefined ? undefined : fromControlTime(String(cell))
  return {
    state: String(row.state) as ItemState,
    local: String(row.local_class),
    facts: String(row.facts),
    decidedBy: row.decided_by === null || row.decided_by === undefined ? undefined : String(row.decided_by),
    question: readQuestion(row),
    ladderStep: Number(row.ladder_step),
    observations: Number(row.observations),
    absences: Number(row.absences),
    firstAbsentAt: time(row.first_absent_at),
    unreadable: Number(row.unreadable),
    failures: Number(row.failures),
    nextCheckAt: time(row.next_check_at),
  }
}

function readQuestion({ state, proposal, reason, evidence }: Row): Question | undefined {
  if (!askedStates.includes(String(state) as ItemState)) return undefined
  const text = (cell: Row[string] | undefined) => (cell === null || cell === undefined ? null : String(cell))
  return { proposal: text(proposal), reason: text(reason) ?? '', evidence: text(evidence) }
}

/** The item as far as it still speaks of this row: the application may have moved the row to another class since. */
export function itemOf(row: LocalRow, item: Item | undefined): Item | undefined {
  return item?.local === row.local ? item : undefined
}

/**
 * A row nobody looked at is due; so is one whose time has come. ISO texts in UTC compare as text. Approved rows and open
 * cancels are worked on before the first page, so a page leaves them out.
 */
export function isDue(item: Item | undefined, asOf: string): boolean {
  if (item === undefined) return true
  if (item.state === 'acting' || item.state === 'approved') return false
  return item.nextCheckAt !== undefined && item.nextCheckAt <= asOf
}

/** Who acts on a decision: the run, a person, nobody. `none`: there is nothing to act on. */
export type Mode = 'automatic' | 'review' | 'off' | 'none'

/** A person's decision, proposed. */
export type Proposal =
  | { readonly do: 'compensate' }
  | { readonly do: 'set'; readonly to: 'paid' | 'failed' | 'refunded' }

/** One row, looked at and judged: what a page found out, and what the ledger shall remember. */
export interface Finding {
  readonly key: Key
  readonly keyHash: string
  readonly reference: string
  readonly local: LocalClass
  readonly external: ExternalClass
  readonly facts: Facts
  /** The two sides disagree. */
  readonly mismatch: boolean
  readonly state: ItemState
  readonly ladderStep: number
  readonly observations: number
  readonly absences: number
  readonly firstAbsentAt?: string
  readonly unreadable: number
  readonly failures: number
  readonly nextCheckAt?: string
  readonly proposal?: Proposal
  readonly reason: string
  readonly observation: Observation
  /** Stays as it was, since this look showed nothing. */
  readonly question?: Question
}

/** The counters after this look, before it is judged: the judgement needs them. */
export interface Tallied {
  readonly observations: number
  readonly absences: number
  readonly firstAbsentAt: string | undefined
  readonly unreadable: number
  readonly failures: number
  readonly ladderStep: number
}

/** An answer without evidence leaves the count of absences alone; any other answer ends the streak. */
export function tallyLook(before: Item = unseen, external: ExternalClass, asOf: string): Tallied {
  const isGap = external === 'temporary' || external === 'unreadable' || external === 'absentMaybe'
  const isAbsent = external === 'absent'
  return {
    observations: before.observations + 1,
    absences: isAbsent ? before.absences + 1 : isGap ? before.absences : 0,
    firstAbsentAt: isAbsent ? (before.firstAbsentAt ?? asOf) : isGap ? before.firstAbsentAt : undefined,
    unreadable:
      external === 'unreadable' ? before.unreadable + 1 : external === 'temporary' ? before.unreadable : 0,
    failures: isEvidence(external) ? 0 : before.failures + 1,
    ladderStep: before.ladderStep,
  }
}

export interface Judged {
  readonly row: LocalRow
  readonly observation: Observation
  readonly decision: Decision
  readonly tallied: Tallied
  readonly before: Item | undefined
  readonly asOf: string
  readonly fraction: number
  readonly mode: Mode
  /** What the item is to be after this look. */
  readonly state: ItemState
  readonly proposal: Proposal | undefined
  readonly reason: string
  /** A person was asked, or has answered, about facts that this look neither confirms nor changes. */
  readonly stillAsked?: Item | undefined
}

export function toFinding(judged: Judged): Finding {
  const { row, observation, tallied, stillAsked } = judged
  const rung = climb({
    local: row.local,
    external: observation.external,
    step: tallied.ladderStep,
    failures: tallied.failures,
    asOf: judged.asOf,
    since: row.since,
    inReview: judged.state === 'review' || judged.state === 'rejected',
    fraction: judged.fraction,
  })
  // A row that is to be changed stays due until it has been: whatever dies in between, the next run sees it.
  const nextCheckAt = judged.mode === 'automatic' ? judged.asOf : rung.nextCheckAt
  return {
    key: row.key,
    keyHash: row.keyHash,
    reference: row.reference,
    local: row.local,
    external: observation.external,
    facts: stillAsked === undefined ? factsOf(row.local, observation.external) : (stillAsked.facts as Facts),
    mismatch: judged.decision.do !== 'match' && judged.decision.do !== 'wait',
    state: nextCheckAt === undefined && judged.state === 'watching' ? 'done' : judged.state,
    ladderStep: rung.step,
    observations: tallied.observations,
    absences: tallied.absences,
    unreadable: tallied.unreadable,
    failures: tallied.failures,
    ...(tallied.firstAbsentAt === undefined ? {} : { firstAbsentAt: tallied.firstAbsentAt }),
    ...(nextCheckAt === undefined ? {} : { nextCheckAt }),
    ...(judged.proposal === undefined ? {} : { proposal: judged.proposal }),
    reason: judged.reason,
    observation,
    ...(stillAsked?.question === undefined ? {} : { question: stillAsked.question }),
  }
}

export function toItemValues(finding: Finding, job: string, asOf: string): ItemValues {
  const time = (instant: string | undefined) => (instant === undefined ? null : toControlTime(instant))
  return {
    job,
    key_hash: finding.keyHash,
    item_key: JSON.stringify(finding.key),
    reference: finding.reference.slice(0, 190),
    state: finding.state,
    local_class: finding.local,
    facts: finding.facts,
    ladder_step: finding.ladderStep,
    observations: finding.observations,
    absences: finding.absences,
    first_absent_at: time(finding.firstAbsentAt),
    unreadable: finding.unreadable,
    failures: finding.failures,
    observed_at: toControlTime(asOf),
    next_check_at: time(finding.nextCheckAt),
    ...(finding.question ?? toQuestion(finding)),
  }
}

function toQuestion({ proposal, reason, mismatch, observation }: Finding): Question {
  return {
    proposal: proposal === undefined ? null : JSON.stringify(proposal),
    reason,
    // Of rows that agree nobody asks why; leaving it out halves what a page writes.
    evidence: mismatch ? JSON.stringify(observation) : null,
  }
}
