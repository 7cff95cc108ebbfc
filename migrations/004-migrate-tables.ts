import type { Knex } from 'knex'

const name = 'rowkeeper_migrate'

/** Where each migration of a table is, and what an operator asked of it. One row for a table. */
export async function up(knex: Knex): Promise<void> {
  if (await knex.schema.hasTable(name)) return
  await knex.schema.createTable(name, (table) => {
    table.engine('InnoDB')
    table.charset('utf8mb4')
    table.collate('utf8mb4_bin')
    table.string('schema_name', 64).notNullable()
    table.string('table_name', 64).notNullable()
    table.primary(['schema_name', 'table_name'])
    table.string('job', 64).notNullable()
    table.string('run_id', 36).notNullable()
    table.string('phase', 16).notNullable()
    // What the migration is: fixed when it begins.
    table.specificType('definition', 'mediumtext').notNullable()
    // How far it is. Never ahead of what is done.
    table.specificType('progress', 'mediumtext').notNullable()
    // Of an operator: pause, cutOver, cancel.
    table.string('request', 16)
    table.datetime('started_at', { precision: 3 }).notNullable()
    table.datetime('updated_at', { precision: 3 }).notNullable()
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists(name)
}
