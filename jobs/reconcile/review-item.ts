import type { Row } from '../../src/db/connection.ts'
import { fromControlTime } from '../../src/db/date-time.ts'
import { plural } from '../../src/lib/units.ts'
import type { Report } from '../../src/run/report.ts'
import { describeFacts, type Facts } from './classes.ts'
import type { ItemState, Proposal } from './items.ts'
import type { Observation } from './remote.ts'
import { describeKey } from './row.ts'

/** An item as people and machines see it. Times are ISO text in UTC. */
export interface ReviewItem {
  /** The beginning of this, or the reference, names the item in commands. */
  readonly id: string
  readonly keyHash: string
  readonly key: string
  readonly reference: string
  readonly state: ItemState
  readonly kind: string
  readonly reason: string
  readonly proposal: Proposal | undefined
  /** Undefined where both sides agreed at the last look. */
  readonly evidence: Observation | undefined
  readonly observedAt: string
  readonly decidedBy: string | undefined
  readonly note: string | undefined
}

/** Enough of the hash to be told apart in a table of any size people decide about. */
const ID_LENGTH = 10

export function readReviewItem(row: Row): ReviewItem {
  const text = (cell: Row[string] | undefined) =>
    cell === null || cell === undefined ? undefined : String(cell)
  const proposal = text(row.proposal)
  const evidence = text(row.evidence)
  return {
    id: String(row.key_hash).slice(0, ID_LENGTH),
    keyHash: String(row.key_hash),
    key: describeKey(JSON.parse(String(row.item_key))),
    reference: String(row.reference),
    state: String(row.state) as ItemState,
    kind: describeFacts(String(row.facts) as Facts),
    reason: String(row.reason),
    proposal: proposal === undefined ? undefined : (JSON.parse(proposal) as Proposal),
    evidence: evidence === undefined ? undefined : (JSON.parse(evidence) as Observation),
    observedAt: fromControlTime(String(row.observed_at)),
    decidedBy: text(row.decided_by),
    note: text(row.note),
  }
}

export function listReport(job: string, items: readonly ReviewItem[], open: number): Report {
  return {
    headline:
      open === 0
        ? `${job}: nothing waits for a decision.`
        : `${job}: ${plural(open, 'item')} ${open === 1 ? 'waits' : 'wait'} for a decision.`,
    sections: [
      {
        type: 'table',
        title: 'Left to people',
        columns: ['id', 'state', 'key', 'reference', 'kind', 'proposed', 'because'].map((name) => ({
          name,
          align: 'left',
        })),
        rows: items.map((item) => [
          item.id,
          item.state,
          item.key,
          item.reference,
          item.kind,
          describeProposal(item.proposal),
          item.reason,
        ]),
        empty: 'Nothing is left to people.',
      },
    ],
  }
}

export function itemReport(job: string, item: ReviewItem): Report {
  const facts: [string, string | undefined][] = [
    ['id', item.id],
    ['state', item.state],
    ['key', item.key],
    ['reference', item.reference],
    ['kind', item.kind],
    ['proposed', describeProposal(item.proposal)],
    ['because', item.reason],
    ['seen at', item.observedAt],
    ['the service said', item.evidence?.text],
    ['its id there', item.evidence?.payment?.id],
    ['request id', item.evidence?.requestId],
    ['body SHA-256', item.evidence?.bodyHash],
    ['decided by', item.decidedBy],
    ['note', item.note],
  ]
  return {
    headline: `${job}: ${item.reference} is ${item.kind}.`,
    sections: [
      {
        type: 'facts',
        facts: facts.flatMap(([label, value]) => (value === undefined ? [] : [{ label, value }])),
      },
    ],
  }
}

function describeProposal(proposal: Proposal | undefined): string {
  if (proposal === undefined) return 'nothing'
  return proposal.do === 'compensate' ? 'cancel at the service' : `mark ${proposal.to}`
}
