import type { TableName } from '../../../src/db/statement.ts'
import type { ExecuteContext } from '../../../src/run/context.ts'
import { artefactsOf, triggerEvents, triggerName } from '../names.ts'
import { dropTable } from '../sql.ts'
import { dropTrigger } from './sql.ts'

/**
 * Everything a migration made that has not been swapped. Triggers first: a write to the table must not find a changelog
 * that is gone. May be done again.
 */
export async function removeMigration(context: ExecuteContext, name: TableName): Promise<void> {
  const { shadow, changelog, reverseChangelog, scratch } = artefactsOf(name)
  await context.define(
    `removing what the migration of ${name.table} made`,
    async (session) => {
      for (const direction of ['forward', 'reverse'] as const)
        for (const event of triggerEvents)
          await session.change(dropTrigger(triggerName(name, direction, event)))
      for (const table of [shadow, changelog, reverseChangelog, scratch])
        await session.change(dropTable(table))
    },
    { tables: [name] },
  )
}
