import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import type { ExecuteContext } from '../../../src/run/context.ts'
import type { VerbResult } from '../../../src/run/job.ts'
import type { Migration, MigrationRequest } from '../state/model.ts'
import { saveRequest } from '../state/state.ts'
import { type Settings, targetTable } from '../tables.ts'
import { requireMigration } from './require-migration.ts'

/** `goOn` takes back what was asked before. */
export type Wish = MigrationRequest | 'goOn'

const told: Readonly<Record<Wish, string>> = {
  pause: 'will rest before its next chunk, until it is resumed',
  goOn: 'goes on',
  cutOver: 'will swap its tables as soon as few changes are left',
  cancel: 'will be given up: the run that works on it removes what it made',
}

/** Puts the wish where the run looks once a second, on whatever host it is. */
export function askFor(wish: Wish) {
  return async (context: ExecuteContext, settings: Settings): Promise<VerbResult> => {
    const migration = await requireMigration(context, settings)
    refuseTooLate(migration, settings)
    const name = targetTable(settings)
    await saveRequest(context, name, wish === 'goOn' ? undefined : wish)
    return {
      counts: {},
      changed: 1,
      leftOver: 0,
      detail: { phase: migration.phase, request: wish },
      report: { headline: `The migration of ${name.schema}.${name.table} ${told[wish]}.`, sections: [] },
      next: nextCommands(wish, settings.job),
    }
  }
}

function refuseTooLate({ phase, definition }: Migration, { schema, options, job }: Settings): void {
  if (phase !== 'done') return
  throw new RowkeeperError({
    code: 'migrate.swapped',
    message: `${schema}.${options.table} has been swapped already${definition.way === 'back' ? ' back' : ''}.`,
    hint: `Go back with: rowkeeper migrate revert ${job}; or end it with: rowkeeper migrate finish ${job}`,
    exitCode: exitCodes.refused,
  })
}

function nextCommands(wish: Wish, job: string): readonly string[] {
  if (wish === 'pause') return [`rowkeeper migrate resume ${job}`]
  if (wish === 'cancel') return [`rowkeeper migrate cleanup ${job}`]
  return [`rowkeeper migrate status ${job}`]
}
