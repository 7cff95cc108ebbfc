import type { Row } from '../../src/db/connection.ts'
import { fromControlTime } from '../../src/db/date-time.ts'
import type { PlanContext } from '../../src/run/context.ts'
import type { JobSettings } from '../../src/run/job.ts'
import type { ReconcileConfig } from './config.ts'
import { type Operation, type OperationState, openOperationStates } from './operation.ts'
import type { Step } from './plan-model.ts'
import { type LookUp, lookUp } from './remote.ts'
import { hashKey, type LocalRow } from './row.ts'
import { selectOpenOperations } from './sql.ts'

const OPERATIONS_PER_RUN = 1000

/** Operations that earlier runs left open come before anything new: each with what its payment shows now. */
export async function planOpenOperations(
  context: PlanContext,
  settings: JobSettings<ReconcileConfig>,
  ask: LookUp,
): Promise<readonly Step[]> {
  const { control, job } = context
  if (!control.isInstalled) return []
  const rows = await context.read((session) =>
    session.rows(selectOpenOperations(control.schema, job, openOperationStates, OPERATIONS_PER_RUN)),
  )
  const steps = await Promise.all(
    rows.map(readOperation).map(async (operation): Promise<Step[]> => {
      // What was sent is stored in major units, whatever our table uses.
      const observation = await lookUp(operationRow(operation, settings), { ...ask, amountUnit: 'major' })
      return observation === 'notLooked' ? [] : [{ type: 'resume', operation, observation }]
    }),
  )
  return steps.flat()
}

export function readOperation(row: Row): Operation {
  const key = JSON.parse(String(row.item_key)) as readonly string[]
  return {
    id: String(row.id),
    key,
    keyHash: hashKey(key),
    reference: String(row.reference),
    externalId: String(row.external_id),
    seq: Number(row.seq),
    state: String(row.state) as OperationState,
    idempotencyKey: String(row.idempotency_key),
    path: String(row.path),
    body: String(row.body),
    amount: String(row.amount),
    currency: row.currency === null || row.currency === undefined ? undefined : String(row.currency),
    attempts: Number(row.attempts),
    firstSentAt: row.first_sent_at === null ? undefined : fromControlTime(String(row.first_sent_at)),
    createdAt: fromControlTime(String(row.created_at)),
    actor: readActor(row.evidence),
  }
}

function readActor(evidence: Row[string] | undefined): string | undefined {
  if (evidence === null || evidence === undefined) return undefined
  const { actor } = JSON.parse(String(evidence)) as { readonly actor?: unknown }
  return typeof actor === 'string' ? actor : undefined
}

/** The operation's own view of its payment: what it was sent for, whatever our table says by now. */
export function operationRow(operation: Operation, { options }: JobSettings<ReconcileConfig>): LocalRow {
  return {
    key: operation.key,
    keyHash: operation.keyHash,
    reference: operation.reference,
    externalId: operation.externalId,
    status: options.statuses.failed?.[0] ?? '',
    local: 'failed',
    // Stored in major units; compared as such.
    amount: operation.amount,
    currency: operation.currency,
    refunded: undefined,
    createdAt: operation.createdAt,
    createdText: operation.createdAt,
    since: operation.createdAt,
    updatedText: undefined,
    version: undefined,
    isDisputed: false,
    isBlocked: false,
  }
}
