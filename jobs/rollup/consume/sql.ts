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
import { after, type KeyValue, orderBy, selectKey } from '../../../src/engine/chunks/keyset.ts'
import { isUsable } from '../events/usable-sql.ts'
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
export function lockEvents(source: SourceTable, walk: Walk): Statement {
  return statement('rollup.lock-events', selectLocked(source, eventColumns(source), walk))
}

/**
 * The same where the key is one whole number: what is locked, as runs of numbers without a gap. A lock taken in a
 * subquery holds until the end of the transaction like any other (tried on MariaDB 10.11 and MySQL 9.7). Numbers are
 * subtracted as decimals: unsigned ones would not go below 0.
 */
export function lockRuns(source: SourceTable, column: string, walk: Walk): Statement {
  const name = id(column)
  const locked = selectLocked(source, name, walk)
  return statement(
    'rollup.lock-runs',
    sql`SELECT MIN(${name}) AS first, MAX(${name}) AS last, COUNT(*) AS events FROM (
        SELECT ${name}, CAST(${name} AS DECIMAL(20, 0)) - ROW_NUMBER() OVER (ORDER BY ${name}) AS gap
        FROM (${locked}) AS locked) AS numbered
      GROUP BY gap ORDER BY first`,
  )
}

function selectLocked(source: SourceTable, columns: Fragment, { behind, upTo, rows }: Walk): Fragment {
  const key = source.key.map((column) => id(column.name))
  const from = behind === undefined ? nothing : sql`${after(key, behind)} AND `
  return sql`SELECT ${columns} FROM ${along(source)}
      WHERE ${from}NOT ${after(key, upTo)} AND ${isUsable(source)}
      ${orderBy(source.key.map((column) => column.name))} LIMIT ${rows} FOR UPDATE SKIP LOCKED`
}

function keyColumns({ key }: SourceTable): Fragment {
  return join(key.map((column, position) => selectKey(column, `key_${position}`)))
}

/** The server is told the index: it is the order in which events are taken. */
export function along({ table, keyIndex }: SourceTable): Fragment {
  return sql`${tableId(table.name)} FORCE INDEX (${id(keyIndex)})`
}

/** The event with the largest key. */
export function selectLastKey(source: SourceTable): Statement {
  const order = join(source.key.map(({ name }) => sql`${id(name)} DESC`))
  return statement(
    'rollup.select-last-key',
    sql`SELECT ${keyColumns(source)}
      FROM ${along(source)} ORDER BY ${order} LIMIT 1`,
  )
}
