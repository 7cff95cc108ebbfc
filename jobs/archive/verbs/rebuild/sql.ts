import { type Statement, sql, statement, type TableName, tableId } from '../../../../src/db/statement.ts'

/**
 * Written anew beside the old one, while others read and write; both servers take this form, for partitioned tables too
 * (checked). OPTIMIZE TABLE does the same but falls back to a copy under a lock where this is refused.
 */
export function rebuild(table: TableName): Statement {
  return statement(
    'archive.rebuild',
    sql`ALTER TABLE ${tableId(table)} FORCE, ALGORITHM = INPLACE, LOCK = NONE`,
  )
}
