import { isRestartable } from '../../src/db/errors.ts'
import { exitCodes, RowkeeperError, unreachable } from '../../src/lib/errors.ts'
import type { ExecuteContext } from '../../src/run/context.ts'
import type { JobSettings, Tally } from '../../src/run/job.ts'
import { isSampled } from './classes.ts'
import { compensate, resume } from './compensate.ts'
import type { ReconcileConfig } from './config.ts'
import { fixRow, type Scene } from './fix.ts'
import { type Finding, toItemValues } from './items.ts'
import { findLimit } from './limits.ts'
import { createLookUp } from './observe.ts'
import type { ReconcilePlan, Step } from './plan-model.ts'
import { lookUp } from './remote.ts'
import {
  type ItemEnd,
  type ReconcileResult,
  resultOfCancel,
  resultOfEnd,
  resultOfFix,
  resultOfPlan,
  resultOfSent,
} from './result-model.ts'
import { readSource } from './source.ts'
import { upsertItems } from './sql.ts'

/** Writes down what the page found out, then takes its steps one by one. */
export async function executePage(
  context: ExecuteContext,
  settings: JobSettings<ReconcileConfig>,
  plan: ReconcilePlan,
  tally: Tally<ReconcileResult>,
): Promise<void> {
  await storeFindings(context, plan)
  await context.reach('reconcile.findings-stored')
  tally.add(resultOfPlan(plan))
  if (plan.steps.length === 0) return
  const scene: Scene = { context, settings, source: await readSource(context, settings) }
  const age = plan.asOf === context.asOf ? 'fresh' : 'saved'
  for (const step of plan.steps) tally.add(await takeStep(scene, step, age, tally.soFar))
}

const ITEMS_PER_TRANSACTION = 1000
/** Writing out more at once kept the answers of the service waiting for tens of milliseconds. */
const ITEMS_PER_STATEMENT = 200

/** In the order of the key hash, so that two runs of different jobs never wait for each other crosswise. */
async function storeFindings(context: ExecuteContext, { findings, asOf }: ReconcilePlan): Promise<void> {
  const sorted = findings.toSorted((left, right) => (left.keyHash < right.keyHash ? -1 : 1))
  for (const batch of slices(sorted, ITEMS_PER_TRANSACTION)) {
    await context.transact('findings', async (transaction) => {
      for (const part of slices(batch, ITEMS_PER_STATEMENT))
        await transaction.change(upsertPart(context, part, asOf))
    })
  }
}

function* slices<T>(all: readonly T[], size: number): Generator<readonly T[]> {
  for (let start = 0; start < all.length; start += size) yield all.slice(start, start + size)
}

function upsertPart(context: ExecuteContext, part: readonly Finding[], asOf: string) {
  const values = part.map((finding) => toItemValues(finding, context.job, asOf))
  return upsertItems(context.control.schema, values)
}

/** A plan made in this run was observed seconds ago; a saved one is asked about again. */
type PlanAge = 'fresh' | 'saved'

async function takeStep(
  scene: Scene,
  step: Step,
  age: PlanAge,
  soFar: ReconcileResult,
): Promise<ReconcileResult> {
  const keyHash = step.type === 'resume' ? step.operation.keyHash : step.row.keyHash
  if (scene.context.stop.aborted)
    return resultOfEnd({ keyHash, ending: 'stopped', text: 'the run is stopping' })
  const limit = findLimit(step, soFar, scene.settings.options)
  if (limit !== undefined) return reachLimit(scene, keyHash, limit, soFar)
  switch (step.type) {
    case 'set':
      return takeFix(scene, step, age, soFar)
    case 'compensate':
      return takeCancel(scene, step)
    case 'resume': {
      const { end, operation } = await resume(scene, step)
      return end.ending === 'compensated' && operation !== undefined
        ? resultOfCancel(end, operation.amount, operation.currency ?? '')
        : resultOfEnd(end)
    }
    default:
      return unreachable(step)
  }
}

async function takeFix(
  scene: Scene,
  step: Extract<Step, { type: 'set' }>,
  age: PlanAge,
  soFar: ReconcileResult,
): Promise<ReconcileResult> {
  const { keyHash, reference, local, status } = step.row
  if (age === 'saved' && !(await stillHolds(scene, step))) {
    return resultOfEnd({ keyHash, ending: 'changedMeanwhile', text: 'the service shows something else now' })
  }
  const ending = await fixRow(scene, step).catch((error) => leaveBusy(error, soFar))
  await scene.context.reach('reconcile.fix-committed')
  if (ending === 'changedMeanwhile') {
    return resultOfEnd({ keyHash, ending, text: 'the row changed since it was judged' })
  }
  if (ending === 'busy') return resultOfEnd({ keyHash, ending, text: 'tried again and again' })
  scene.context.emit({
    type: 'itemSettled',
    item: reference,
    text: `${status} → ${step.to}: ${step.observation.text}`,
  })
  return resultOfFix(
    { keyHash, ending, text: `${status} → ${step.to}` },
    isSampled(local) ? 'settled' : 'open',
  )
}

/** So many rows held in a row are no accident but a lock on the table; waiting for each would take hours. */
const BUSY_ROWS = 3

/** One row that somebody holds must not keep all the others waiting, in this run and in every one after it. */
function leaveBusy(error: unknown, { ends }: ReconcileResult): 'busy' {
  const others = ends.slice(1 - BUSY_ROWS)
  const isAccident = others.length < BUSY_ROWS - 1 || others.some(({ ending }) => ending !== 'busy')
  if (isRestartable(error) && isAccident) return 'busy'
  throw error
}

async function stillHolds(
  { context, settings }: Scene,
  step: Extract<Step, { type: 'set' }>,
): Promise<boolean> {
  const seen = await lookUp(step.row, createLookUp(context, settings))
  return seen !== 'notLooked' && seen.external === step.observation.external && seen.amountsAgree
}

async function takeCancel(
  scene: Scene,
  step: Extract<Step, { type: 'compensate' }>,
): Promise<ReconcileResult> {
  const { end, operation } = await compensate(scene, step)
  if (operation === undefined) return resultOfEnd(end)
  if (end.ending === 'open' || end.ending === 'accepted')
    return resultOfSent(end, operation.amount, operation.currency ?? step.row.currency ?? '')
  if (end.ending !== 'compensated') return resultOfEnd(end)
  scene.context.emit({
    type: 'itemSettled',
    item: step.row.reference,
    text: `cancelled at the service: ${end.text}`,
  })
  return resultOfCancel(end, operation.amount, operation.currency ?? '')
}

/** Before anything was changed a limit refuses the run; midway the rest is left over and stays due. */
function reachLimit(
  { context, settings }: Scene,
  keyHash: string,
  limit: string,
  soFar: ReconcileResult,
): ReconcileResult {
  if (soFar.changed === 0 && !soFar.ends.some(isSent)) throw limitBeforeChange(settings.job, limit)
  const isFirst = !soFar.ends.some(({ ending }) => ending === 'limit')
  if (isFirst) {
    const message = `No more changes in this run: ${limit}. What is left stays due for the next run.`
    context.emit({ type: 'warning', warning: { code: 'reconcile.limit', message } })
  }
  return resultOfEnd({ keyHash, ending: 'limit', text: limit })
}

/** Something went out to the service, whatever became of it: "nothing was changed" would be a guess. */
function isSent({ ending }: ItemEnd): boolean {
  return ending === 'open' || ending === 'accepted' || ending === 'rejected'
}

function limitBeforeChange(job: string, limit: string): RowkeeperError {
  return new RowkeeperError({
    code: 'reconcile.limit',
    message: `Nothing was changed: ${limit}.`,
    hint: `See what the run would do with: rowkeeper plan ${job}`,
    exitCode: exitCodes.refused,
  })
}
