import type { Knex } from 'knex'

type Table = Knex.CreateTableBuilder

const names = ['run', 'lease', 'batch', 'slot', 'request', 'operation', 'item', 'breaker', 'fix'] as const

/** rowkeeper's own tables. Times are DATETIME(3) in UTC by the database's clock. JSON is kept as text: both servers store it alike. */
export async function up(knex: Knex): Promise<void> {
  for (const name of names) {
    const table = `rowkeeper_${name}`
    if (!(await knex.schema.hasTable(table)))
      await knex.schema.createTable(table, (builder) => define(builder, name))
  }
}

export async function down(knex: Knex): Promise<void> {
  for (const name of names.toReversed()) await knex.schema.dropTableIfExists(`rowkeeper_${name}`)
}

function define(table: Table, name: (typeof names)[number]): void {
  table.engine('InnoDB')
  table.charset('utf8mb4')
  table.collate('utf8mb4_bin')
  definitions[name](table)
}

const definitions: Record<(typeof names)[number], (table: Table) => void> = {
  /** One execution of a job. `checkpoint` is where the next run of this job goes on when this one did not finish. */
  run(table) {
    runId(table).primary()
    table.string('job', 64).notNullable()
    table.string('kind', 16).notNullable()
    table.string('verb', 32).notNullable()
    table.string('state', 16).notNullable()
    table.string('effect', 16).notNullable().defaultTo('none')
    table.smallint('exit_code')
    table.string('lease', 190)
    table.string('holder', 190).notNullable()
    time(table, 'started_at').notNullable()
    time(table, 'heartbeat_at').notNullable()
    time(table, 'finished_at')
    table.text('counts')
    table.text('checkpoint', 'mediumtext')
    table.text('result', 'mediumtext')
    table.index(['job', 'started_at'], 'run_by_job')
    table.index(['started_at'], 'run_by_start')
  },
  /** Who works on a thing. The token fences: a write carries it, and a holder that lost the lease cannot write. */
  lease(table) {
    table.string('name', 190).primary()
    runId(table)
    table.string('token', 32).notNullable()
    table.string('holder', 190).notNullable()
    time(table, 'expires_at').notNullable()
    table.text('connections')
  },
  /** One committed transaction of a run: the answer to "did that COMMIT happen?". */
  batch(table) {
    runId(table)
    table.integer('seq').unsigned().notNullable()
    table.string('label', 64).notNullable()
    time(table, 'created_at').notNullable()
    table.primary(['run_id', 'seq'])
  },
  /** One row per job and due time. Its unique key decides which host runs it. */
  slot(table) {
    table.string('job', 64).notNullable()
    time(table, 'slot_at').notNullable()
    runId(table)
    table.string('holder', 190).notNullable()
    time(table, 'taken_at').notNullable()
    table.primary(['job', 'slot_at'])
  },
  /** What an operator asks of a running run, from any host. */
  request(table) {
    table.bigIncrements('id')
    runId(table)
    table.string('verb', 16).notNullable()
    table.string('requested_by', 190).notNullable()
    time(table, 'created_at').notNullable()
    time(table, 'taken_at')
    table.index(['run_id', 'taken_at'], 'request_by_run')
  },
  /** Every call that changes something at a service: written and committed before the first byte leaves. */
  operation(table) {
    table.string('id', 36).primary()
    item(table)
    table.string('reference', 190).notNullable()
    table.string('service', 64).notNullable()
    table.string('external_id', 190).notNullable()
    table.string('action', 16).notNullable()
    table.integer('seq').unsigned().notNullable()
    table.string('state', 16).notNullable()
    table.string('idempotency_key', 80).notNullable()
    table.string('method', 8).notNullable()
    table.string('path', 1024).notNullable()
    table.text('body').notNullable()
    table.string('request_hash', 64).notNullable()
    table.string('amount', 80)
    table.string('currency', 16)
    runId(table)
    table.integer('attempts').unsigned().notNullable().defaultTo(0)
    time(table, 'created_at').notNullable()
    time(table, 'first_sent_at')
    time(table, 'next_check_at')
    time(table, 'updated_at').notNullable()
    table.text('evidence', 'mediumtext')
    table.unique(['job', 'key_hash', 'external_id', 'action', 'seq'], { indexName: 'operation_once' })
    table.unique(['idempotency_key'], { indexName: 'operation_by_key' })
    table.index(['job', 'state'], 'operation_by_state')
  },
  /** What reconcile knows of a row it looked at: when to look again, and what is left to people. */
  item(table) {
    item(table)
    table.primary(['job', 'key_hash'])
    table.string('reference', 190).notNullable()
    table.string('state', 16).notNullable()
    table.string('local_class', 16).notNullable()
    table.string('facts', 64).notNullable()
    table.integer('ladder_step').unsigned().notNullable()
    table.integer('observations').unsigned().notNullable()
    table.integer('absences').unsigned().notNullable()
    time(table, 'first_absent_at')
    table.integer('unreadable').unsigned().notNullable()
    table.integer('failures').unsigned().notNullable()
    time(table, 'observed_at').notNullable()
    time(table, 'next_check_at')
    table.text('proposal')
    table.text('reason')
    table.text('evidence')
    table.string('decided_by', 190)
    time(table, 'decided_at')
    table.text('note')
    table.index(['job', 'state', 'next_check_at'], 'item_by_state')
  },
  /** What one service taught us: its breakers and until when it asked us to wait. */
  breaker(table) {
    table.string('service', 64).primary()
    table.text('state').notNullable()
    time(table, 'updated_at').notNullable()
  },
  /** Every row ever changed, with its evidence. Only ever appended to. */
  fix(table) {
    table.bigIncrements('id')
    runId(table)
    item(table)
    table.string('reference', 190).notNullable()
    table.string('action', 24).notNullable()
    table.string('operation_id', 36)
    table.string('actor', 190).notNullable()
    table.text('old_values').notNullable()
    table.text('new_values').notNullable()
    table.text('evidence', 'mediumtext').notNullable()
    time(table, 'created_at').notNullable()
    table.index(['job', 'key_hash'], 'fix_by_item')
    table.index(['run_id'], 'fix_by_run')
  },
}

function runId(table: Table) {
  return table.string('run_id', 36).notNullable()
}

function item(table: Table): void {
  table.string('job', 64).notNullable()
  table.string('key_hash', 64).notNullable()
  table.text('item_key').notNullable()
}

function time(table: Table, name: string) {
  return table.datetime(name, { precision: 3 })
}
