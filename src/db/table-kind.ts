import type { ReadSession } from './session.ts'
import { type Statement, sql, statement, type TableName } from './statement.ts'

/** `other`: what a server to come may have, and what MariaDB keeps under names of tables besides (sequences). */
export type TableKind = 'table' | 'view' | 'system-versioned table' | 'other'

const kinds = new Map<string, TableKind>([
  ['BASE TABLE', 'table'],
  ['VIEW', 'view'],
  ['SYSTEM VERSIONED', 'system-versioned table'],
])

/** What a name stands for; undefined when there is nothing, or the account may not see it. */
export async function readTableKind(session: ReadSession, name: TableName): Promise<TableKind | undefined> {
  const [row] = await session.rows(selectTableType(name))
  return row === undefined ? undefined : (kinds.get(String(row.table_type)) ?? 'other')
}

function selectTableType({ schema, table }: TableName): Statement {
  return statement(
    'catalog.select-table-type',
    sql`SELECT TABLE_TYPE AS table_type FROM information_schema.TABLES
      WHERE TABLE_SCHEMA = ${schema} AND TABLE_NAME = ${table}`,
  )
}
