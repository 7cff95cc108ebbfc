import type { Knex } from 'knex'

type Table = Knex.CreateTableBuilder

const names = ['month', 'journal'] as const

/** What archive needs to remember. It lives where the archive tables are, so that it commits with their rows. */
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
  /** What one month of an archive table must hold, and where it is now. */
  month(table) {
    archiveTable(table)
    table.specificType('month', 'char(7)').notNullable()
    table.primary(['archive_schema', 'archive_table', 'month'])
    table.string('state', 16).notNullable()
    digest(table)
    table.specificType('definition', 'char(64)').notNullable()
    time(table, 'verified_at')
    time(table, 'pinned_at')
    table.string('pinned_by', 190)
    table.string('held_table', 64)
    time(table, 'held_until')
    table.text('export_file')
    table.specificType('export_sha256', 'char(64)')
    runId(table)
    time(table, 'updated_at').notNullable()
  },
  /** One batch of rows that came from another server: committed with them, kept until they are deleted there. */
  journal(table) {
    runId(table)
    table.integer('seq').unsigned().notNullable()
    table.primary(['run_id', 'seq'])
    table.string('job', 64).notNullable()
    table.string('source_id', 255).notNullable()
    archiveTable(table)
    table.string('state', 16).notNullable()
    digest(table)
    table.text('first_key').notNullable()
    table.text('last_key').notNullable()
    table.text('keys', 'longtext')
    time(table, 'created_at').notNullable()
    table.index(['source_id', 'state'], 'journal_by_source')
  },
}

function archiveTable(table: Table): void {
  table.string('archive_schema', 64).notNullable()
  table.string('archive_table', 64).notNullable()
}

/** Digests add up: exclusive or and sum of one checksum per row. */
function digest(table: Table): void {
  table.bigInteger('row_count').notNullable()
  table.bigInteger('checksum_xor').unsigned().notNullable()
  table.decimal('checksum_sum', 30, 0).notNullable()
}

function runId(table: Table) {
  return table.string('run_id', 36).notNullable()
}

function time(table: Table, name: string) {
  return table.datetime(name, { precision: 3 })
}
