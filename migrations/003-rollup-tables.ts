import type { Knex } from 'knex'

type Table = Knex.CreateTableBuilder

const names = ['rollup', 'counted', 'bucket', 'segment', 'file', 'bad_line'] as const

/** What rollup needs to remember. It commits with the counters it speaks of. */
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
  /** Which table each job counts, so that nobody takes rows away before they are counted. */
  rollup(table) {
    job(table).primary()
    table.string('source_schema', 64).notNullable()
    table.string('source_table', 64).notNullable()
    table.string('time_column', 64).notNullable()
    table.string('strategy', 16).notNullable()
    // Events before this moment are counted; null where every row that is still there is one to count.
    time(table, 'counted_until')
    time(table, 'updated_at').notNullable()
    table.index(['source_schema', 'source_table'], 'rollup_by_source')
  },
  /** One day's part of what one transaction added to the counters. Sums of it are the truth once events are gone. */
  counted(table) {
    table.bigIncrements('id')
    job(table)
    table.date('day').notNullable()
    runId(table)
    table.string('origin', 16).notNullable()
    table.bigInteger('events').notNullable()
    table.bigInteger('filtered').notNullable()
    table.text('amounts').notNullable()
    time(table, 'created_at').notNullable()
    table.index(['job', 'day'], 'counted_by_day')
    table.index(['job', 'created_at'], 'counted_by_age')
  },
  /** A bucket whose counters are set, not added to: who sets it holds this row. */
  bucket(table) {
    job(table)
    table.specificType('bucket_start', 'datetime').notNullable()
    table.primary(['job', 'bucket_start'])
    table.bigInteger('events').notNullable()
    runId(table)
    time(table, 'updated_at').notNullable()
  },
  /** A table of events that was put aside, and how far it is counted. */
  segment(table) {
    job(table)
    table.string('segment_table', 64).notNullable()
    table.primary(['job', 'segment_table'])
    table.string('source_schema', 64).notNullable()
    table.string('source_table', 64).notNullable()
    table.string('state', 16).notNullable()
    table.text('position')
    table.bigInteger('events').notNullable()
    runId(table)
    time(table, 'rotated_at')
    time(table, 'held_until')
    time(table, 'updated_at').notNullable()
  },
  /** How much of a file or stream is counted, told by its content and not by its name. */
  file(table) {
    table.bigIncrements('id')
    job(table)
    table.string('batch_id', 128)
    table.text('name').notNullable()
    table.bigInteger('head_bytes').notNullable()
    table.specificType('head_hash', 'char(64)').notNullable()
    table.bigInteger('done_bytes').notNullable()
    table.specificType('tail_hash', 'char(64)').notNullable()
    table.bigInteger('done_lines').notNullable()
    table.bigInteger('bad_lines').notNullable()
    runId(table)
    time(table, 'updated_at').notNullable()
    table.unique(['job', 'batch_id'], { indexName: 'file_by_batch' })
  },
  /** A line that could not be read as an event, kept for people. */
  bad_line(table) {
    table.bigInteger('file_id').unsigned().notNullable()
    table.bigInteger('line').notNullable()
    table.primary(['file_id', 'line'])
    table.text('reason').notNullable()
    table.text('content').notNullable()
    runId(table)
  },
}

function job(table: Table) {
  return table.string('job', 64).notNullable()
}

function runId(table: Table) {
  return table.string('run_id', 36).notNullable()
}

function time(table: Table, name: string) {
  return table.datetime(name, { precision: 3 })
}
