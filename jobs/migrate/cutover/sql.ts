import {
  join,
  raw,
  type Statement,
  sql,
  statement,
  type TableName,
  tableId,
} from '../../../src/db/statement.ts'

export function lockTables(tables: readonly TableName[]): Statement {
  const locks = tables.map((name) => sql`${tableId(name)} WRITE`)
  return statement('migrate.lock-tables', sql`LOCK TABLES ${join(locks)}`)
}

export const unlockTables: Statement = statement('migrate.unlock-tables', sql`UNLOCK TABLES`)

/** Both names change at once, or neither. The table comes first: see names.ts. */
export function swapNames(names: {
  readonly source: TableName
  readonly retired: TableName
  readonly shadow: TableName
}): Statement {
  const { source, retired, shadow } = names
  return statement(
    'migrate.swap-names',
    sql`RENAME TABLE ${tableId(source)} TO ${tableId(retired)}, ${tableId(shadow)} TO ${tableId(source)}`,
  )
}

/** Takes the name that the table shall get, so that a rename whose lock holder died fails. */
export function createSentry(name: TableName, comment: string): Statement {
  return statement(
    'migrate.create-sentry',
    sql`CREATE TABLE ${tableId(name)} (id INT NOT NULL PRIMARY KEY) COMMENT = ${comment}`,
  )
}

export function selectComment({ schema, table }: TableName): Statement {
  return statement(
    'migrate.select-comment',
    sql`SELECT TABLE_COMMENT AS comment FROM information_schema.TABLES
      WHERE TABLE_SCHEMA = ${schema} AND TABLE_NAME = ${table}`,
  )
}

export function setAutoIncrement(name: TableName, next: bigint): Statement {
  return statement('migrate.set-auto-increment', sql`ALTER TABLE ${tableId(name)} AUTO_INCREMENT = ${next}`)
}

/** What a session waits for; no row once it has ended. */
export function selectState(connectionId: string): Statement {
  return statement(
    'migrate.select-state-of-session',
    sql`SELECT STATE AS state FROM information_schema.PROCESSLIST WHERE ID = ${raw(connectionId)}`,
  )
}

/** Which of the tables there are. */
export function selectTables(names: readonly TableName[]): Statement {
  const isOne = names.map(({ schema, table }) => sql`(TABLE_SCHEMA = ${schema} AND TABLE_NAME = ${table})`)
  return statement(
    'migrate.select-tables',
    sql`SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE ${join(isOne, ' OR ')}`,
  )
}

export function selectNoted(changelog: TableName): Statement {
  return statement('migrate.select-residue', sql`SELECT COUNT(*) AS changes FROM ${tableId(changelog)}`)
}

/** Whichever the server finds first. */
export function deleteSome(name: TableName, rows: number): Statement {
  return statement('migrate.delete-some', sql`DELETE FROM ${tableId(name)} LIMIT ${raw(String(rows))}`)
}
