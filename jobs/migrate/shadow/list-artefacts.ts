import type { TableName } from '../../../src/db/statement.ts'
import { readTriggers } from '../../../src/db/triggers.ts'
import type { PlanContext } from '../../../src/run/context.ts'
import { selectTables } from '../cutover/sql.ts'
import { artefactsOf, triggerEvents, triggerName } from '../names.ts'

/** Tables and triggers with the names of a migration of this table that has not been swapped. */
export async function listArtefacts({ read }: PlanContext, name: TableName): Promise<readonly string[]> {
  const { shadow, changelog, reverseChangelog, scratch } = artefactsOf(name)
  const tables = await read((session) =>
    session.rows(selectTables([shadow, changelog, reverseChangelog, scratch])),
  )
  const triggers = await read((session) => readTriggers(session, name))
  const own = triggerEvents.map((event) => triggerName(name, 'forward', event).table)
  return [
    ...tables.map((row) => String(row.name)),
    ...triggers.map((trigger) => trigger.name).filter((trigger) => own.includes(trigger)),
  ]
}
