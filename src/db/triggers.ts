import { isGranted, readGrants } from './account-grants.ts'
import type { ReadSession } from './session.ts'
import { type Statement, sql, statement, type TableName } from './statement.ts'

export interface Trigger {
  readonly name: string
  readonly timing: 'BEFORE' | 'AFTER'
  readonly event: 'INSERT' | 'UPDATE' | 'DELETE'
  /** The statement behind FOR EACH ROW, as it was written. */
  readonly body: string
}

/**
 * In the order in which they fire, event by event. Without the TRIGGER privilege on the table the answer is empty, and
 * means nothing: ask `canSeeTriggers` before an empty answer is believed.
 */
export async function readTriggers(
  session: Pick<ReadSession, 'rows'>,
  name: TableName,
): Promise<readonly Trigger[]> {
  const rows = await session.rows(selectTriggers(name))
  return rows.map((row) => ({
    name: String(row.name),
    timing: String(row.timing) as Trigger['timing'],
    event: String(row.event) as Trigger['event'],
    body: String(row.body),
  }))
}

/**
 * Whether the catalogue shows the account the triggers of a table. Taken from its grants: what a session without rights
 * to write may send, EXPLAIN included, is never checked for this one.
 */
export async function canSeeTriggers(session: ReadSession, name: TableName): Promise<boolean> {
  const grants = await readGrants(session)
  // A right on a table whose name differs by case shows nothing of this one.
  const fitting = grants.filter(({ table }) => table === '*' || table === name.table)
  return isGranted(fitting, 'TRIGGER', name)
}

function selectTriggers({ schema, table }: TableName): Statement {
  return statement(
    'catalog.select-triggers',
    sql`SELECT TRIGGER_NAME AS name, ACTION_TIMING AS timing, EVENT_MANIPULATION AS event, ACTION_STATEMENT AS body
      FROM information_schema.TRIGGERS
      WHERE EVENT_OBJECT_SCHEMA = ${schema} AND EVENT_OBJECT_TABLE = ${table}
      ORDER BY FIELD(EVENT_MANIPULATION, 'INSERT', 'UPDATE', 'DELETE'), ACTION_TIMING = 'AFTER', ACTION_ORDER`,
  )
}
