import { DatabaseError } from './errors.ts'
import { readFamily } from './server.ts'
import type { ReadSession } from './session.ts'
import { type Statement, sql, statement, type TableName } from './statement.ts'

/** Number of the refusal for want of PROCESS. */
const ACCESS_DENIED = 1227

/**
 * How often a column was added or dropped at once, without rewriting the rows, since the table was last rebuilt. MySQL
 * (8.0.29 and later) exchanges no partition of a table that has more than none of it (error 1731), and rebuilding one
 * partition does not help: `ALTER TABLE … FORCE` does (checked with 9.7). MariaDB exchanges all the same, so there the
 * answer is 0. Undefined when the account may not know: that takes PROCESS.
 */
export async function readRowVersions(session: ReadSession, name: TableName): Promise<number | undefined> {
  if ((await readFamily(session)) === 'mariadb') return 0
  try {
    const [row] = await session.rows(selectRowVersions(name))
    return Number(row?.versions ?? 0)
  } catch (error) {
    if (error instanceof DatabaseError && error.number === ACCESS_DENIED) return undefined
    throw error
  }
}

// INNODB_TABLES spells names as files are called, INNODB_TABLESPACES as they are: the number of the space joins them.
function selectRowVersions({ schema, table }: TableName): Statement {
  const whole = sql`CAST(CONCAT(${schema}, '/', ${table}) AS BINARY)`
  return statement(
    'catalog.select-row-versions',
    sql`SELECT MAX(named.TOTAL_ROW_VERSIONS) AS versions
      FROM information_schema.INNODB_TABLESPACES AS files
      JOIN information_schema.INNODB_TABLES AS named ON named.SPACE = files.SPACE
      WHERE CAST(files.NAME AS BINARY) = ${whole}
        OR LEFT(CAST(files.NAME AS BINARY), LENGTH(${whole}) + 3) = CONCAT(${whole}, '#p#')`,
  )
}
