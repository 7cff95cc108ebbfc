import { asRowkeeperError, type RowkeeperError } from '../lib/errors.ts'
import type { PlanContext } from './context.ts'
import { requireEveryControl, warnOfOldControl } from './control.ts'
import type { Checkpoint, OpenJob, PlannedPage, RunningResult } from './job.ts'
import type { Launch } from './launch.ts'
import { type Opened, openLaunch } from './open.ts'
import { checkPlanFresh, type Fingerprint, type SavedPlan } from './plan-file.ts'
import { checkBefore } from './preflight.ts'
import { createReleases } from './releases.ts'
import type { Report, ReportRow } from './report.ts'
import { type Ending, endingOf, endingOfError, type ResultDocument } from './result.ts'
import { documentOf, runCommandOf, type Started, startDocument } from './result-document.ts'
import { openWork, type Work } from './work.ts'

export interface Ended {
  readonly result: ResultDocument
  /** Undefined when the run ended before there was anything to report. */
  readonly report: Report | undefined
}

export interface EndedPlan extends Ended {
  /** What `plan -o` saves; undefined when planning failed. */
  readonly saved: SavedPlan | undefined
  readonly rows: readonly ReportRow[]
  readonly hasWork: boolean
}

/** Where the rows of `--report` go while the run goes on. */
export type TakeRows = (rows: readonly ReportRow[]) => Promise<void>

/**
 * The dry form: everything up to the point where a run would begin to write, and no further. `rowkeeper plan` and
 * `run --dry-run` are this function; the write pool does not exist in it.
 */
export async function planRun(launch: Launch): Promise<EndedPlan> {
  const started = startDocument(launch, 'plan')
  const releases = createReleases()
  try {
    const opened = await openLaunch(launch, started.runId, releases)
    warnOfOldControl(opened.context)
    await checkBefore('plan', launch.opened, opened.context)
    const whole = await planAllPages(launch, opened)
    const description = whole.describe()
    const saved = await savePlan(launch, opened, whole)
    const result = documentOf(
      started,
      { status: 'succeeded', effect: 'none', exitCode: 0 },
      {
        counts: description.counts,
        detail: description.detail,
        next: description.hasWork ? [runCommandOf(launch)] : [],
      },
    )
    return { result, report: description.report, saved, rows: whole.rows(), hasWork: description.hasWork }
  } catch (thrown) {
    const error = asRowkeeperError(thrown)
    const result = documentOf(started, endingOfError(error, 0), { error })
    return { result, report: undefined, saved: undefined, rows: [], hasWork: false }
  } finally {
    await releases.run()
  }
}

async function planAllPages({ opened: job }: Launch, { context }: Opened): Promise<PlannedPage> {
  let whole = job.empty()
  let from: Checkpoint | undefined
  do {
    context.stop.throwIfAborted()
    const page = await job.plan(context, from)
    whole = whole.add(page)
    from = page.next
  } while (from !== undefined)
  return whole
}

async function savePlan(launch: Launch, opened: Opened, whole: PlannedPage): Promise<SavedPlan> {
  return {
    schemaVersion: 1,
    job: launch.entry.name,
    kind: launch.entry.kind,
    asOf: opened.context.asOf,
    fingerprint: await readFingerprint(launch, opened),
    plan: whole.document,
  }
}

async function readFingerprint(launch: Launch, { context }: Opened): Promise<Fingerprint> {
  return {
    configuration: launch.config.hash(launch.entry.name),
    server: context.server.id,
    definition: await launch.opened.definition(context),
  }
}

export interface RunOptions {
  /** Execute exactly this plan instead of planning page by page. */
  readonly saved?: SavedPlan | undefined
  /** Begin at the first page even if the last run left a checkpoint. */
  readonly from: 'checkpoint' | 'start'
  readonly takeRows: TakeRows
}

/** Lease first, then page by page: plan, execute, checkpoint. */
export async function executeRun(launch: Launch, options: RunOptions): Promise<Ended> {
  const started = startDocument(launch, 'run')
  const running = launch.opened.startResult()
  const releases = createReleases()
  let work: Work | undefined
  try {
    const opened = await openLaunch(launch, started.runId, releases)
    requireEveryControl(opened.context)
    await checkBefore('run', launch.opened, opened.context)
    work = await openWork(
      launch,
      opened,
      { verb: 'run', lease: launch.opened.lease, counts: () => running.outcome.counts },
      releases,
    )
    await work.begin()
    const inHand: RunInHand = { launch, opened, work, running, takeRows: options.takeRows }
    if (options.saved === undefined) await runPages(inHand, options.from)
    else await runSavedPlan(inHand, options.saved)
    return await end({ started, work, running }, endingOf(running.outcome))
  } catch (thrown) {
    const error = asRowkeeperError(thrown)
    return await end({ started, work, running }, endingOfError(error, running.outcome.changed), error)
  } finally {
    await releases.run()
  }
}

interface RunInHand {
  readonly launch: Launch
  readonly opened: Opened
  readonly work: Work
  readonly running: RunningResult
  readonly takeRows: TakeRows
}

async function runPages(
  { launch, opened, work, running, takeRows }: RunInHand,
  begin: RunOptions['from'],
): Promise<void> {
  const job = launch.opened
  const { context } = opened
  const from = begin === 'start' ? undefined : await work.readCheckpoint()
  let planning: Promise<PlannedPage> | undefined = job.plan(context, from)
  while (planning !== undefined) {
    const page: PlannedPage = await planning
    planning = job.pages === 'independent' ? planNext(job, context, page) : undefined
    await work.context.reach('run.page-planned')
    await takeRows(await running.execute(work.context, page))
    await work.saveProgress(page.next)
    await work.context.reach('run.page-done')
    context.stop.throwIfAborted()
    planning ??= planNext(job, context, page)
  }
}

/** A plan made ahead may fail before anybody waits for it; the failure is met when its page comes up. */
function planNext(
  job: OpenJob,
  context: PlanContext,
  { next }: PlannedPage,
): Promise<PlannedPage> | undefined {
  if (next === undefined) return undefined
  const planning = job.plan(context, next)
  planning.catch(() => {})
  return planning
}

async function runSavedPlan(
  { launch, opened, work, running, takeRows }: RunInHand,
  saved: SavedPlan,
): Promise<void> {
  const fingerprint = await readFingerprint(launch, opened)
  checkPlanFresh(saved, { job: launch.entry.name, asOf: opened.context.asOf, fingerprint })
  await takeRows(await running.execute(work.context, launch.opened.load(saved.plan)))
}

async function end(
  { started, work, running }: { started: Started; work: Work | undefined; running: RunningResult },
  ending: Ending,
  error?: RowkeeperError,
): Promise<Ended> {
  const report = running.report()
  const result = documentOf(started, ending, {
    counts: running.outcome.counts,
    detail: report.detail,
    next: report.next,
    error,
  })
  await work?.finish(result)
  started.emit({ type: 'runFinished', result })
  // Zeros before an error read like a result; the error says it alone.
  const isEmpty = error !== undefined && Object.values(running.outcome.counts).every((count) => count === 0)
  return { result, report: work === undefined || isEmpty ? undefined : report.report }
}
