import { DatabaseError } from './errors.ts'
import type { ReadSession } from './session.ts'
import { join, raw, type Statement, sql, statement, type TableName } from './statement.ts'

/** Another session that is, or may be, in the way of a definition. */
export interface LockHolder {
  readonly connectionId: string
  /** `app@10.0.0.5:4711`. */
  readonly account: string
  /** Since it began what it is doing, or its transaction. */
  readonly seconds: number
  /** What it runs; undefined when it is idle, as in the middle of a transaction nobody ends. */
  readonly statement: string | undefined
}

export interface LockHolders {
  /** `hold`: they have one of the tables. `oldest`: the server does not tell, these are the oldest open transactions. */
  readonly certainty: 'hold' | 'oldest'
  /** Oldest first, three at most. */
  readonly holders: readonly LockHolder[]
}

/**
 * Who keeps the tables from being locked. performance_schema.metadata_locks tells it exactly on MySQL and on a MariaDB
 * with its performance schema switched on, METADATA_LOCK_INFO where that plugin of MariaDB is loaded; else the oldest
 * transactions are the best guess. An account without the PROCESS privilege may see nobody: both servers then leave
 * rows out, or refuse, and what is not seen need not be gone.
 */
export async function findLockHolders(
  session: ReadSession,
  tables: readonly TableName[],
): Promise<LockHolders> {
  const exact = tables.length === 0 ? [] : [selectMetadataLocks(tables), selectMetadataLockInfo(tables)]
  for (const query of exact) {
    const holders = await readHolders(session, query)
    if (holders.length > 0) return { certainty: 'hold', holders }
  }
  return { certainty: 'oldest', holders: await readHolders(session, selectOldestTransactions()) }
}

async function readHolders(session: ReadSession, query: Statement): Promise<readonly LockHolder[]> {
  try {
    const rows = await session.rows(query)
    return rows.map((row) => ({
      connectionId: String(row.id),
      account: String(row.account),
      seconds: Number(row.seconds ?? 0),
      statement: row.statement === null ? undefined : String(row.statement),
    }))
  } catch (error) {
    // Not there on this server (1109, 1146), or not for this account (1142, 1227): something else may tell.
    if (error instanceof DatabaseError && error.number !== undefined) return []
    throw error
  }
}

const MOST_NAMED = 3

/** Ours is not among them: it has been released by the time this is asked. */
function selectMetadataLocks(tables: readonly TableName[]): Statement {
  return statement(
    'lock.select-metadata-locks',
    sql`SELECT t.PROCESSLIST_ID AS id, CONCAT(t.PROCESSLIST_USER, '@', t.PROCESSLIST_HOST) AS account,
        MAX(t.PROCESSLIST_TIME) AS seconds, MAX(t.PROCESSLIST_INFO) AS statement
      FROM performance_schema.metadata_locks l JOIN performance_schema.threads t ON t.THREAD_ID = l.OWNER_THREAD_ID
      WHERE l.LOCK_STATUS = 'GRANTED' AND l.OBJECT_TYPE = 'TABLE' AND t.PROCESSLIST_ID <> CONNECTION_ID()
        AND ${anyOf(tables, 'l.OBJECT_SCHEMA', 'l.OBJECT_NAME')}
      GROUP BY id, account ORDER BY seconds DESC LIMIT ${MOST_NAMED}`,
  )
}

function selectMetadataLockInfo(tables: readonly TableName[]): Statement {
  return statement(
    'lock.select-metadata-lock-info',
    sql`SELECT p.ID AS id, CONCAT(p.USER, '@', p.HOST) AS account, MAX(p.TIME) AS seconds, MAX(p.INFO) AS statement
      FROM information_schema.METADATA_LOCK_INFO l JOIN information_schema.PROCESSLIST p ON p.ID = l.THREAD_ID
      WHERE p.ID <> CONNECTION_ID() AND ${anyOf(tables, 'l.TABLE_SCHEMA', 'l.TABLE_NAME')}
      GROUP BY id, account ORDER BY seconds DESC LIMIT ${MOST_NAMED}`,
  )
}

function selectOldestTransactions(): Statement {
  return statement(
    'lock.select-oldest-transactions',
    sql`SELECT p.ID AS id, CONCAT(p.USER, '@', p.HOST) AS account,
        TIMESTAMPDIFF(SECOND, x.trx_started, SYSDATE()) AS seconds, p.INFO AS statement
      FROM information_schema.INNODB_TRX x JOIN information_schema.PROCESSLIST p ON p.ID = x.trx_mysql_thread_id
      WHERE p.ID <> CONNECTION_ID() ORDER BY x.trx_started LIMIT ${MOST_NAMED}`,
  )
}

function anyOf(tables: readonly TableName[], schemaColumn: string, tableColumn: string) {
  const conditions = tables.map(
    ({ schema, table }) => sql`(${raw(schemaColumn)} = ${schema} AND ${raw(tableColumn)} = ${table})`,
  )
  return sql`(${join(conditions, ' OR ')})`
}
