import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import type { PlanContext } from '../../../src/run/context.ts'
import type { Migration } from '../state/model.ts'
import { readMigration } from '../state/state.ts'
import { type Settings, targetTable } from '../tables.ts'

/** @throws RowkeeperError `migrate.none` (exit 4) */
export async function requireMigration(context: PlanContext, settings: Settings): Promise<Migration> {
  const migration = await readMigration(context, targetTable(settings))
  if (migration !== undefined) return migration
  const { schema, options, job } = settings
  throw new RowkeeperError({
    code: 'migrate.none',
    message: `No migration of ${schema}.${options.table} is under way, and none waits to be finished.`,
    hint: `Look what one would do with: rowkeeper migrate plan ${job}`,
    exitCode: exitCodes.refused,
  })
}

/** @throws RowkeeperError `migrate.swapped` or `migrate.notSwapped` (exit 4) */
export function requireSwapped({ phase }: Migration, { schema, options, job }: Settings): void {
  if (phase === 'done') return
  throw new RowkeeperError({
    code: 'migrate.notSwapped',
    message: `${schema}.${options.table} has not been swapped yet: its migration is ${phase}.`,
    hint: `See how far it is with: rowkeeper migrate status ${job}`,
    exitCode: exitCodes.refused,
  })
}
