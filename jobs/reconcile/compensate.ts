import { shiftInstant, toControlTime } from '../../src/db/date-time.ts'
import { readServerTime } from '../../src/db/server.ts'
import { headerValue } from '../../src/http/idempotency.ts'
import { exitCodes, RowkeeperError, unreachable } from '../../src/lib/errors.ts'
import { insertAudit, type Scene, writeRow } from './fix.ts'
import { findRefusal, readFreshRow } from './guard.ts'
import { commitIntent, noNewCancel } from './intent.ts'
import { createLookUp } from './observe.ts'
import { operationRow } from './open-operations.ts'
import {
  judgeOperation,
  type Operation,
  type OperationState,
  openOperationStates,
  readCallEnding,
} from './operation.ts'
import type { Step } from './plan-model.ts'
import { lookUp, type Observation } from './remote.ts'
import type { ItemEnd, StepEnding } from './result-model.ts'
import { leaveToPeople, settle } from './settle.ts'
import { markSending, moveOperation } from './sql.ts'

type CompensateStep = Extract<Step, { type: 'compensate' }>
type ResumeStep = Extract<Step, { type: 'resume' }>

/** How a cancel ended, and the operation it left behind. */
export interface Cancelled {
  readonly end: ItemEnd
  readonly operation: Operation | undefined
}

/**
 * Cancels a payment that our side rolled back. Looks at both sides again first; commits the intent before the first
 * byte; believes nothing but a later look-up.
 */
export async function compensate(scene: Scene, step: CompensateStep): Promise<Cancelled> {
  const refusal = await findRefusal(scene, step)
  if (refusal !== undefined)
    return { end: endOf(step.row.keyHash, refusal.ending, refusal.text), operation: undefined }
  const intent = await commitIntent(scene, step)
  switch (intent.type) {
    case 'new':
      await scene.context.reach('reconcile.intent-committed')
      return send(scene, intent.operation)
    case 'open':
      // Only `resume` may send it again: it looks at the payment and at the key's window first.
      return {
        end: endOf(step.row.keyHash, 'open', 'an earlier cancel is not settled yet'),
        operation: intent.operation,
      }
    case 'ended':
      return { end: endOf(step.row.keyHash, 'review', noNewCancel), operation: undefined }
    default:
      return unreachable(intent)
  }
}

/** After this long an answer that was not clear is looked at again. */
const LOOK_AGAIN_MS = 60_000

async function send(scene: Scene, operation: Operation): Promise<Cancelled> {
  const { context, settings } = scene
  const { service } = settings
  const cancel = service?.cancel
  if (context.writer === undefined || service === undefined || cancel === undefined) {
    throw new TypeError('this job has no service to write to')
  }
  if (context.stop.aborted)
    return { end: endOf(operation.keyHash, 'stopped', 'the run is stopping'), operation }
  const marked = await context.transact('send', (transaction) =>
    transaction.change(markSending(context.control.schema, { ...operation, runId: context.runId })),
  )
  if (marked.affectedRows !== 1)
    return { end: endOf(operation.keyHash, 'open', 'another run works on it'), operation }
  await context.reach('reconcile.sending-committed')
  const answer = await context.writer.post({
    path: operation.path,
    body: operation.body,
    headers: {
      [cancel.idempotency.header.toLowerCase()]: headerValue(operation.idempotencyKey, cancel.idempotency),
    },
    stop: context.stop,
    kill: context.kill,
  })
  await context.reach('reconcile.call-answered')
  const ending = readCallEnding(answer, operation, service)
  const sent: Operation = { ...operation, state: ending.state, attempts: operation.attempts + 1 }
  const neverSent =
    ending.state === 'planned' && operation.firstSentAt === undefined ? 'neverSent' : 'maybeSent'
  await recordState(scene, sent, ending.reason, neverSent)
  await context.reach('reconcile.call-recorded')
  if (ending.halts !== undefined) throw halted(ending.halts, sent)
  if (ending.state === 'unknown' || ending.state === 'accepted') return verify(scene, sent, ending.reason)
  return { end: endOf(operation.keyHash, endingOf(ending.state), ending.reason), operation: sent }
}

function endingOf(state: OperationState): StepEnding {
  if (state === 'rejected') return 'rejected'
  return state === 'review' ? 'review' : 'open'
}

/** The call may have worked. Only what the service shows now is believed. */
async function verify(scene: Scene, operation: Operation, reason: string): Promise<Cancelled> {
  const { context, settings } = scene
  const ask = { ...createLookUp(context, settings), amountUnit: 'major' as const }
  const seen = await lookUp(operationRow(operation, settings), ask)
  await context.reach('reconcile.verified')
  if (seen === 'notLooked' || settings.service === undefined)
    return { end: endOf(operation.keyHash, 'open', reason), operation }
  const verdict = judgeOperation(operation, seen, settings.service, context.asOf)
  if (verdict.do === 'confirm') return conclude(scene, operation, seen)
  if (verdict.do === 'review') return giveToReview(scene, operation, verdict.reason)
  return { end: endOf(operation.keyHash, unconfirmed(operation), `${reason}; not confirmed yet`), operation }
}

function unconfirmed({ state }: Operation): StepEnding {
  return state === 'accepted' ? 'accepted' : 'open'
}

/** Goes on with an operation of an earlier run. */
export async function resume(scene: Scene, { operation, observation }: ResumeStep): Promise<Cancelled> {
  const { context, settings } = scene
  if (settings.service === undefined) throw new TypeError('an operation needs its service')
  const verdict = judgeOperation(operation, observation, settings.service, context.asOf)
  switch (verdict.do) {
    case 'confirm':
      return conclude(scene, operation, observation)
    case 'review':
      return giveToReview(scene, operation, verdict.reason)
    case 'wait':
      await recordState(scene, operation, verdict.reason, 'maybeSent')
      return { end: endOf(operation.keyHash, unconfirmed(operation), verdict.reason), operation }
    case 'send':
      return resend(scene, operation)
  }
}

/** The stored bytes go out again only while our row still wants it. */
async function resend(scene: Scene, operation: Operation): Promise<Cancelled> {
  const local = await readFreshRow(scene, operation)
  if (local?.local !== 'failed') return giveToReview(scene, operation, 'our row is not failed any more')
  if (local.isBlocked) return giveToReview(scene, operation, 'blockCompensation forbids it now')
  if (local.isDisputed) return giveToReview(scene, operation, 'the row is marked as disputed now')
  return send(scene, operation)
}

async function recordState(
  scene: Scene,
  operation: Operation,
  reason: string,
  neverSent: 'neverSent' | 'maybeSent',
): Promise<void> {
  const { context } = scene
  const isOpen = openOperationStates.includes(operation.state)
  await context.transact('operation', async (transaction) => {
    const now = await readServerTime(transaction)
    await transaction.change(
      moveOperation(context.control.schema, {
        id: operation.id,
        state: operation.state,
        evidence: JSON.stringify({ reason, actor: operation.actor }),
        nextCheckAt: isOpen ? toControlTime(shiftInstant(now, LOOK_AGAIN_MS)) : null,
        neverSent,
      }),
    )
    if (!isOpen) await leaveToPeople(scene, transaction, operation.keyHash, reason)
  })
}

async function giveToReview(scene: Scene, operation: Operation, reason: string): Promise<Cancelled> {
  const moved: Operation = { ...operation, state: 'review' }
  await recordState(scene, moved, reason, 'maybeSent')
  return { end: endOf(operation.keyHash, 'review', reason), operation: moved }
}

/** A later reversal of a refund would show at this look. */
const WATCH_AFTER_MS = 24 * 60 * 60 * 1000

/** The service shows it: operation, audit row, outbox row and, where configured, our row, in one transaction. */
async function conclude(scene: Scene, operation: Operation, seen: Observation): Promise<Cancelled> {
  const { context, settings } = scene
  const local = await readFreshRow(scene, operation)
  const row = local ?? operationRow(operation, settings)
  await context.transact('conclude', async (transaction) => {
    const { schema } = context.control
    const moved = await transaction.change(
      moveOperation(schema, {
        id: operation.id,
        state: 'confirmed',
        evidence: JSON.stringify(seen),
        nextCheckAt: null,
        neverSent: 'maybeSent',
      }),
    )
    if (moved.affectedRows !== 1) return
    const { compensated } = settings.options.write
    const values =
      compensated === undefined || local?.local !== 'failed'
        ? {}
        : await writeRow(scene, transaction, row, compensated)
    await insertAudit(scene, transaction, row, {
      action: 'compensate',
      operationId: operation.id,
      actor: operation.actor ?? 'rowkeeper',
      newValues: values ?? {},
      evidence: JSON.stringify(seen),
    })
    const nextCheckAt = toControlTime(shiftInstant(context.asOf, WATCH_AFTER_MS))
    await settle(scene, transaction, operation.keyHash, {
      state: 'watching',
      reason: 'cancelled at the service',
      nextCheckAt,
    })
    await context.reach('reconcile.conclude-before-commit')
  })
  return {
    end: endOf(operation.keyHash, 'compensated', seen.text),
    operation: { ...operation, state: 'confirmed' },
  }
}

function endOf(keyHash: string, ending: StepEnding, text: string): ItemEnd {
  return { keyHash, ending, text }
}

function halted(reason: string, operation: Operation): RowkeeperError {
  return new RowkeeperError({
    code: 'reconcile.halted',
    message: `No more cancels were sent: ${reason} (operation ${operation.id}, payment ${operation.externalId}).`,
    hint: `Look at it with: rowkeeper review list`,
    effect: 'partial',
    exitCode: reason.includes('credentials') ? exitCodes.noPermission : exitCodes.unknown,
  })
}
