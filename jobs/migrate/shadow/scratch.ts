import { readTable, type TableDefinition } from '../../../src/db/catalog.ts'
import { readCreateTable } from '../../../src/db/create-table.ts'
import { DatabaseError } from '../../../src/db/errors.ts'
import type { WriteSession } from '../../../src/db/session.ts'
import type { TableName } from '../../../src/db/statement.ts'
import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import type { ExecuteContext } from '../../../src/run/context.ts'
import type { Rename } from '../definition/alter-model.ts'
import { type Change, refuseText } from '../definition/change.ts'
import { comparableCreate } from '../definition/comparable-create.ts'
import { renameConstraints } from '../definition/constraint-names.ts'
import { retargetCreate } from '../definition/create-text.ts'
import { otherName, renameInAlter } from '../definition/shared-names.ts'
import { artefactsOf } from '../names.ts'
import { alterTable, dropTable, selectAny } from '../sql.ts'
import { createFromText } from './sql.ts'

export interface Wanted {
  readonly target: TableDefinition
  /** As the server writes it, under the name of the scratch table. */
  readonly createTable: string
  /** Of columns. */
  readonly renames: readonly Rename[]
  /** Constraints that the copy cannot have under their own names while the table still has them. */
  readonly constraints: readonly Rename[]
  /** Whether the table has this definition already. */
  readonly isThere: boolean
  /** Why the server would not do it without touching rows, in its words; undefined when it would, with an empty table. */
  readonly instantRefusal: string | undefined
}

/**
 * What the server makes of the change: an empty table like the source is altered, read and dropped. The server is the
 * parser; nobody else knows what its ALTER means.
 *
 * @throws RowkeeperError `migrate.notUnderstood` with the server's words
 */
export async function readWanted(
  context: ExecuteContext,
  source: TableName,
  change: Change,
): Promise<Wanted> {
  const { scratch } = artefactsOf(source)
  return context.define(
    `trying the change on an empty table, ${scratch.table}`,
    async (session) => {
      await dropEmpty(session, scratch)
      try {
        return await tryChange(session, context, source, change)
      } finally {
        await session.change(dropTable(scratch)).catch(() => {})
      }
    },
    { tables: [source] },
  )
}

async function tryChange(
  session: WriteSession,
  { server: { family } }: ExecuteContext,
  source: TableName,
  change: Change,
): Promise<Wanted> {
  const { scratch } = artefactsOf(source)
  const present = await readCreateTable(session, source)
  const model = change.type === 'definition' ? change.text : present
  const { create, renames: constraints } = renameConstraints(model, { family, rename: otherName })
  const text = retargetCreate(create, scratch)
  if (typeof text !== 'string') throw refuseText(source, text)
  await session.change(createFromText(text)).catch((error) => {
    throw explain(error, source, 'the wanted definition')
  })
  const instantRefusal =
    change.type === 'alter'
      ? await alterScratch(session, source, renameInAlter(change.alter, constraints))
      : 'a whole definition is given'
  const target = await readTable(session, scratch)
  if (target === undefined) throw new TypeError(`${scratch.table} was made and is not there`)
  const createTable = await readCreateTable(session, scratch)
  const sameNames = renameConstraints(present, { family, rename: otherName }).create
  return {
    ...{ target, createTable, constraints, instantRefusal },
    isThere: comparableCreate(createTable) === comparableCreate(sameNames),
    renames: change.type === 'alter' ? change.alter.renames : [],
  }
}

/** Why it did not go without touching rows. */
async function alterScratch(
  session: WriteSession,
  source: TableName,
  alter: string,
): Promise<string | undefined> {
  const { scratch } = artefactsOf(source)
  try {
    await session.change(alterTable(scratch, `ALGORITHM=INSTANT, ${alter}`))
    return undefined
  } catch (error) {
    if (!(error instanceof DatabaseError) || error.kind !== 'definition') throw error
    await session.change(alterTable(scratch, alter)).catch((refusal) => {
      throw explain(refusal, source, alter)
    })
    return error.message.replace(/^While [^:]*: /, '')
  }
}

/** One that a run left behind never held a row. */
async function dropEmpty(session: WriteSession, name: TableName): Promise<void> {
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

function explain(error: unknown, { schema, table }: TableName, change: string): unknown {
  if (!(error instanceof DatabaseError) || error.kind !== 'definition') return error
  return new RowkeeperError({
    code: 'migrate.notUnderstood',
    message: `The server refuses for ${schema}.${table}: ${change}. Tried on an empty table like it. ${error.message}`,
    hint: 'Correct the change, then look at it with: rowkeeper plan',
    exitCode: exitCodes.refused,
    cause: error,
  })
}
