import { createHash } from 'node:crypto'
import { readTable } from '../../../src/db/catalog.ts'
import type { ReadSession } from '../../../src/db/session.ts'
import type { TableName } from '../../../src/db/statement.ts'
import type { Month } from '../partitions/months.ts'
import type { Place } from '../place.ts'
import { createHeld, dropTable, probeRows, removePartitioning } from './sql.ts'

/** Both servers, in characters. */
const LONGEST_NAME = 64
const HASH_DIGITS = 8

/**
 * `rk_hold_orders_200506`: the table that a month of `table` is exchanged with, in the same schema. The same for the same
 * month in every run, so that a run finds what the one before it left; a name too long ends in a hash of all of it.
 */
export function heldTableName({ schema, table }: TableName, month: Month): TableName {
  const suffix = `_${month.replace('-', '')}`
  const characters = [...`rk_hold_${table}`]
  if (characters.length + suffix.length <= LONGEST_NAME)
    return { schema, table: characters.join('') + suffix }
  const hash = createHash('sha256').update(table).digest('hex').slice(0, HASH_DIGITS)
  const room = LONGEST_NAME - suffix.length - HASH_DIGITS - 1
  return { schema, table: `${characters.slice(0, room).join('')}_${hash}${suffix}` }
}

/** partitioned: still being made. */
export type HeldState = 'missing' | 'partitioned' | 'empty' | 'filled'

export async function lookAtHeld(session: ReadSession, held: TableName): Promise<HeldState> {
  const table = await readTable(session, held)
  if (table === undefined) return 'missing'
  if (table.options.createOptions.includes('partitioned')) return 'partitioned'
  return (await session.rows(probeRows({ table: held, partition: undefined }))).length === 0
    ? 'empty'
    : 'filled'
}

/**
 * An empty table like `like`, without its partitions. Two statements: a run that died between them left a table that is
 * still partitioned, and empty, for rows come later.
 */
export async function makeHeld(place: Place, held: TableName, like: TableName): Promise<void> {
  const state = await place.read((session) => lookAtHeld(session, held))
  await place.define(`making ${held.table}`, async (session) => {
    if (state === 'missing') await session.change(createHeld(held, like))
    await session.change(removePartitioning(held))
  })
}

/** Looked at right before: what holds a row is never dropped by this. True when it is gone. */
export async function dropEmptyHeld(place: Place, held: TableName): Promise<boolean> {
  const state = await place.read((session) => lookAtHeld(session, held))
  if (state === 'filled') return false
  if (state === 'missing') return true
  await place.define(`dropping ${held.table}`, (session) => session.change(dropTable(held)))
  return true
}
