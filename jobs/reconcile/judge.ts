import { elapsedBetween } from '../../src/db/date-time.ts'
import { unreachable } from '../../src/lib/errors.ts'
import { factsOf } from './classes.ts'
import type { ReconcileConfig } from './config.ts'
import { type Decision, decide, type WritableClass } from './decide.ts'
import {
  askedStates,
  type Finding,
  type Item,
  type ItemState,
  itemOf,
  type Mode,
  type Proposal,
  tallyLook,
  toFinding,
} from './items.ts'
import { isExhausted } from './ladder.ts'
import { exceedsCapAlone } from './limits.ts'
import type { Step } from './plan-model.ts'
import type { Observation } from './remote.ts'
import type { LocalRow } from './row.ts'

/** One row with all that is known about it. */
export interface Case {
  readonly row: LocalRow
  readonly observation: Observation
  readonly item: Item | undefined
}

export interface Bench {
  readonly options: ReconcileConfig
  readonly asOf: string
  readonly canary: boolean
  /** Jitter of the next look, 0 ≤ x < 1. */
  readonly fraction: () => number
  readonly hasCancel: boolean
}

export interface Judgement {
  readonly decision: Decision
  readonly mode: Mode
  readonly finding: Finding
  readonly step: Step | undefined
}

/** Decides about one row and says what the ledger shall remember and what the run shall do. Pure. */
export function judge(given: Case, bench: Bench): Judgement {
  const { row, observation } = given
  const before = itemOf(row, given.item)
  const tallied = tallyLook(before, observation.external, bench.asOf)
  const decision = decide(
    {
      local: row.local,
      external: observation.external,
      ageMs: elapsedBetween(row.createdAt, bench.asOf),
      absences: tallied.absences,
      absentForMs:
        tallied.firstAbsentAt === undefined ? 0 : elapsedBetween(tallied.firstAbsentAt, bench.asOf),
      unreadable: tallied.unreadable,
      canary: bench.canary,
      amountsAgree: observation.amountsAgree,
      isDisputed: row.isDisputed,
      isBlocked: row.isBlocked,
      isExhausted: isExhausted(row.local, observation.external, tallied.ladderStep + 1),
    },
    { notFoundAfterMs: bench.options.notFoundAfter },
  )
  const known = before?.facts === factsOf(row.local, observation.external) ? before : undefined
  const approved = known?.state === 'approved'
  const isTooLarge = decision.do === 'compensate' && exceedsCapAlone(row, observation, bench.options)
  const mode = isTooLarge && !approved ? 'review' : modeOf(decision, known, bench)
  const finding = toFinding({
    row,
    observation,
    decision,
    tallied,
    before,
    asOf: bench.asOf,
    fraction: bench.fraction(),
    mode,
    state: stateAfter(mode, before, row, observation),
    proposal: isChange(decision) && isFeasible(decision, bench) ? proposalOf(decision) : undefined,
    reason:
      (isLeftToPerson(decision, known) ? known?.question?.reason : undefined) ??
      (isTooLarge
        ? `above limits.maxAmount by itself: ${observation.text}`
        : reasonOf(decision, observation)),
    stillAsked: mode === 'none' && isWithoutEvidence(observation) && isAsked(before) ? before : undefined,
  })
  return {
    decision,
    mode,
    finding,
    step: mode === 'automatic' ? toStep(given, decision, actorOf(before, approved)) : undefined,
  }
}

function isAsked(item: Item | undefined): boolean {
  return item !== undefined && askedStates.includes(item.state)
}

function isChange(decision: Decision): decision is Change {
  return decision.do === 'set' || decision.do === 'compensate'
}

/** `known`: the item, as far as it speaks of these very facts. An approval holds for no others, nor does a no. */
function modeOf(decision: Decision, known: Item | undefined, bench: Bench): Mode {
  switch (decision.do) {
    case 'match':
    case 'wait':
    case 'abort':
      return 'none'
    case 'review':
      return 'review'
    case 'compensate':
    case 'set':
      if (!isFeasible(decision, bench) || isLeftToPerson(decision, known)) return 'review'
      return known?.state === 'approved' ? 'automatic' : configuredMode(decision, bench)
    default:
      return unreachable(decision)
  }
}

type Change = Extract<Decision, { do: 'set' | 'compensate' }>

/** What nothing is configured for cannot be carried out, nor approved; a person has to know all the same. */
function isFeasible(decision: Change, { options, hasCancel }: Bench): boolean {
  return decision.do === 'compensate' ? hasCancel : options.write[decision.to] !== undefined
}

/** Also where changes are automatic: a no is a no, and money that was left to a person does not move by itself. */
function isLeftToPerson(decision: Decision, known: Item | undefined): boolean {
  if (known === undefined || !isChange(decision)) return false
  if (known.state === 'rejected' || known.state === 'resolved') return true
  return known.state === 'review' && decision.do === 'compensate'
}

function configuredMode(decision: Change, { options: { actions } }: Bench): Mode {
  return readAction(decision.do === 'compensate' ? actions.compensate : actions[actionOf(decision.to)])
}

function readAction(action: 'auto' | 'review' | 'off'): Mode {
  return action === 'auto' ? 'automatic' : action
}

function actionOf(to: WritableClass): 'markPaid' | 'markFailed' | 'markRefunded' {
  const actions = { paid: 'markPaid', failed: 'markFailed', refunded: 'markRefunded' } as const
  return actions[to]
}

/** A person's no holds while the facts stay; a person's open question stays open; an answer that agrees closes both. */
function stateAfter(
  mode: Mode,
  before: Item | undefined,
  row: LocalRow,
  observation: Observation,
): ItemState {
  const sameFacts = before?.facts === factsOf(row.local, observation.external)
  const decided = before?.state === 'rejected' || before?.state === 'resolved'
  if (mode === 'review') return decided && sameFacts ? before.state : 'review'
  if (mode === 'none' && isWithoutEvidence(observation))
    return before?.state === 'done' ? 'watching' : (before?.state ?? 'watching')
  return 'watching'
}

function isWithoutEvidence({ external }: Observation): boolean {
  return external === 'temporary' || external === 'unreadable' || external === 'absentMaybe'
}

function proposalOf(decision: Change): Proposal {
  return decision.do === 'set' ? { do: 'set', to: decision.to } : { do: 'compensate' }
}

function reasonOf(decision: Decision, observation: Observation): string {
  switch (decision.do) {
    case 'match':
      return 'both sides agree'
    case 'set':
      return `to be marked ${decision.to}: ${observation.text}`
    case 'compensate':
      return `to be cancelled at the service: ${observation.text}`
    default:
      return `${decision.reason}: ${observation.text}`
  }
}

function actorOf(item: Item | undefined, approved: boolean): string {
  return approved ? (item?.decidedBy ?? 'unknown') : 'rowkeeper'
}

function toStep({ row, observation }: Case, decision: Decision, actor: string): Step | undefined {
  const facts = factsOf(row.local, observation.external)
  if (decision.do === 'set') return { type: 'set', row, to: decision.to, facts, observation, actor }
  return decision.do === 'compensate' ? { type: 'compensate', row, facts, observation, actor } : undefined
}
