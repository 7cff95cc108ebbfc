import { isGranted, readGrants } from './account-grants.ts'
import { DatabaseError } from './errors.ts'
import type { ReadSession } from './session.ts'
import { id, raw, type Statement, sql, statement, type TableName, tableId } from './statement.ts'

export type Privilege = DataPrivilege | ListedPrivilege

type DataPrivilege = 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE'

/** Where a right that the server cannot be asked about is given: on a table, on a whole schema, on everything. */
const listedPrivileges = {
  CREATE: 'table',
  ALTER: 'table',
  DROP: 'table',
  TRIGGER: 'table',
  'LOCK TABLES': 'schema',
  PROCESS: 'everything',
} as const

type ListedPrivilege = keyof typeof listedPrivileges

/** Table and column privileges, as the servers number their refusals. */
const DENIED: readonly (number | undefined)[] = [1142, 1143]

/**
 * What the account may not do with a table, which need not exist. Nothing is written to find out.
 *
 * For rows the server is asked: each statement is explained in a session that cannot write, and the server refuses for
 * the missing privilege (1142) before it refuses for the session (1792). Checked on MariaDB 10.11 and MySQL 9.7. A
 * privilege given for some columns only counts as given.
 *
 * For definitions it cannot be asked: ALTER and DROP are refused for the session first, on both servers. There the
 * list of SHOW GRANTS is read; in doubt a right counts as given, since the server refuses before it changes anything.
 */
export async function findMissingPrivileges(
  session: ReadSession,
  name: TableName,
  needed: readonly Privilege[],
): Promise<readonly Privilege[]> {
  const listed = needed.filter(isListed)
  const refused = await findRefused(
    session,
    name,
    needed.filter((privilege): privilege is DataPrivilege => !isListed(privilege)),
  )
  if (listed.length === 0) return refused
  const grants = await readGrants(session)
  return [...refused, ...listed.filter((privilege) => !isGranted(grants, privilege, name))]
}

function isListed(privilege: Privilege): privilege is ListedPrivilege {
  return privilege in listedPrivileges
}

async function findRefused(
  session: ReadSession,
  name: TableName,
  needed: readonly DataPrivilege[],
): Promise<readonly DataPrivilege[]> {
  const missing: DataPrivilege[] = []
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

/** What an administrator would run; one statement for each level at which rights are given. */
export async function describeGrant(
  session: ReadSession,
  /** A schema alone: for tables whose names are not known yet. */
  name: TableName | { readonly schema: string },
  privileges: readonly Privilege[],
): Promise<string> {
  const [row] = await session.rows(selectAccount())
  const account = String(row?.account)
  const at = account.lastIndexOf('@')
  const quoted = [account.slice(0, at), account.slice(at + 1)].map(
    (part) => `'${part.replaceAll("'", "''")}'`,
  )
  const levels = new Map<string, Privilege[]>()
  for (const privilege of privileges) {
    const level = levelOf(privilege, name)
    levels.set(level, [...(levels.get(level) ?? []), privilege])
  }
  return [...levels]
    .map(([level, rights]) => `GRANT ${rights.join(', ')} ON ${level} TO ${quoted.join('@')}`)
    .join('; ')
}

function levelOf(privilege: Privilege, name: TableName | { readonly schema: string }): string {
  const level = isListed(privilege) ? listedPrivileges[privilege] : 'table'
  if (level === 'everything') return '*.*'
  if (level === 'schema' || !('table' in name)) return `${id(name.schema).chunks.join('')}.*`
  return tableId(name).chunks.join('')
}

function probe(privilege: DataPrivilege, name: TableName): Statement {
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
