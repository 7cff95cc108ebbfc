import { readCreateTable } from '../../../src/db/create-table.ts'
import { DatabaseError } from '../../../src/db/errors.ts'
import type { WriteSession } from '../../../src/db/session.ts'
import type { TableName } from '../../../src/db/statement.ts'
import { definitionOf } from '../ledger/months.ts'
import { openMonth } from '../ledger/open-month.ts'
import { writeMonth } from '../ledger/write-month.ts'
import { type Exchange, note } from './exchange.ts'
import { dropEmptyHeld } from './held-table.ts'
import { exchangePartition, lockTables, probeRows, probeStrays, setAutoIncrement } from './sql.ts'

/** The ledger knows the month and the name of the held table before the first of them is made. */
export async function begin({ scene, place, archive, held }: Exchange): Promise<void> {
  const { runId } = scene.context
  const { columns, range, of } = archive
  await place.transact(`begin ${of.month}`, async (transaction) => {
    await openMonth(transaction, { ...of, columns, age: archive.pair.age.column, range, runId })
    const change = { state: 'exchanging', heldTable: held.table, definition: definitionOf(columns) } as const
    await writeMonth(transaction, of, { change, runId })
  })
  await scene.context.reach('archive.exchange-begun')
}

/** strays: rows of other months lie in the partition · different: the server finds the two tables unlike. */
export type TakenOut = 'taken' | 'strays' | 'different'

/**
 * Swaps the month's rows against the empty held table. The live table is locked for it, for milliseconds however many
 * rows there are: 5 ms on MariaDB 10.11 and 11 ms on MySQL 9.7 for a million.
 */
export async function takeOut({ place, archive, source, held, scene }: Exchange): Promise<TakenOut> {
  const { table, partition } = source
  if (partition === undefined) return 'different'
  const of = { table, partition }
  const work = async (session: WriteSession): Promise<TakenOut> => {
    await session.change(lockTables([table, held]))
    if ((await session.rows(probeRows({ table: held, partition: undefined }))).length > 0) return 'taken'
    const strays = probeStrays(of, archive.pair.age.column, archive.range)
    if ((await session.rows(strays)).length > 0) return 'strays'
    await keepAutoIncrement(session, table)
    await session.change(exchangePartition(of, held))
    return 'taken'
  }
  const label = `taking ${archive.of.month} out of ${table.schema}.${table.table}`
  const taken = await place.define(label, work, { tables: [table] }).catch(differentOr)
  if (taken === 'taken') await scene.context.reach('archive.exchange-taken-out')
  return taken
}

/** "Non matching attribute", MySQL's for columns added at once among them, and "Tables have different definitions". */
const unlikeErrors: readonly number[] = [1731, 1736]

export function differentOr(error: unknown): 'different' {
  if (error instanceof DatabaseError && unlikeErrors.includes(error.number ?? 0)) return 'different'
  throw error
}

/**
 * Both servers keep the next number in the partitions: when the one with the largest number went, the table of a test
 * began again at 2, and ids of archived rows would have been given anew. Set to what it is, it is written into every
 * partition, where it outlives exchange, DROP PARTITION and a restart (checked on MariaDB 10.11 and MySQL 9.7).
 */
export async function keepAutoIncrement(session: WriteSession, table: TableName): Promise<void> {
  const text = await readCreateTable(session, table)
  const next = /^\) .*?\bAUTO_INCREMENT=(\d+)/m.exec(text)?.[1]
  if (next !== undefined) await session.change(setAutoIncrement(table, next))
}

/** The held table holds nothing yet: all is as if the exchange had not been begun. */
export async function abandon(exchange: Exchange, state: 'open' | 'unproven'): Promise<void> {
  if (await dropEmptyHeld(exchange.place, exchange.held)) await note(exchange, { state, heldTable: null })
}
