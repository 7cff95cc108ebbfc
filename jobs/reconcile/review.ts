import { exitCodes, RowkeeperError } from '../../src/lib/errors.ts'
import type { ExecuteContext, PlanContext } from '../../src/run/context.ts'
import { requireControl } from '../../src/run/control.ts'
import type { JobSettings, Verb, VerbInput, VerbResult } from '../../src/run/job.ts'
import type { ReconcileConfig } from './config.ts'
import type { ItemState } from './items.ts'
import { itemReport, listReport, type ReviewItem, readReviewItem } from './review-item.ts'
import { decideItem, selectItem, selectItemsByState } from './sql.ts'

type Settings = JobSettings<ReconcileConfig>

const itemArgument = { name: 'item', description: 'its id, or the beginning of it, or its reference' }
const noteOption = { flags: '--note <text>', description: 'why; kept with the item' }

export const reviewVerbs: readonly Verb<ReconcileConfig>[] = [
  {
    group: 'review',
    name: 'list',
    summary: 'What reconcile left to people',
    arguments: [],
    options: [{ flags: '--all', description: 'also items that are decided' }],
    access: 'read',
    run: listItems,
  },
  {
    group: 'review',
    name: 'show',
    summary: 'One item with its evidence',
    arguments: [itemArgument],
    options: [],
    access: 'read',
    run: showItem,
  },
  decisionVerb('approve', 'Let the next run do what is proposed', 'approved'),
  decisionVerb('reject', 'Leave both sides as they are; raised again only if they change', 'rejected'),
  decisionVerb('resolve', 'You took care of it yourself', 'resolved'),
]

function decisionVerb(name: string, summary: string, to: ItemState): Verb<ReconcileConfig> {
  return {
    group: 'review',
    name,
    summary,
    arguments: [itemArgument],
    options: [noteOption],
    access: 'write',
    // Not the table's lease: a decision at night must not wait for a run that is under way.
    lease: ({ job }) => `review.${job}`,
    run: (context, settings, input) => decide(context, settings, input, to),
  }
}

const LISTED_ITEMS = 500

async function listItems(context: PlanContext, settings: Settings, input: VerbInput): Promise<VerbResult> {
  const { schema } = requireControl(context)
  const decided = ['approved', 'rejected', 'resolved', 'acting']
  const states = input.options.all === undefined ? ['review', 'approved'] : ['review', ...decided]
  const rows = await context.read((session) =>
    session.rows(selectItemsByState(schema, settings.job, states, LISTED_ITEMS)),
  )
  const items = rows.map(readReviewItem)
  const open = items.filter((item) => item.state === 'review')
  const next = open[0] === undefined ? [] : [`rowkeeper review show ${settings.job} ${open[0].id}`]
  return resultOf({
    report: listReport(settings.job, items, open.length),
    detail: { items },
    next,
    changed: 0,
  })
}

async function showItem(context: PlanContext, settings: Settings, input: VerbInput): Promise<VerbResult> {
  const item = await findItem(context, settings.job, input)
  const verbs =
    item.state === 'review'
      ? item.proposal === undefined
        ? ['resolve', 'reject']
        : ['approve', 'reject', 'resolve']
      : []
  return resultOf({
    report: itemReport(settings.job, item),
    detail: { item },
    next: verbs.map((verb) => `rowkeeper review ${verb} ${settings.job} ${item.id}`),
    changed: 0,
  })
}

async function decide(
  context: ExecuteContext,
  settings: Settings,
  input: VerbInput,
  to: ItemState,
): Promise<VerbResult> {
  const item = await findItem(context, settings.job, input)
  if (item.state !== 'review') throw notOpen(item, settings.job)
  if (to === 'approved' && item.proposal === undefined) throw nothingProposed(item, settings.job)
  const decision = {
    job: settings.job,
    keyHash: item.keyHash,
    from: 'review',
    to,
    by: input.actor.slice(0, 190),
    note: input.options.note ?? null,
  }
  const { affectedRows } = await context.transact('review', (transaction) =>
    transaction.change(decideItem(context.control.schema, decision)),
  )
  if (affectedRows !== 1) throw notOpen({ ...item, state: 'watching' }, settings.job)
  const decided: ReviewItem = { ...item, state: to, decidedBy: decision.by, note: input.options.note }
  return resultOf({
    report: {
      ...itemReport(settings.job, decided),
      headline: `${settings.job}: ${item.reference} is ${to}.`,
    },
    detail: { item: decided },
    next: to === 'approved' ? [`rowkeeper run ${settings.job}`] : [],
    changed: 1,
  })
}

function resultOf(result: Pick<VerbResult, 'report' | 'detail' | 'next' | 'changed'>): VerbResult {
  return { ...result, counts: {}, leftOver: 0 }
}

async function findItem(context: PlanContext, job: string, input: VerbInput): Promise<ReviewItem> {
  const { schema } = requireControl(context)
  const name = input.arguments.item ?? ''
  const rows = name === '' ? [] : await context.read((session) => session.rows(selectItem(schema, job, name)))
  const exact = rows.filter(({ reference }) => reference === name)
  const [first, second] = exact.length === 1 ? exact : rows
  if (first === undefined) throw itemError('review.unknownItem', `${job} has no item ${name}.`, job)
  if (second !== undefined)
    throw itemError(
      'review.ambiguousItem',
      `More than one item of ${job} is called ${name}, or has an id that begins so.`,
      job,
    )
  return readReviewItem(first)
}

function notOpen(item: ReviewItem, job: string): RowkeeperError {
  return itemError(
    'review.notOpen',
    `${item.reference} is not waiting for a decision; it is ${item.state}.`,
    job,
  )
}

function nothingProposed(item: ReviewItem, job: string): RowkeeperError {
  return new RowkeeperError({
    code: 'review.nothingProposed',
    message: `For ${item.reference} nothing is proposed that a run could do: ${item.reason}.`,
    hint: `When you have taken care of it: rowkeeper review resolve ${job} ${item.id} --note "…"`,
    exitCode: exitCodes.refused,
  })
}

function itemError(code: string, message: string, job: string): RowkeeperError {
  return new RowkeeperError({
    code,
    message,
    hint: `rowkeeper review list ${job}`,
    exitCode: exitCodes.refused,
  })
}
