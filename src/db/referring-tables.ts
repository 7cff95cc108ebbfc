import { DatabaseError } from './errors.ts'
import { type Family, readFamily } from './server.ts'
import type { ReadSession } from './session.ts'
import { type Fragment, raw, type Statement, sql, statement, type TableName } from './statement.ts'

/**
 * Tables with foreign keys to this one, also those that the account has no right to and that information_schema
 * therefore does not show. A DELETE reaches them all the same: an account with SELECT and DELETE on the parent alone sets
 * the child's column to NULL (checked on MariaDB 10.11 and MySQL 9.7). Undefined without PROCESS: InnoDB then tells
 * nobody.
 */
export async function readReferringTables(
  session: ReadSession,
  name: TableName,
): Promise<readonly TableName[] | undefined> {
  const family = await readFamily(session)
  try {
    const rows = await session.rows(selectReferring(name, family))
    return rows.map((row) => ({ schema: String(row.child_schema), table: String(row.child_table) }))
  } catch (error) {
    if (error instanceof DatabaseError && error.kind === 'permission') return undefined
    throw error
  }
}

interface ForeignKeyView {
  readonly name: string
  /** MariaDB spells names as its files do (`odd@002ename`), MySQL as they are. */
  readonly spell: (name: string) => Fragment
  readonly read: (spelled: Fragment) => Fragment
}

const views: Record<Family, ForeignKeyView> = {
  mariadb: {
    name: 'INNODB_SYS_FOREIGN',
    spell: (name) => sql`CAST(CONVERT(${name} USING filename) AS BINARY)`,
    read: (spelled) => sql`CONVERT(CONVERT(CAST(${spelled} AS BINARY) USING filename) USING utf8mb4)`,
  },
  mysql: {
    name: 'INNODB_FOREIGN',
    spell: (name) => sql`CAST(${name} AS BINARY)`,
    read: (spelled) => spelled,
  },
}

function selectReferring({ schema, table }: TableName, family: Family): Statement {
  const { name, spell, read } = views[family]
  return statement(
    'catalog.select-referring',
    sql`SELECT DISTINCT ${read(raw("SUBSTRING_INDEX(FOR_NAME, '/', 1)"))} AS child_schema,
        ${read(raw("SUBSTRING(FOR_NAME, LOCATE('/', FOR_NAME) + 1)"))} AS child_table
      FROM information_schema.${raw(name)}
      WHERE CAST(REF_NAME AS BINARY) = CONCAT(${spell(schema)}, '/', ${spell(table)})
      ORDER BY child_schema, child_table`,
  )
}
