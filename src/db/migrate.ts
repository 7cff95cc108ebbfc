import type { Knex } from 'knex'

/** A step of the control tables' history. Names are fixed for ever: databases remember them. */
export interface ControlMigration {
  readonly name: string
  up(knex: Knex): Promise<void>
  down(knex: Knex): Promise<void>
}

/** Applies what is missing, in order. Returns the names applied; an empty list when all was there. */
export async function migrateUp(
  knex: Knex,
  migrations: readonly ControlMigration[],
): Promise<readonly string[]> {
  const [, applied] = await knex.migrate.latest(knexSettings(migrations))
  return applied as string[]
}

/** Takes everything back, then knex's own bookkeeping. Returns the names taken back. */
export async function migrateDown(
  knex: Knex,
  migrations: readonly ControlMigration[],
): Promise<readonly string[]> {
  const [, reverted] = await knex.migrate.rollback(knexSettings(migrations), true)
  await knex.schema.dropTableIfExists('rowkeeper_migration')
  await knex.schema.dropTableIfExists('rowkeeper_migration_lock')
  return reverted as string[]
}

function knexSettings(migrations: readonly ControlMigration[]): Knex.MigratorConfig {
  return {
    // knex's default name, knex_migrations, belongs to the application.
    tableName: 'rowkeeper_migration',
    // DDL commits by itself on both servers; a transaction around it would only promise what it cannot keep.
    disableTransactions: true,
    migrationSource: {
      getMigrations: async () => [...migrations],
      getMigrationName: (migration: ControlMigration) => migration.name,
      getMigration: async (migration: ControlMigration) => migration,
    },
  }
}
