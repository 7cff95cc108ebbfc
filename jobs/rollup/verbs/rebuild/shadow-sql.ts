import { findColumn, type TableDefinition } from '../../../../src/db/catalog.ts'
import {
  type Fragment,
  id,
  join,
  raw,
  type Statement,
  sql,
  statement,
  type TableName,
  tableId,
} from '../../../../src/db/statement.ts'
import { keyColumnNames } from '../../counters/sql.ts'
import type { CounterTable } from '../../tables.ts'

/** Statements that make and remove the shadow. */

export function selectRemark({ schema, table }: TableName): Statement {
  return statement(
    'rollup.select-remark',
    sql`SELECT TABLE_COMMENT AS remark FROM information_schema.TABLES
      WHERE TABLE_SCHEMA = ${schema} AND TABLE_NAME = ${table}`,
  )
}

/** With the types of the counters' own columns, so that what does not fit is found before a counter changes. */
export function createShadow(
  shadow: TableName,
  counters: CounterTable & { readonly table: TableDefinition },
  remark: string,
): Statement {
  const key = keyColumnNames(counters)
  const columns = [...key, ...counters.measures.map(({ name }) => name)].map((name) =>
    defineColumn(counters.table, name),
  )
  return statement(
    'rollup.create-shadow',
    sql`CREATE TABLE ${tableId(shadow)} (${join(columns)}, PRIMARY KEY (${join(key.map(id))}),
      KEY ${id('by_bucket')} (bucket_size, bucket_start)) ENGINE=InnoDB COMMENT=${remark}`,
  )
}

function defineColumn(table: TableDefinition, name: string): Fragment {
  const column = findColumn(table, name)
  if (column === undefined) throw new TypeError(`the counter table has no column ${name}`)
  const { columnType, characterSet, collation } = column
  const text = characterSet === undefined ? '' : ` CHARACTER SET ${characterSet} COLLATE ${collation}`
  return sql`${id(column.name)} ${raw(columnType + text)} NOT NULL`
}

export function dropShadow(shadow: TableName): Statement {
  return statement('rollup.drop-shadow', sql`DROP TABLE IF EXISTS ${tableId(shadow)}`)
}
