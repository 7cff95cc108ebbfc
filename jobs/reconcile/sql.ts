import type { Column } from '../../src/db/catalog.ts'
import {
  type Fragment,
  id,
  join,
  list,
  nothing,
  raw,
  type Statement,
  sql,
  statement,
  tableId,
  tuples,
  type Value,
} from '../../src/db/statement.ts'
import { controlTable } from '../../src/run/sql.ts'
import { isSampled, type LocalClass, localClasses } from './classes.ts'
import type { ReconcileConfig } from './config.ts'
import { afterPosition, type Key, type LocalRow, matchKey } from './row.ts'
import type { Source } from './source.ts'

export interface CandidatePage {
  /** Column text: rows created at or after. */
  readonly oldest: string
  /** Column text: rows created at or before. */
  readonly youngest: string
  readonly after: { readonly createdText: string; readonly key: Key } | undefined
  readonly rows: number
}

/** A page of rows that may be due, in the order of the scan index. */
export function selectCandidates(source: Source, options: ReconcileConfig, page: CandidatePage): Statement {
  return statement('reconcile.select-candidates', candidates(source, options, page))
}

/** One row per table with its access type. MySQL 9's own default is a tree in one text. */
export function explainCandidates(source: Source, options: ReconcileConfig, page: CandidatePage): Statement {
  return statement(
    'reconcile.explain-candidates',
    sql`EXPLAIN FORMAT=TRADITIONAL ${candidates(source, options, page)}`,
  )
}

function candidates(source: Source, options: ReconcileConfig, page: CandidatePage): Fragment {
  const createdAt = id(source.columns.createdAt.name)
  const conditions = [
    sql`${createdAt} >= ${page.oldest}`,
    sql`${createdAt} <= ${page.youngest}`,
    ...(page.after === undefined ? [] : [afterPosition(source, page.after.createdText, page.after.key)]),
    anyOf(statusConditions(source, options)),
    ...(options.where === '' ? [] : [sql`(${raw(options.where)})`]),
  ]
  const order = join([createdAt, ...source.key.map((column) => id(column.name))])
  // Forced: left alone, both optimizers change to a scan with a sort when the look-back covers most of the table.
  const index = source.scanIndex === undefined ? nothing : sql`FORCE INDEX (${id(source.scanIndex.name)})`
  return sql`SELECT ${rowColumns(source, options)} FROM ${tableId(source.table.name)} ${index}
    WHERE ${join(conditions, ' AND ')} ORDER BY ${order} LIMIT ${page.rows}`
}

/** Classes that look settled are sampled by a hash of the key: the same rows in every run, spread evenly. */
function statusConditions(source: Source, options: ReconcileConfig): Fragment[] {
  const status = id(source.columns.status.name)
  return localClasses.flatMap((localClass) => {
    const raws = options.statuses[localClass]
    const share = shareOf(localClass, options)
    if (raws === undefined || share === 0) return []
    const inClass = sql`${status} IN (${list(raws)})`
    return [share === 1 ? inClass : sql`(${inClass} AND ${sampled(source.key, share)})`]
  })
}

/** Nothing to look at is a condition too: `settled` may switch every configured class off. */
function anyOf(conditions: readonly Fragment[]): Fragment {
  return conditions.length === 0 ? raw('FALSE') : sql`(${join(conditions, ' OR ')})`
}

function shareOf(localClass: LocalClass, options: ReconcileConfig): number {
  return isSampled(localClass) ? options.settled[localClass] : 1
}

const SAMPLE_SCALE = 100_000

function sampled(key: readonly Column[], share: number): Fragment {
  const text = join(key.map((column) => id(column.name)))
  return sql`CRC32(CONCAT_WS('/', ${text})) MOD ${SAMPLE_SCALE} < ${Math.round(share * SAMPLE_SCALE)}`
}

function rowColumns({ key, columns }: Source, options: ReconcileConfig): Fragment {
  const named: [Column | undefined, string][] = [
    ...key.map((column, index): [Column, string] => [column, `key_${index}`]),
    [columns.reference, 'reference'],
    [columns.externalId, 'external_id'],
    [columns.status, 'status'],
    [columns.amount, 'amount'],
    [columns.currency, 'currency'],
    [columns.refunded, 'refunded'],
    [columns.createdAt, 'created_at'],
    [columns.updatedAt, 'updated_at'],
    [columns.version, 'version'],
    [columns.disputed, 'disputed'],
  ]
  const blocked =
    options.blockCompensation === ''
      ? []
      : [sql`(${raw(options.blockCompensation)}) IS TRUE AS compensation_blocked`]
  return join([
    ...named.flatMap(([column, name]) =>
      column === undefined ? [] : [sql`${id(column.name)} AS ${id(name)}`],
    ),
    ...blocked,
  ])
}

/** One row again. */
export function selectRow(source: Source, options: ReconcileConfig, key: Key): Statement {
  return statement(
    'reconcile.select-row',
    sql`SELECT ${rowColumns(source, options)}
      FROM ${tableId(source.table.name)} WHERE ${matchKey(source, key)}`,
  )
}

/** The newest settled rows: the service should know at least one, or the credentials are not the right ones. */
export function selectCanaries(source: Source, options: ReconcileConfig, rows: number): Statement {
  const createdAt = id(source.columns.createdAt.name)
  const index = source.scanIndex === undefined ? nothing : sql`FORCE INDEX (${id(source.scanIndex.name)})`
  return statement(
    'reconcile.select-canaries',
    sql`SELECT ${rowColumns(source, options)} FROM ${tableId(source.table.name)} ${index}
      WHERE ${id(source.columns.status.name)} IN (${list(options.statuses.paid ?? [])})
      ORDER BY ${createdAt} DESC LIMIT ${rows}`,
  )
}

/** Compare-and-set: the row must still be exactly as it was when it was judged. Affects one row, or none. */
export function updateRow(
  source: Source,
  row: LocalRow,
  values: readonly { readonly column: string; readonly value: Fragment }[],
): Statement {
  const { columns } = source
  const conditions = [
    matchKey(source, row.key),
    sql`${id(columns.status.name)} = ${row.status}`,
    ...(columns.updatedAt === undefined
      ? []
      : [sql`${id(columns.updatedAt.name)} <=> ${row.updatedText ?? null}`]),
    ...(columns.version === undefined ? [] : [sql`${id(columns.version.name)} <=> ${row.version ?? null}`]),
  ]
  const assignments = join(values.map(({ column, value }) => sql`${id(column)} = ${value}`))
  return statement(
    'reconcile.update-row',
    sql`UPDATE ${tableId(source.table.name)} SET ${assignments} WHERE ${join(conditions, ' AND ')}`,
  )
}

export function insertAlso(
  schema: string,
  table: string,
  values: Readonly<Record<string, string>>,
): Statement {
  const columns = join(Object.keys(values).map(id))
  return statement(
    'reconcile.insert-also',
    sql`INSERT INTO ${tableId({ schema, table })} (${columns}) VALUES (${list(Object.values(values))})`,
  )
}

const itemColumns = [
  'job',
  'key_hash',
  'item_key',
  'reference',
  'state',
  'local_class',
  'facts',
  'ladder_step',
  'observations',
  'absences',
  'first_absent_at',
  'unreadable',
  'failures',
  'observed_at',
  'next_check_at',
  'proposal',
  'reason',
  'evidence',
] as const

/** One item, in the order of the columns; built by `items.ts`. */
export type ItemValues = Readonly<Record<(typeof itemColumns)[number], Value>>

/** What a page found out, in one statement. */
export function upsertItems(schema: string, items: readonly ItemValues[]): Statement {
  const columns = join(itemColumns.map(id))
  const updates = join(
    itemColumns
      .filter((name) => !['job', 'key_hash', 'item_key'].includes(name))
      .map((name) => sql`${id(name)} = VALUES(${id(name)})`),
  )
  const rows = tuples(items.map((item) => itemColumns.map((name) => item[name])))
  return statement(
    'reconcile.upsert-items',
    sql`INSERT INTO ${controlTable(schema, 'item')} (${columns}) VALUES ${rows} ON DUPLICATE KEY UPDATE ${updates}`,
  )
}

/** What a person was asked is only read of items in `askedStates`: most of a page have no use for the long texts. */
export function selectItems(
  schema: string,
  {
    job,
    keyHashes,
    askedStates,
  }: { job: string; keyHashes: readonly string[]; askedStates: readonly string[] },
): Statement {
  const asked = (column: string) =>
    sql`IF(state IN (${list(askedStates)}), ${id(column)}, NULL) AS ${id(column)}`
  return statement(
    'reconcile.select-items',
    sql`SELECT key_hash, state, local_class, facts, decided_by, ladder_step, observations, absences, first_absent_at, unreadable, failures, next_check_at,
        ${asked('proposal')}, ${asked('reason')}, ${asked('evidence')}
      FROM ${controlTable(schema, 'item')} WHERE job = ${job} AND key_hash IN (${list(keyHashes)})`,
  )
}

const reviewColumns = raw(
  'key_hash, item_key, reference, state, local_class, facts, observations, observed_at, next_check_at, proposal, reason, evidence, decided_by, decided_at, note',
)

export function selectItemsByState(
  schema: string,
  job: string,
  states: readonly string[],
  limit: number,
): Statement {
  return statement(
    'reconcile.select-items-by-state',
    sql`SELECT ${reviewColumns} FROM ${controlTable(schema, 'item')}
      WHERE job = ${job} AND state IN (${list(states)}) ORDER BY observed_at, key_hash LIMIT ${limit}`,
  )
}

/** By the beginning of its hash, as shown to people, or by its reference. */
export function selectItem(schema: string, job: string, name: string): Statement {
  return statement(
    'reconcile.select-item',
    sql`SELECT ${reviewColumns} FROM ${controlTable(schema, 'item')}
      WHERE job = ${job} AND (reference = ${name} OR key_hash LIKE ${`${name.replace(/[^0-9a-f]/g, '-')}%`})
      ORDER BY reference = ${name} DESC LIMIT 2`,
  )
}

/** A decision of a person; affects no row when the item is not in the state it was shown in. */
export function decideItem(
  schema: string,
  decision: { job: string; keyHash: string; from: string; to: string; by: string; note: string | null },
): Statement {
  return statement(
    'reconcile.decide-item',
    sql`UPDATE ${controlTable(schema, 'item')}
      SET state = ${decision.to}, decided_by = ${decision.by}, decided_at = UTC_TIMESTAMP(3), note = ${decision.note},
        next_check_at = UTC_TIMESTAMP(3)
      WHERE job = ${decision.job} AND key_hash = ${decision.keyHash} AND state = ${decision.from}`,
  )
}

/** After a fix or a compensation: where the item stands now. */
export function settleItem(
  schema: string,
  item: { job: string; keyHash: string; state: string; reason: string; nextCheckAt: string | null },
): Statement {
  return statement(
    'reconcile.settle-item',
    sql`UPDATE ${controlTable(schema, 'item')}
      SET state = ${item.state}, reason = ${item.reason}, next_check_at = ${item.nextCheckAt}, proposal = NULL
      WHERE job = ${item.job} AND key_hash = ${item.keyHash}`,
  )
}

export interface FixRow {
  readonly runId: string
  readonly job: string
  readonly keyHash: string
  readonly key: string
  readonly reference: string
  readonly action: string
  readonly operationId: string | null
  readonly actor: string
  readonly oldValues: string
  readonly newValues: string
  readonly evidence: string
}

export function insertFix(schema: string, fix: FixRow): Statement {
  return statement(
    'reconcile.insert-fix',
    sql`INSERT INTO ${controlTable(schema, 'fix')}
        (run_id, job, key_hash, item_key, reference, action, operation_id, actor, old_values, new_values, evidence, created_at)
      VALUES (${fix.runId}, ${fix.job}, ${fix.keyHash}, ${fix.key}, ${fix.reference}, ${fix.action}, ${fix.operationId},
        ${fix.actor}, ${fix.oldValues}, ${fix.newValues}, ${fix.evidence}, UTC_TIMESTAMP(3))`,
  )
}

/** The open operations of a job, and those of one item whatever their state. */
const operationColumns = raw(
  'id, item_key, key_hash, reference, external_id, seq, state, idempotency_key, path, body, amount, currency, attempts, first_sent_at, created_at, evidence',
)

export function selectOpenOperations(
  schema: string,
  job: string,
  states: readonly string[],
  limit: number,
): Statement {
  return statement(
    'reconcile.select-open-operations',
    sql`SELECT ${operationColumns} FROM ${controlTable(schema, 'operation')}
      WHERE job = ${job} AND state IN (${list(states)}) AND (next_check_at IS NULL OR next_check_at <= UTC_TIMESTAMP(3))
      ORDER BY created_at, id LIMIT ${limit}`,
  )
}

export function selectItemOperations(schema: string, job: string, keyHash: string): Statement {
  return statement(
    'reconcile.select-item-operations',
    sql`SELECT ${operationColumns} FROM ${controlTable(schema, 'operation')}
      WHERE job = ${job} AND key_hash = ${keyHash} ORDER BY seq`,
  )
}

export interface OperationRow {
  readonly id: string
  readonly job: string
  readonly keyHash: string
  readonly key: string
  readonly reference: string
  readonly service: string
  readonly externalId: string
  readonly seq: number
  readonly idempotencyKey: string
  readonly path: string
  readonly body: string
  readonly requestHash: string
  readonly amount: string
  readonly currency: string | null
  readonly runId: string
  readonly evidence: string
}

/** The intent, committed before the first byte leaves. */
export function insertOperation(schema: string, row: OperationRow): Statement {
  return statement(
    'reconcile.insert-operation',
    sql`INSERT INTO ${controlTable(schema, 'operation')}
        (id, job, key_hash, item_key, reference, service, external_id, action, seq, state, idempotency_key, method, path,
         body, request_hash, amount, currency, run_id, attempts, created_at, updated_at, evidence)
      VALUES (${row.id}, ${row.job}, ${row.keyHash}, ${row.key}, ${row.reference}, ${row.service}, ${row.externalId},
        'cancel', ${row.seq}, 'planned', ${row.idempotencyKey}, 'POST', ${row.path}, ${row.body}, ${row.requestHash},
        ${row.amount}, ${row.currency}, ${row.runId}, 0, UTC_TIMESTAMP(3), UTC_TIMESTAMP(3), ${row.evidence})`,
  )
}

/** From here on the call may be on its way. Affects no row when another run moved the operation. */
export function markSending(
  schema: string,
  operation: { id: string; runId: string; attempts: number },
): Statement {
  return statement(
    'reconcile.mark-sending',
    sql`UPDATE ${controlTable(schema, 'operation')}
      SET state = 'sending', run_id = ${operation.runId}, attempts = attempts + 1,
        first_sent_at = COALESCE(first_sent_at, UTC_TIMESTAMP(3)), updated_at = UTC_TIMESTAMP(3)
      WHERE id = ${operation.id} AND attempts = ${operation.attempts} AND state <> 'confirmed'`,
  )
}

export function moveOperation(
  schema: string,
  move: {
    id: string
    state: string
    evidence: string
    nextCheckAt: string | null
    neverSent: 'neverSent' | 'maybeSent'
  },
): Statement {
  const firstSent = move.neverSent === 'neverSent' ? raw('first_sent_at = NULL,') : nothing
  return statement(
    'reconcile.move-operation',
    sql`UPDATE ${controlTable(schema, 'operation')}
      SET state = ${move.state}, evidence = ${move.evidence}, next_check_at = ${move.nextCheckAt}, ${firstSent}
        updated_at = UTC_TIMESTAMP(3)
      WHERE id = ${move.id} AND state <> 'confirmed'`,
  )
}
