import {
  type Fragment,
  id,
  join,
  nothing,
  type Statement,
  sql,
  statement,
  tableId,
} from '../../../src/db/statement.ts'
import { after, type KeyValue, keyIn, orderBy, selectKey } from '../../../src/engine/chunks/keyset.ts'
import { eventColumns } from '../fold/read-event.ts'
import type { SourceTable } from '../tables.ts'

/** A key as statements take it. */
export type Key = readonly KeyValue[]

export interface Walk {
  /** The last event that was taken; undefined at the beginning. */
  readonly behind: Key | undefined
  /** Nothing behind this one. */
  readonly upTo: Key
  readonly rows: number
}

/** The next events in the order of their key that nobody else holds, locked until the transaction ends. */
export function lockEvents(source: SourceTable, { behind, upTo, rows }: Walk): Statement {
  const columns = source.key.map(({ name }) => id(name))
  const from = behind === undefined ? nothing : sql`${after(columns, behind)} AND `
  return statement(
    'rollup.lock-events',
    sql`SELECT ${eventColumns(source)} FROM ${along(source)}
      WHERE ${from}NOT ${after(columns, upTo)}
      ${orderBy(source.key.map(({ name }) => name))} LIMIT ${rows} FOR UPDATE SKIP LOCKED`,
  )
}

export function deleteEvents(source: SourceTable, keys: readonly Key[]): Statement {
  const table = tableId(source.table.name)
  const names = source.key.map(({ name }) => name)
  return statement(
    'rollup.delete-events',
    sql`DELETE ${table} FROM ${along(source)} WHERE ${keyIn(names, keys)}`,
  )
}

/** The server is told the index: for a long list of keys it would rather read a small table whole. */
export function along({ table, keyIndex }: SourceTable): Fragment {
  return sql`${tableId(table.name)} FORCE INDEX (${id(keyIndex)})`
}

/** The event with the largest key. */
export function selectLastKey(source: SourceTable): Statement {
  const order = join(source.key.map(({ name }) => sql`${id(name)} DESC`))
  return statement(
    'rollup.select-last-key',
    sql`SELECT ${join(source.key.map((column, position) => selectKey(column, `key_${position}`)))}
      FROM ${along(source)} ORDER BY ${order} LIMIT 1`,
  )
}
