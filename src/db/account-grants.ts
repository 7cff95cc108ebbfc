import type { Row } from './connection.ts'
import type { ReadSession } from './session.ts'
import { raw, type Statement, statement, type TableName } from './statement.ts'

/** What the account may do, as `SHOW GRANTS` lists it: its own rights and those of its active roles, on both servers. */
export interface Grant {
  readonly kind: 'grant' | 'revoke'
  /** Upper case: `SELECT`, `ALL PRIVILEGES`, `LOCK TABLES`. */
  readonly privileges: readonly string[]
  /** A pattern: `%` and `_` stand for characters unless a backslash precedes them. `*`: every schema. */
  readonly schema: string
  /** `*`: every table. */
  readonly table: string
}

export async function readGrants(session: ReadSession): Promise<readonly Grant[]> {
  const rows = await session.rows(showGrants())
  return rows.flatMap((row: Row) => {
    const grant = parseGrant(String(Object.values(row)[0]))
    return grant === undefined ? [] : [grant]
  })
}

/** Undefined for a line that says nothing about tables: a role, a procedure, a proxy. */
export function parseGrant(line: string): Grant | undefined {
  const match =
    /^(GRANT|REVOKE) (.+?) ON (?:TABLE )?(\*|`(?:[^`]|``)+`)\.(\*|`(?:[^`]|``)+`) (?:TO|FROM) /.exec(line)
  const [, verb, privileges = '', schema = '', table = ''] = match ?? []
  if (verb === undefined) return undefined
  return {
    kind: verb === 'GRANT' ? 'grant' : 'revoke',
    privileges: splitPrivileges(privileges),
    schema: unquote(schema),
    table: unquote(table),
  }
}

/**
 * Whether a right covers the whole table. Names are compared without regard to case, so that the answer errs towards
 * yes: a right wrongly believed in is refused by the server before anything is changed.
 */
export function isGranted(grants: readonly Grant[], privilege: string, name: TableName): boolean {
  const fitting = grants.filter((grant) => covers(grant, privilege, name))
  const revoked = fitting.filter(({ kind }) => kind === 'revoke')
  // A partial revoke takes from the right on everything, not from one on this schema.
  return fitting.some(({ kind, schema }) => kind === 'grant' && (schema !== '*' || revoked.length === 0))
}

function covers({ privileges, schema, table }: Grant, privilege: string, name: TableName): boolean {
  const isNamed = privileges.includes(privilege) || privileges.includes('ALL PRIVILEGES')
  const isInSchema = schema === '*' || toPattern(schema).test(name.schema)
  return isNamed && isInSchema && (table === '*' || table.toLowerCase() === name.table.toLowerCase())
}

/** Rights on single columns are left out: they stand as `UPDATE (a, b)`. */
function splitPrivileges(text: string): readonly string[] {
  return text
    .replaceAll(/[A-Z ]+ \([^)]*\)/g, '')
    .split(',')
    .map((privilege) => privilege.trim())
    .filter((privilege) => privilege !== '')
}

function unquote(name: string): string {
  return name.replaceAll(/^`|`$/g, '').replaceAll('``', '`')
}

function toPattern(schema: string): RegExp {
  const parts = schema.match(/\\[%_\\]|./gsu) ?? []
  const source = parts.map((part) => {
    if (part === '%') return '.*'
    if (part === '_') return '.'
    return escapeForPattern(part.at(-1) ?? '')
  })
  return new RegExp(`^${source.join('')}$`, 'isu')
}

function escapeForPattern(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/-]/u, '\\$&')
}

function showGrants(): Statement {
  return statement('privilege.show-grants', raw('SHOW GRANTS'))
}
