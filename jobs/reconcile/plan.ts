import { elapsedBetween } from '../../src/db/date-time.ts'
import { nextChunkSize } from '../../src/engine/chunk-size.ts'
import type { PlanContext } from '../../src/run/context.ts'
import type { Checkpoint, JobSettings, Page } from '../../src/run/job.ts'
import {
  type Candidate,
  type Cursor,
  positionAfter,
  readApproved,
  readCandidates,
  readCursor,
  writeCursor,
} from './candidates.ts'
import type { ReconcileConfig } from './config.ts'
import { type Case, type Judgement, judge } from './judge.ts'
import { createLookUp, type Observed, observeRows, refuseUselessAnswers } from './observe.ts'
import { planOpenOperations } from './open-operations.ts'
import {
  addCounts,
  emptyPlan,
  type KindCounts,
  type PlanCounts,
  type ReconcilePlan,
  type Step,
} from './plan-model.ts'
import { type LookUp, lookUp } from './remote.ts'
import { type LocalRow, toLocalRow } from './row.ts'
import { readSource, type Source } from './source.ts'
import { selectCanaries } from './sql.ts'

/** A page takes about this long to look up: fixes are not kept waiting, and a crash forgets little. */
const PAGE_TARGET_MS = 5000
const PAGE_ROWS = { minimum: 200, maximum: 3000 }

/** One page: read candidates, ask the service about those that are due, judge. Reads only. */
export async function planPage(
  context: PlanContext,
  settings: JobSettings<ReconcileConfig>,
  from: Checkpoint | undefined,
): Promise<Page<ReconcilePlan>> {
  const cursor = readCursor(from, context.runId)
  const source = await readSource(context, settings)
  const ask = createLookUp(context, settings)
  const isFirst = cursor.examined === 0
  const resumed = isFirst ? await planOpenOperations(context, settings, ask) : []
  const approved = isFirst ? await readApproved(context, settings, source) : []
  const { due, last } = await readCandidates(context, settings, source, cursor)
  const candidates = limitTo(context, cursor, [...approved, ...due])
  const begun = context.clock.elapsed()
  const total = estimateTotal(context, settings.options, last, cursor.examined + candidates.length)
  const progress: Progress = { before: cursor.examined, total, isLast: last === undefined }
  const observed = await observeWithProgress(context, candidates, ask, progress)
  refuseUselessAnswers(observed, context.service?.name ?? '')
  const lookingMs = context.clock.elapsed() - begun
  const canary = await seeCanary(context, settings, source, { cursor, observed, ask })
  const judgements = judgeAll(context, settings, candidates, observed, canary)
  const next = nextCursor(context, cursor, {
    canary,
    lookingMs,
    last,
    examined: cursor.examined + observed.length,
    isComplete: observed.length === candidates.length,
  })
  return { plan: toPlan(context, judgements, resumed), next: next && writeCursor(next) }
}

interface PageEnd {
  readonly canary: boolean
  readonly lookingMs: number
  readonly last: LocalRow | undefined
  readonly examined: number
  /** Every candidate was looked at; not so when the run is stopping. */
  readonly isComplete: boolean
}

function nextCursor(context: PlanContext, cursor: Cursor, end: PageEnd): Cursor | undefined {
  // 0 would mean that no page was planned yet.
  const going = { ...cursor, examined: Math.max(1, end.examined), canary: end.canary }
  if (!end.isComplete) return going
  if (end.last === undefined || isLimitReached(context, end.examined)) return undefined
  const sizing = { targetMs: PAGE_TARGET_MS, ...PAGE_ROWS }
  return {
    ...going,
    after: positionAfter(end.last),
    pageRows: cursor.followingRows,
    // The next page is being read already, so what this one taught us is for the one after.
    followingRows: nextChunkSize(cursor.pageRows, end.lookingMs, sizing),
  }
}

function limitTo({ limit }: PlanContext, cursor: Cursor, candidates: Candidate[]): Candidate[] {
  return limit === undefined ? candidates : candidates.slice(0, Math.max(0, limit - cursor.examined))
}

function isLimitReached({ limit }: PlanContext, examined: number): boolean {
  return limit !== undefined && examined >= limit
}

async function observeWithProgress(
  context: PlanContext,
  candidates: readonly Candidate[],
  ask: LookUp,
  { before, total, isLast }: Progress,
): Promise<readonly Observed[]> {
  const step = `comparing ${context.job}`
  const unit = 'rows'
  let done = before
  if (before === 0) context.emit({ type: 'stepStarted', step, total, unit })
  const observed = await observeRows(
    candidates.map((candidate) => candidate.row),
    ask,
    () => {
      done += 1
      context.emit({ type: 'stepProgress', step, done, total, unit })
    },
  )
  if (isLast) context.emit({ type: 'stepFinished', step, done, unit })
  return observed
}

interface Progress {
  /** Rows compared on earlier pages. */
  readonly before: number
  /** Of the whole run; before the last page an estimate. */
  readonly total: number
  readonly isLast: boolean
}

/**
 * How many rows there will be, from how far into the look-back this page reaches: counting them would read everything
 * twice. The last page knows.
 */
function estimateTotal(
  { asOf, limit }: PlanContext,
  { lookBack, grace }: ReconcileConfig,
  last: LocalRow | undefined,
  rowsUntilHere: number,
): number {
  if (last === undefined) return rowsUntilHere
  const reached = lookBack - elapsedBetween(last.createdAt, asOf)
  const share = Math.min(1, Math.max(reached / (lookBack - grace), 0.001))
  return Math.min(Math.round(rowsUntilHere / share), limit ?? Number.POSITIVE_INFINITY)
}

interface CanaryInput {
  readonly cursor: Cursor
  readonly observed: readonly Observed[]
  readonly ask: LookUp
}

const CANARIES = 3

/**
 * Whether these credentials have shown us a payment we know. Only asked for when something was not found: then the
 * newest paid rows are looked up too, since the wrong account answers 404 to everything.
 */
async function seeCanary(
  context: PlanContext,
  settings: JobSettings<ReconcileConfig>,
  source: Source,
  { cursor, observed, ask }: CanaryInput,
): Promise<boolean> {
  if (cursor.canary || observed.some(({ observation }) => observation.payment !== undefined)) return true
  const isNeeded = observed.some(({ observation }) => observation.external === 'absent')
  if (!isNeeded || settings.options.statuses.paid === undefined) return false
  const rows = await context.read((session) =>
    session.rows(selectCanaries(source, settings.options, CANARIES)),
  )
  for (const row of rows) {
    const seen = await lookUp(toLocalRow(row, source, settings.options, settings.database.dateTimeZone), ask)
    if (seen !== 'notLooked' && seen.payment !== undefined) return true
  }
  return false
}

function judgeAll(
  context: PlanContext,
  { options, service }: JobSettings<ReconcileConfig>,
  candidates: readonly Candidate[],
  observed: readonly Observed[],
  canary: boolean,
): readonly Judgement[] {
  const items = new Map(candidates.map(({ row, item }) => [row.keyHash, item]))
  const bench = {
    options,
    asOf: context.asOf,
    canary,
    fraction: () => context.random.fraction(),
    hasCancel: service?.cancel !== undefined,
  }
  return observed.map(({ row, observation }) => {
    const given: Case = { row, observation, item: items.get(row.keyHash) }
    return judge(given, bench)
  })
}

function toPlan(
  context: PlanContext,
  judgements: readonly Judgement[],
  resumed: readonly Step[],
): ReconcilePlan {
  return {
    asOf: context.asOf,
    counts: judgements.map(countJudgement).reduce((sum, counts) => addCounts(sum, counts), emptyPlan.counts),
    kinds: countKinds(judgements),
    findings: judgements.map((judgement) => judgement.finding),
    steps: [...resumed, ...judgements.flatMap(({ step }) => (step === undefined ? [] : [step]))],
    latency: context.service?.latency.summary(),
  }
}

const nothingCounted = emptyPlan.counts

/** Every row examined is exactly one of matched, mismatched, waiting and unanswered. */
function countJudgement({ decision, mode, finding }: Judgement): PlanCounts {
  const review = mode === 'review' && finding.state === 'review' ? 1 : 0
  const one = { ...nothingCounted, examined: 1, review }
  if (decision.do === 'match') return { ...one, matched: 1 }
  if (decision.do !== 'wait') return { ...one, mismatched: 1 }
  const unanswered = ['temporary', 'unreadable', 'absentMaybe'].includes(finding.external)
  return unanswered ? { ...one, unanswered: 1 } : { ...one, waiting: 1 }
}

function countKinds(judgements: readonly Judgement[]): ReconcilePlan['kinds'] {
  const kinds: { -readonly [K in keyof ReconcilePlan['kinds']]: ReconcilePlan['kinds'][K] } = {}
  for (const { finding, mode } of judgements) {
    if (!finding.mismatch) continue
    const one: KindCounts = {
      found: 1,
      automatic: mode === 'automatic' ? 1 : 0,
      review: mode === 'review' ? 1 : 0,
      off: mode === 'off' ? 1 : 0,
    }
    const before = kinds[finding.facts]
    kinds[finding.facts] = before === undefined ? one : addCounts(before, one)
  }
  return kinds
}
