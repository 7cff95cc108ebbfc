import { findColumn } from '../../src/db/catalog.ts'
import { toColumnTime } from '../../src/db/date-time.ts'
import { readServerTime } from '../../src/db/server.ts'
import type { Transaction } from '../../src/db/session.ts'
import { type Fragment, sql } from '../../src/db/statement.ts'
import type { ExecuteContext } from '../../src/run/context.ts'
import type { JobSettings } from '../../src/run/job.ts'
import type { ReconcileConfig } from './config.ts'
import type { Step } from './plan-model.ts'
import { describeKey, type LocalRow } from './row.ts'
import type { Source } from './source.ts'
import { type FixRow, insertAlso, insertFix, settleItem, updateRow } from './sql.ts'

export type Written = NonNullable<ReconcileConfig['write']['paid']>

/** What a fix needs to know of its surroundings. */
export interface Scene {
  readonly context: ExecuteContext
  readonly settings: JobSettings<ReconcileConfig>
  readonly source: Source
}

/**
 * Compare-and-set with its audit row, its outbox row and the item's end, in one transaction. `changedMeanwhile` when
 * the row is not exactly as it was judged: then nothing is written.
 */
export async function fixRow(
  scene: Scene,
  step: Extract<Step, { type: 'set' }>,
): Promise<'fixed' | 'changedMeanwhile'> {
  const { context, settings } = scene
  const written = settings.options.write[step.to]
  if (written === undefined) throw new TypeError(`nothing configured to write for ${step.to}`)
  return context.transact('fix', async (transaction) => {
    const values = await writeRow(scene, transaction, step.row, written)
    if (values === undefined) return 'changedMeanwhile'
    await insertAudit(scene, transaction, step.row, {
      action: `mark ${step.to}`,
      operationId: null,
      actor: step.actor,
      newValues: values,
      evidence: JSON.stringify(step.observation),
    })
    await transaction.change(
      settleItem(context.control.schema, {
        job: context.job,
        keyHash: step.row.keyHash,
        state: 'done',
        reason: `marked ${step.to}`,
        nextCheckAt: null,
      }),
    )
    await context.reach('reconcile.fix-before-commit')
    return 'fixed'
  })
}

/** The values written, by column; undefined when the row had changed. */
export async function writeRow(
  { context, settings, source }: Scene,
  transaction: Transaction,
  row: LocalRow,
  written: Written,
): Promise<Readonly<Record<string, string>> | undefined> {
  const values = typeof written === 'string' ? { [source.columns.status.name]: written } : written
  const usesNow = Object.entries(values).some(([name, value]) => isNow(name, value, source))
  const now = usesNow ? await readServerTime(transaction) : context.asOf
  const zone = settings.database.dateTimeZone
  const assignments = Object.entries(values).map(([name, value]) => {
    const column = findColumn(source.table, name)
    const text =
      isNow(name, value, source) && column !== undefined ? toColumnTime(now, column, zone) : String(value)
    return { column: column?.name ?? name, text }
  })
  const statement = updateRow(
    source,
    row,
    assignments.map(({ column, text }): { column: string; value: Fragment } => ({
      column,
      value: sql`${text}`,
    })),
  )
  const { affectedRows } = await transaction.change(statement)
  if (affectedRows !== 1) return undefined
  return Object.fromEntries(assignments.map(({ column, text }) => [column, text]))
}

/** `now` means the server's time, except in the status column, where it would be a status. */
function isNow(column: string, value: string | number, source: Source): boolean {
  return value === 'now' && column.toLowerCase() !== source.columns.status.name.toLowerCase()
}

export interface Audit extends Pick<FixRow, 'action' | 'operationId' | 'actor' | 'evidence'> {
  readonly newValues: Readonly<Record<string, string>>
}

/** The audit row, and the configured row beside it. */
export async function insertAudit(
  scene: Scene,
  transaction: Transaction,
  row: LocalRow,
  audit: Audit,
): Promise<void> {
  const { context, settings, source } = scene
  await transaction.change(
    insertFix(context.control.schema, {
      runId: context.runId,
      job: context.job,
      keyHash: row.keyHash,
      key: JSON.stringify(row.key),
      reference: row.reference.slice(0, 190),
      action: audit.action,
      operationId: audit.operationId,
      actor: audit.actor,
      oldValues: JSON.stringify({ [source.columns.status.name]: row.status }),
      newValues: JSON.stringify(audit.newValues),
      evidence: audit.evidence,
    }),
  )
  const { also } = settings.options
  if (also === undefined) return
  const placeholders = alsoValues(scene, row, audit)
  const values = Object.fromEntries(
    Object.entries(also.values).map(([column, template]) => [
      column,
      template.replace(/\{(\w+)\}/g, (whole, name: string) => placeholders[name] ?? whole),
    ]),
  )
  await transaction.change(insertAlso(settings.schema, also.insertInto, values))
}

function alsoValues(
  { context, source }: Scene,
  row: LocalRow,
  audit: Audit,
): Readonly<Record<string, string>> {
  const to = audit.newValues[source.columns.status.name] ?? row.status
  const fix = {
    job: context.job,
    runId: context.runId,
    key: row.key,
    reference: row.reference,
    action: audit.action,
    from: row.status,
    to,
  }
  return {
    key: describeKey(row.key),
    reference: row.reference,
    from: row.status,
    to,
    fix: JSON.stringify(fix),
  }
}
