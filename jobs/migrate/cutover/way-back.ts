import type { TableName } from '../../../src/db/statement.ts'
import type { ExecuteContext } from '../../../src/run/context.ts'
import { withLockWait } from '../lock-wait.ts'
import { artefactsOf, triggerEvents, triggerName } from '../names.ts'
import { dropTrigger } from '../shadow/sql.ts'
import { dropTable } from '../sql.ts'

const LOCK_WAIT_MS = 2000

/** Triggers first: a write to the table must not find a changelog that is gone. May be done again. */
export async function removeWayBack(context: ExecuteContext, name: TableName): Promise<void> {
  for (const direction of ['forward', 'reverse'] as const) {
    for (const event of triggerEvents) {
      const trigger = triggerName(name, direction, event)
      await context.define(
        `removing a trigger of ${name.table}`,
        (session) => withLockWait(session, LOCK_WAIT_MS, () => session.change(dropTrigger(trigger))),
        { tables: [name] },
      )
    }
  }
  const { changelog, reverseChangelog } = artefactsOf(name)
  await context.define('removing changelogs', async (session) => {
    for (const table of [changelog, reverseChangelog]) await session.change(dropTable(table))
  })
}
