import { exitCodes, RowkeeperError } from '../lib/errors.ts'
import type { ReadSession } from './session.ts'
import { type Statement, sql, statement, type TableName, tableId } from './statement.ts'

/**
 * The CREATE TABLE statement as the server writes it, every name in backquotes. Any privilege on the table will do. Not
 * always one that could be run: MariaDB 10.11 does not double a backquote inside the names of a foreign key.
 *
 * @throws DatabaseError 1146 when there is no such table, 1142 when the account has no right to it
 * @throws RowkeeperError `catalog.notATable` for a view
 */
export async function readCreateTable(session: Pick<ReadSession, 'rows'>, name: TableName): Promise<string> {
  const [row] = await session.rows(showCreateTable(name))
  const text = row?.['Create Table']
  if (typeof text === 'string') return text
  throw new RowkeeperError({
    code: 'catalog.notATable',
    message: `${name.schema}.${name.table} is a view, not a table.`,
    hint: 'Name the table behind it in the configuration, then run: rowkeeper config check',
    exitCode: exitCodes.refused,
  })
}

function showCreateTable(name: TableName): Statement {
  return statement('catalog.show-create-table', sql`SHOW CREATE TABLE ${tableId(name)}`)
}
