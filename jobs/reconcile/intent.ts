import type { ServiceConfig } from '../../src/config/schema.ts'
import { hashRequest } from '../../src/http/idempotency.ts'
import { renderPath } from '../../src/http/path.ts'
import { exitCodes, RowkeeperError } from '../../src/lib/errors.ts'
import type { Scene } from './fix.ts'
import { fromMajor, parseDecimal } from './money.ts'
import { readOperation } from './open-operations.ts'
import { deriveIdempotencyKey, type Operation, openOperationStates, renderBody } from './operation.ts'
import type { Step } from './plan-model.ts'
import type { Observation } from './remote.ts'
import { leaveToPeople, settle } from './settle.ts'
import { insertOperation, selectItemOperations } from './sql.ts'

type CompensateStep = Extract<Step, { type: 'compensate' }>

export const noNewCancel =
  'an earlier cancel of this payment ended; a person has to look before another is sent'

/** `open`: an operation of an earlier run goes on. `ended`: one came to its end, and only a person may follow it with another. */
export type Intent =
  | { readonly type: 'new'; readonly operation: Operation }
  | { readonly type: 'open'; readonly operation: Operation }
  | { readonly type: 'ended' }

export async function commitIntent(scene: Scene, step: CompensateStep): Promise<Intent> {
  const { context, settings } = scene
  const { schema } = context.control
  const payment = step.observation.payment
  const service = settings.service
  if (payment === undefined || service === undefined)
    throw new TypeError('a cancel needs a payment and a service')
  return context.transact('intent', async (transaction): Promise<Intent> => {
    const earlier = (await transaction.rows(selectItemOperations(schema, context.job, step.row.keyHash))).map(
      readOperation,
    )
    const open = earlier.find((operation) => openOperationStates.includes(operation.state))
    if (open !== undefined) return { type: 'open', operation: open }
    if (earlier.length > 0 && step.actor === 'rowkeeper') {
      await leaveToPeople(scene, transaction, step.row.keyHash, noNewCancel)
      return { type: 'ended' }
    }
    const operation = createOperation(scene, step, payment, service, earlier.length + 1)
    await transaction.change(
      insertOperation(schema, {
        ...operation,
        job: context.job,
        key: JSON.stringify(operation.key),
        service: context.service?.name ?? '',
        currency: operation.currency ?? null,
        requestHash: hashRequest({ method: 'POST', path: operation.path, body: operation.body }),
        runId: context.runId,
        evidence: JSON.stringify({ before: step.observation, actor: step.actor }),
      }),
    )
    await settle(scene, transaction, step.row.keyHash, {
      state: 'acting',
      reason: 'a cancel is under way',
      nextCheckAt: null,
    })
    return { type: 'new', operation }
  })
}

function createOperation(
  { context, source }: Scene,
  { row, actor }: CompensateStep,
  payment: NonNullable<Observation['payment']>,
  service: ServiceConfig,
  seq: number,
): Operation {
  const { cancel, lookup, baseUrl } = service
  if (cancel === undefined) throw new TypeError('this service has no cancel call')
  const amount = fromMajor(
    parseDecimal(payment.amount) ?? { digits: 0n, scale: 0 },
    lookup.read.amountUnit,
    payment.currency,
  )
  const values = {
    id: payment.id,
    reference: row.reference,
    amount: amount ?? payment.amount,
    currency: payment.currency ?? '',
  }
  const path = renderPath(cancel.post, values)
  if (path.kind === 'refused') throw badPath(path.reason)
  const { schema, table } = source.table.name
  return {
    id: context.random.id(),
    key: row.key,
    keyHash: row.keyHash,
    reference: row.reference,
    externalId: payment.id,
    seq,
    state: 'planned',
    idempotencyKey: deriveIdempotencyKey([
      baseUrl,
      context.job,
      schema,
      table,
      ...row.key,
      payment.id,
      'cancel',
      String(seq),
      payment.amount,
      payment.currency ?? '',
    ]),
    path: path.path,
    body: renderBody(cancel.json, values),
    amount: payment.amount,
    currency: payment.currency,
    attempts: 0,
    firstSentAt: undefined,
    createdAt: context.asOf,
    actor,
  }
}

function badPath(reason: string): RowkeeperError {
  return new RowkeeperError({
    code: 'reconcile.cancelPath',
    message: `A cancel could not be addressed: ${reason}.`,
    exitCode: exitCodes.badInput,
  })
}
