import { DatabaseError } from './errors.ts'
import type { ReadSession } from './session.ts'
import { id, raw, type Statement, sql, statement, type TableName, tableId } from './statement.ts'

export type Privilege = 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE'

/** Table and column privileges, as the servers number their refusals. */
const DENIED: readonly (number | undefined)[] = [1142, 1143]

/**
 * What the account may not do with a table. The server is asked, since SHOW GRANTS would have to be read with roles,
 * patterns and inheritance in mind: each statement is explained in a session that cannot write, and the server refuses
 * for the missing privilege (1142) before it refuses for the session (1792). Checked on MariaDB 10.11 and MySQL 9.7.
 * A privilege given for some columns only counts as given.
 */
export async function findMissingPrivileges(
  session: ReadSession,
  name: TableName,
  needed: readonly Privilege[],
): Promise<readonly Privilege[]> {
  const missing: Privilege[] = []
  for (const privilege of needed) {
    const refusal = await session.rows(probe(privilege, name)).then(
      () => undefined,
      (error) => error,
    )
    if (!(refusal instanceof DatabaseError)) {
      if (refusal !== undefined) throw refusal
      continue
    }
    if (DENIED.includes(refusal.number)) missing.push(privilege)
    else if (refusal.number === undefined) throw refusal
  }
  return missing
}

/** What an administrator would run. */
export async function describeGrant(
  session: ReadSession,
  name: TableName,
  privileges: readonly Privilege[],
): Promise<string> {
  const [row] = await session.rows(selectAccount())
  const account = String(row?.account)
  const at = account.lastIndexOf('@')
  const quoted = [account.slice(0, at), account.slice(at + 1)].map(
    (part) => `'${part.replaceAll("'", "''")}'`,
  )
  return `GRANT ${privileges.join(', ')} ON ${tableId(name).chunks.join('')} TO ${quoted.join('@')}`
}

function probe(privilege: Privilege, name: TableName): Statement {
  const table = tableId(name)
  const column = id('rowkeeper_probe')
  const bodies = {
    SELECT: sql`SELECT 1 FROM ${table} WHERE FALSE`,
    INSERT: sql`EXPLAIN INSERT INTO ${table} (${column}) VALUES (NULL)`,
    UPDATE: sql`EXPLAIN UPDATE ${table} SET ${column} = ${column} WHERE FALSE`,
    DELETE: sql`EXPLAIN DELETE FROM ${table} WHERE FALSE`,
  }
  return statement('privilege.probe', bodies[privilege])
}

function selectAccount(): Statement {
  return statement('privilege.account', raw('SELECT CURRENT_USER() AS account'))
}
