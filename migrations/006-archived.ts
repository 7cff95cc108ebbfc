import type { Knex } from 'knex'

const name = 'rowkeeper_archived'

/** Up to which age each archive job has moved rows of a table: put down before the first of them leaves. */
export async function up(knex: Knex): Promise<void> {
  if (await knex.schema.hasTable(name)) return
  await knex.schema.createTable(name, (table) => {
    table.engine('InnoDB')
    table.charset('utf8mb4')
    table.collate('utf8mb4_bin')
    table.string('job', 64).notNullable()
    table.string('source_schema', 64).notNullable()
    table.string('source_table', 64).notNullable()
    table.primary(['job', 'source_schema', 'source_table'])
    // Null where rows go by something else than one column of theirs: those of a child go with the row above.
    table.string('age_column', 64)
    table.datetime('moved_before', { precision: 3 }).notNullable()
    table.datetime('updated_at', { precision: 3 }).notNullable()
    table.index(['source_schema', 'source_table'], 'archived_by_source')
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists(name)
}
