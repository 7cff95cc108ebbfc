import {
  type Fragment,
  id,
  join,
  raw,
  type Statement,
  sql,
  statement,
  tableId,
} from '../../../src/db/statement.ts'
import type { Run } from '../events/runs.ts'
import type { SourceTable } from '../tables.ts'
import type { Key } from './sql.ts'

/**
 * Deletes of exactly the rows that this transaction has locked, which touch no other row: a DELETE locks what it reads,
 * and would wait for whoever is writing the rows around. Tried beside an open INSERT on MariaDB 10.11 and MySQL 9.7:
 * with a list of keys, or several ranges, either reads a table whole once it is not much larger than the list, whatever
 * index it is told, and waits. Looked up from a derived table, in the order that is written here, it never does.
 */

/**
 * A run of whole numbers but its last one. A range reads one row behind its end to see that it is one too many: that row
 * is the last of the run, and ours.
 */
export function deleteRun({ table }: SourceTable, column: string, { first, last }: Run): Statement {
  const name = id(column)
  return statement(
    'rollup.delete-run',
    sql`DELETE FROM ${tableId(table.name)} WHERE ${name} BETWEEN ${first} AND ${last - 1n}`,
  )
}

/** Whole numbers; 10,000 take as long as a list of them, 40 ms. */
export function deleteNumbers(source: SourceTable, numbers: readonly bigint[]): Statement {
  const type = raw(numbers.some((number) => number < 0n) ? 'BIGINT' : 'BIGINT UNSIGNED')
  return deleteLookedUp(
    source,
    sql`JSON_TABLE(${`[${numbers.join(',')}]`}, '$[*]' COLUMNS (key_0 ${type} PATH '$')) AS taken`,
  )
}

/** Keys of any kind, each value as it is written for its own column. */
export function deleteKeys(source: SourceTable, keys: readonly Key[]): Statement {
  const rows = keys.map((key) => {
    const values = key.map((value, position) => sql`${value} AS ${id(`key_${position}`)}`)
    return sql`SELECT ${join(values)}`
  })
  return deleteLookedUp(source, sql`(${join(rows, ' UNION ALL ')}) AS taken`)
}

function deleteLookedUp({ table, key, keyIndex }: SourceTable, taken: Fragment): Statement {
  const name = tableId(table.name)
  const isSame = key.map(
    (column, position) => sql`${name}.${id(column.name)} = taken.${id(`key_${position}`)}`,
  )
  return statement(
    'rollup.delete-keys',
    sql`DELETE ${name} FROM ${taken} STRAIGHT_JOIN ${name} FORCE INDEX (${id(keyIndex)}) ON ${join(isSame, ' AND ')}`,
  )
}
