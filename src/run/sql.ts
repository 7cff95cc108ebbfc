import {
  type Fragment,
  id,
  join,
  list,
  raw,
  type Statement,
  sql,
  statement,
  type Value,
} from '../db/statement.ts'

/** Statements of the ledger. Every one works on the control schema; times come from the database's clock. */

const controlTables = [
  'run',
  'lease',
  'batch',
  'slot',
  'request',
  'operation',
  'item',
  'breaker',
  'fix',
  'month',
  'journal',
  'rollup',
  'counted',
  'bucket',
  'segment',
  'file',
  'bad_line',
  'kept',
  'archived',
] as const

export type ControlTable = (typeof controlTables)[number]

export const controlTableNames: readonly string[] = controlTables.map((name) => `rowkeeper_${name}`)

/** Which migrations are in effect; knex's own bookkeeping. */
export const migrationTable = 'rowkeeper_migration'

export function controlTable(schema: string, table: ControlTable): Fragment {
  return sql`${id(schema)}.${id(`rowkeeper_${table}`)}`
}

const now = raw('UTC_TIMESTAMP(3)')

function inSeconds(seconds: number): Fragment {
  return sql`UTC_TIMESTAMP(3) + INTERVAL ${seconds} SECOND`
}

export function selectControlTables(schema: string): Statement {
  return statement(
    'control.select-tables',
    sql`SELECT TABLE_NAME AS table_name FROM information_schema.TABLES
      WHERE TABLE_SCHEMA = ${schema} AND TABLE_NAME IN (${list([...controlTableNames, migrationTable])})`,
  )
}

export function selectAppliedMigrations(schema: string): Statement {
  return statement(
    'control.select-migrations',
    sql`SELECT name FROM ${id(schema)}.${id(migrationTable)} ORDER BY id`,
  )
}

export interface RunRow {
  readonly runId: string
  readonly job: string
  readonly kind: string
  readonly verb: string
  readonly lease: string
  readonly holder: string
}

export function insertRun(schema: string, run: RunRow): Statement {
  return statement(
    'ledger.insert-run',
    sql`INSERT INTO ${controlTable(schema, 'run')}
        (run_id, job, kind, verb, state, lease, holder, started_at, heartbeat_at)
      VALUES (${run.runId}, ${run.job}, ${run.kind}, ${run.verb}, 'running', ${run.lease}, ${run.holder}, ${now}, ${now})`,
  )
}

export function heartbeatRun(schema: string, runId: string, counts: string): Statement {
  return statement(
    'ledger.heartbeat-run',
    sql`UPDATE ${controlTable(schema, 'run')} SET heartbeat_at = ${now}, counts = ${counts} WHERE run_id = ${runId}`,
  )
}

export function saveCheckpoint(schema: string, runId: string, checkpoint: string | null): Statement {
  return statement(
    'ledger.save-checkpoint',
    sql`UPDATE ${controlTable(schema, 'run')} SET checkpoint = ${checkpoint} WHERE run_id = ${runId}`,
  )
}

export function finishRun(
  schema: string,
  end: { runId: string; state: string; effect: string; exitCode: number; counts: string; result: string },
): Statement {
  return statement(
    'ledger.finish-run',
    sql`UPDATE ${controlTable(schema, 'run')}
      SET state = ${end.state}, effect = ${end.effect}, exit_code = ${end.exitCode}, counts = ${end.counts},
        result = ${end.result}, finished_at = ${now}, heartbeat_at = ${now}
      WHERE run_id = ${end.runId}`,
  )
}

export function markRunLost(schema: string, runId: string): Statement {
  return statement(
    'ledger.mark-run-lost',
    sql`UPDATE ${controlTable(schema, 'run')} SET state = 'lost', effect = 'unknown', finished_at = ${now}
      WHERE run_id = ${runId} AND state = 'running'`,
  )
}

const runColumns = raw(
  'r.run_id, r.job, r.kind, r.verb, r.effect, r.exit_code, r.holder, r.lease, r.started_at, r.heartbeat_at, r.finished_at, r.counts, r.result',
)

/** A run whose lease ran out without an end shows as lost, also before anybody took the lease over. */
const runState = raw(
  "CASE WHEN r.state = 'running' AND (l.run_id IS NULL OR l.run_id <> r.run_id OR l.expires_at < UTC_TIMESTAMP(3)) THEN 'lost' ELSE r.state END AS state",
)

export function selectRuns(
  schema: string,
  filter: { job?: string; runId?: string; limit: number },
): Statement {
  const conditions = [
    filter.job === undefined ? undefined : sql`r.job = ${filter.job}`,
    filter.runId === undefined ? undefined : sql`r.run_id LIKE ${`${filter.runId.replace(/[%_\\]/g, '')}%`}`,
  ].filter((condition) => condition !== undefined)
  const where = conditions.length === 0 ? raw('') : sql`WHERE ${join(conditions, ' AND ')}`
  return statement(
    'ledger.select-runs',
    sql`SELECT ${runColumns}, ${runState} FROM ${controlTable(schema, 'run')} r
      LEFT JOIN ${controlTable(schema, 'lease')} l ON l.name = r.lease
      ${where} ORDER BY r.started_at DESC, r.run_id DESC LIMIT ${filter.limit}`,
  )
}

/** The checkpoint of the newest ended run of a job's main verb; a run that finished its work leaves none. */
export function selectCheckpoint(schema: string, job: string, runId: string): Statement {
  return statement(
    'ledger.select-checkpoint',
    sql`SELECT checkpoint FROM ${controlTable(schema, 'run')}
      WHERE job = ${job} AND verb = 'run' AND run_id <> ${runId} ORDER BY started_at DESC, run_id DESC LIMIT 1`,
  )
}

export function selectLease(schema: string, name: string): Statement {
  return statement('lease.select', leaseOf(schema, name))
}

export function selectLeaseForUpdate(schema: string, name: string): Statement {
  return statement('lease.select-for-update', sql`${leaseOf(schema, name)} FOR UPDATE`)
}

function leaseOf(schema: string, name: string): Fragment {
  return sql`SELECT run_id, token, holder, connections, expires_at, expires_at < ${now} AS expired
    FROM ${controlTable(schema, 'lease')} WHERE name = ${name}`
}

export interface LeaseRow {
  readonly name: string
  readonly runId: string
  readonly token: string
  readonly holder: string
}

export function insertLease(schema: string, lease: LeaseRow, seconds: number): Statement {
  return statement(
    'lease.insert',
    sql`INSERT INTO ${controlTable(schema, 'lease')} (name, run_id, token, holder, expires_at)
      VALUES (${lease.name}, ${lease.runId}, ${lease.token}, ${lease.holder}, ${inSeconds(seconds)})`,
  )
}

export function takeOverLease(schema: string, lease: LeaseRow, seconds: number): Statement {
  return statement(
    'lease.take-over',
    sql`UPDATE ${controlTable(schema, 'lease')}
      SET run_id = ${lease.runId}, token = ${lease.token}, holder = ${lease.holder}, connections = NULL,
        expires_at = ${inSeconds(seconds)}
      WHERE name = ${lease.name}`,
  )
}

export function renewLease(schema: string, lease: LeaseRow, seconds: number): Statement {
  return statement(
    'lease.renew',
    sql`UPDATE ${controlTable(schema, 'lease')} SET expires_at = ${inSeconds(seconds)}
      WHERE name = ${lease.name} AND token = ${lease.token}`,
  )
}

export function recordLeaseConnections(
  schema: string,
  lease: LeaseRow,
  connections: string | null,
): Statement {
  return statement(
    'lease.record-connections',
    sql`UPDATE ${controlTable(schema, 'lease')} SET connections = ${connections}
      WHERE name = ${lease.name} AND token = ${lease.token}`,
  )
}

/** Empty once the server has forgotten the connection. Our own sessions can be seen without a privilege. */
export function selectConnection(connectionId: string): Statement {
  return statement(
    'lease.select-connection',
    sql`SELECT ID FROM information_schema.PROCESSLIST WHERE ID = ${BigInt(connectionId)} AND ID <> CONNECTION_ID()`,
  )
}

export function deleteLease(schema: string, lease: LeaseRow): Statement {
  return statement(
    'lease.delete',
    sql`DELETE FROM ${controlTable(schema, 'lease')} WHERE name = ${lease.name} AND token = ${lease.token}`,
  )
}

/** The fence inside a transaction: shares the row with our other transactions, excludes a take-over until we commit. */
export function selectLeaseShared(schema: string, lease: LeaseRow): Statement {
  return statement(
    'lease.check-token',
    sql`SELECT token FROM ${controlTable(schema, 'lease')} WHERE name = ${lease.name} LOCK IN SHARE MODE`,
  )
}

export function insertBatch(schema: string, batch: { runId: string; seq: number; label: string }): Statement {
  return statement(
    'ledger.insert-batch',
    sql`INSERT INTO ${controlTable(schema, 'batch')} (run_id, seq, label, created_at)
      VALUES (${batch.runId}, ${batch.seq}, ${batch.label}, ${now})`,
  )
}

/** A locking read: waits until the transaction that wrote the row has ended, so "absent" means rolled back. */
export function selectBatchLocked(schema: string, batch: { runId: string; seq: number }): Statement {
  return statement(
    'ledger.select-batch-locked',
    sql`SELECT seq FROM ${controlTable(schema, 'batch')} WHERE run_id = ${batch.runId} AND seq = ${batch.seq} FOR UPDATE`,
  )
}

export function insertRequest(
  schema: string,
  request: { runId: string; verb: string; by: string },
): Statement {
  return statement(
    'request.insert',
    sql`INSERT INTO ${controlTable(schema, 'request')} (run_id, verb, requested_by, created_at)
      VALUES (${request.runId}, ${request.verb}, ${request.by}, ${now})`,
  )
}

export function selectOpenRequests(schema: string, runId: string): Statement {
  return statement(
    'request.select-open',
    sql`SELECT id, verb, requested_by FROM ${controlTable(schema, 'request')}
      WHERE run_id = ${runId} AND taken_at IS NULL ORDER BY id`,
  )
}

export function takeRequest(schema: string, requestId: Value): Statement {
  return statement(
    'request.take',
    sql`UPDATE ${controlTable(schema, 'request')} SET taken_at = ${now} WHERE id = ${requestId}`,
  )
}

/** Affects one row when the slot is ours, none when another host has it. */
export function insertSlot(
  schema: string,
  slot: { job: string; slotAt: string; runId: string; holder: string },
): Statement {
  return statement(
    'slot.take',
    sql`INSERT IGNORE INTO ${controlTable(schema, 'slot')} (job, slot_at, run_id, holder, taken_at)
      VALUES (${slot.job}, ${slot.slotAt}, ${slot.runId}, ${slot.holder}, ${now})`,
  )
}

export function selectLatestSlots(schema: string): Statement {
  return statement(
    'slot.select-latest',
    sql`SELECT job, MAX(slot_at) AS slot_at FROM ${controlTable(schema, 'slot')} GROUP BY job`,
  )
}

export function selectBreaker(schema: string, service: string): Statement {
  return statement(
    'breaker.select',
    sql`SELECT state FROM ${controlTable(schema, 'breaker')} WHERE service = ${service}`,
  )
}

export function saveBreaker(schema: string, service: string, state: string): Statement {
  return statement(
    'breaker.save',
    sql`INSERT INTO ${controlTable(schema, 'breaker')} (service, state, updated_at)
      VALUES (${service}, ${state}, ${now}) ON DUPLICATE KEY UPDATE state = ${state}, updated_at = ${now}`,
  )
}

/** Old rows of finished runs. Audit rows (fix, operation) are never pruned. */
export function pruneRuns(schema: string, days: number): readonly Statement[] {
  const old = sql`UTC_TIMESTAMP(3) - INTERVAL ${days} DAY`
  return [
    statement(
      'ledger.prune-batches',
      sql`DELETE b FROM ${controlTable(schema, 'batch')} b JOIN ${controlTable(schema, 'run')} r ON r.run_id = b.run_id
        WHERE r.finished_at < ${old}`,
    ),
    // Of runs that are written down in another database. Run ids begin with their time (UUID version 7), so this reads
    // old rows only, and waits for no run at work.
    statement(
      'ledger.prune-batches-of-others',
      sql`DELETE b FROM ${controlTable(schema, 'batch')} b LEFT JOIN ${controlTable(schema, 'run')} r ON r.run_id = b.run_id
        WHERE r.run_id IS NULL
          AND b.run_id < INSERT(LPAD(LOWER(HEX(FLOOR(UNIX_TIMESTAMP(${old}) * 1000))), 12, '0'), 9, 0, '-')`,
    ),
    statement(
      'ledger.prune-requests',
      sql`DELETE FROM ${controlTable(schema, 'request')} WHERE created_at < ${old}`,
    ),
    statement('ledger.prune-slots', sql`DELETE FROM ${controlTable(schema, 'slot')} WHERE taken_at < ${old}`),
    statement(
      'ledger.prune-runs',
      sql`DELETE FROM ${controlTable(schema, 'run')} WHERE finished_at < ${old}`,
    ),
  ]
}

/** Runs at work: a lease that has not run out, of a run that has not ended, or is written down in another database. */
export function selectLiveRuns(schema: string): Statement {
  return statement(
    'ledger.select-live-runs',
    sql`SELECT DISTINCT l.run_id FROM ${controlTable(schema, 'lease')} l
      LEFT JOIN ${controlTable(schema, 'run')} r ON r.run_id = l.run_id
      WHERE l.expires_at >= ${now} AND COALESCE(r.state, 'running') = 'running' ORDER BY l.run_id`,
  )
}

/** What uninstalling would lose, by table. */
export function countControlRows(schema: string, tables: readonly ControlTable[]): Statement {
  const count = (table: ControlTable) =>
    sql`(SELECT COUNT(*) FROM ${controlTable(schema, table)}) AS ${id(table)}`
  return statement('control.count-rows', sql`SELECT ${join(tables.map(count))}`)
}

/** Whose a slot is. */
export function selectSlotRun(schema: string, slot: { job: string; slotAt: string }): Statement {
  return statement(
    'slot.select-run',
    sql`SELECT run_id FROM ${controlTable(schema, 'slot')} WHERE job = ${slot.job} AND slot_at = ${slot.slotAt}`,
  )
}
