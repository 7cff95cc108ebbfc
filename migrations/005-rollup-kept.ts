import type { Knex } from 'knex'

const name = 'rowkeeper_kept'

/**
 * Since when each size of bucket and each running total of a rollup job is kept: only what was counted from then on is in
 * it. A row of nothing but names for what is kept from the first event on.
 */
export async function up(knex: Knex): Promise<void> {
  if (await knex.schema.hasTable(name)) return
  await knex.schema.createTable(name, (table) => {
    table.engine('InnoDB')
    table.charset('utf8mb4')
    table.collate('utf8mb4_bin')
    table.string('job', 64).notNullable()
    table.string('counter_table', 64).notNullable()
    // `size`, or `total`.
    table.string('kind', 8).notNullable()
    // `hour`; `posts.view_count`.
    table.string('name', 129).notNullable()
    table.primary(['job', 'counter_table', 'kind', 'name'])
    table.datetime('kept_from', { precision: 3 })
  })
}

export async function down(knex: Knex): Promise<void> {
  await knex.schema.dropTableIfExists(name)
}
