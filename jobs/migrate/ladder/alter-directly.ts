import { readTable } from '../../../src/db/catalog.ts'
import { DatabaseError } from '../../../src/db/errors.ts'
import type { TableName } from '../../../src/db/statement.ts'
import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import type { ExecuteContext } from '../../../src/run/context.ts'
import { DefinitionUnknownError } from '../../../src/run/ddl-errors.ts'
import { withLockWait } from '../lock-wait.ts'
import { alterTable } from '../sql.ts'

/** What the server says when it cannot do it so: 1845 and 1846 with another way named, 4092 and 4158 for too many versions. */
const notThisWay: readonly (number | undefined)[] = [1845, 1846, 4092, 4158, 1221]

export interface DirectAlter {
  readonly name: TableName
  readonly alter: string
  readonly algorithm: string
  /** Of the wanted definition. */
  readonly targetHash: string
  readonly lockWaitMs: number
  readonly patienceMs: number
}

/**
 * Lets the server alter the table itself, in a way that copies nothing. False when it says that it cannot.
 *
 * @throws RowkeeperError `lock.notHad`, `migrate.alterUnknown` (exit 6)
 */
export async function alterDirectly(context: ExecuteContext, asked: DirectAlter): Promise<boolean> {
  const { name, alter, algorithm, lockWaitMs, patienceMs } = asked
  try {
    await context.define(
      `altering ${name.table}`,
      (session) =>
        withLockWait(session, lockWaitMs, () =>
          session.change(alterTable(name, `ALGORITHM=${algorithm}, ${alter}`)),
        ),
      { tables: [name], patienceMs },
    )
    return true
  } catch (error) {
    if (error instanceof DatabaseError && notThisWay.includes(error.number)) return false
    if (error instanceof DefinitionUnknownError) return decideByDefinition(context, asked, error)
    throw error
  }
}

/** Whether it took effect, the catalogue tells; a table that is neither what it was nor what it shall be, nobody can tell. */
async function decideByDefinition(
  { read }: ExecuteContext,
  { name, targetHash }: DirectAlter,
  cause: DefinitionUnknownError,
): Promise<boolean> {
  const table = await read((session) => readTable(session, name))
  if (table?.hash === targetHash) return true
  throw new RowkeeperError({
    code: 'migrate.alterUnknown',
    message: `The connection was lost while ${name.schema}.${name.table} was being altered; it does not have the new definition now.`,
    hint: 'Look at the table with SHOW CREATE TABLE, then run it again.',
    effect: 'unknown',
    exitCode: exitCodes.unknown,
    cause,
  })
}
