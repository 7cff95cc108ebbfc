import type { TableName } from '../../../src/db/statement.ts'
import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import type { ExecuteContext } from '../../../src/run/context.ts'
import type { MigrationRequest } from '../state/model.ts'
import { readMigration } from '../state/state.ts'

/** What operators ask for from other terminals. */
export interface Steering {
  /**
   * To be called between units of work. Looks once a second.
   *
   * @throws CancelledError when the migration shall be given up
   */
  heed(): Promise<MigrationRequest | undefined>
}

const LOOK_EVERY_MS = 1000

export function createSteering(context: ExecuteContext, name: TableName): Steering {
  let lookedAt: number | undefined
  let request: MigrationRequest | undefined
  const look = async () => {
    const { clock } = context
    if (lookedAt !== undefined && clock.elapsed() - lookedAt < LOOK_EVERY_MS) return
    lookedAt = clock.elapsed()
    request = (await readMigration(context, name))?.request
  }
  return {
    async heed() {
      context.stop.throwIfAborted()
      await look()
      if (request === 'cancel') throw new CancelledError(name)
      return request
    },
  }
}

/** An operator gave the migration up: what it made is removed, and the run ends as stopped. */
export class CancelledError extends RowkeeperError {
  constructor({ schema, table }: TableName) {
    super({
      code: 'migrate.cancelled',
      message: `The migration of ${schema}.${table} was cancelled by an operator; what it had made is removed.`,
      exitCode: exitCodes.stopped,
    })
  }
}
