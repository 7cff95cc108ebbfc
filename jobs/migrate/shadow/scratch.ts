import { readTable, type TableDefinition } from '../../../src/db/catalog.ts'
import { readCreateTable } from '../../../src/db/create-table.ts'
import { DatabaseError } from '../../../src/db/errors.ts'
import type { WriteSession } from '../../../src/db/session.ts'
import type { TableName } from '../../../src/db/statement.ts'
import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import type { ExecuteContext } from '../../../src/run/context.ts'
import { artefactsOf } from '../names.ts'
import { alterTable, dropTable, selectAny } from '../sql.ts'
import { createLike } from './sql.ts'

export interface Wanted {
  readonly target: TableDefinition
  /** As the server writes it, under the name of the scratch table. */
  readonly createTable: string
  /** Whether the server would do it without copying, at least with an empty table. */
  readonly canInstant: boolean
}

/**
 * What the server makes of the change: an empty table like the source is altered, read and dropped. The server is the
 * parser; nobody else knows what its ALTER means.
 *
 * @throws RowkeeperError `migrate.notUnderstood` with the server's words
 */
export async function readWanted(context: ExecuteContext, source: TableName, alter: string): Promise<Wanted> {
  const { scratch } = artefactsOf(source)
  return context.define(
    `trying the change on an empty table, ${scratch.table}`,
    async (session) => {
      await dropEmpty(session, scratch)
      await session.change(createLike(scratch, source))
      try {
        const canInstant = await alterScratch(session, scratch, alter).catch((error) => {
          throw explain(error, source, alter)
        })
        return { ...(await readScratch(session, scratch)), canInstant }
      } finally {
        await session.change(dropTable(scratch)).catch(() => {})
      }
    },
    { tables: [source] },
  )
}

/** Whether it went without copying. */
async function alterScratch(session: WriteSession, scratch: TableName, alter: string): Promise<boolean> {
  try {
    await session.change(alterTable(scratch, `${alter}, ALGORITHM=INSTANT`))
    return true
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.kind !== 'definition') throw error
    await session.change(alterTable(scratch, alter))
    return false
  }
}

async function readScratch(session: WriteSession, scratch: TableName): Promise<Omit<Wanted, 'canInstant'>> {
  const target = await readTable(session, scratch)
  if (target === undefined) throw new TypeError(`${scratch.table} was made and is not there`)
  return { target, createTable: await readCreateTable(session, scratch) }
}

/** One that a run left behind never held a row. */
export async function dropEmpty(session: WriteSession, name: TableName): Promise<void> {
  if ((await readTable(session, name)) === undefined) return
  const [row] = await session.rows(selectAny(name))
  if (row !== undefined) throw nameTaken(name)
  await session.change(dropTable(name))
}

function nameTaken({ schema, table }: TableName): RowkeeperError {
  return new RowkeeperError({
    code: 'migrate.nameTaken',
    message: `${schema}.${table} is a name that the migration needs, and a table with rows has it.`,
    hint: `Look whose it is. When nobody needs it: DROP TABLE ${table}; then run it again.`,
    exitCode: exitCodes.refused,
  })
}

function explain(error: unknown, { schema, table }: TableName, alter: string): unknown {
  if (!(error instanceof DatabaseError) || error.kind !== 'definition') return error
  return new RowkeeperError({
    code: 'migrate.notUnderstood',
    message: `The server refuses ALTER TABLE ${schema}.${table} ${alter}, tried on an empty table like it. ${error.message}`,
    hint: 'Correct the change, then look at it with: rowkeeper plan',
    exitCode: exitCodes.refused,
    cause: error,
  })
}
