import { readTable } from '../../../src/db/catalog.ts'
import type { WriteSession } from '../../../src/db/session.ts'
import { readTriggers } from '../../../src/db/triggers.ts'
import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import { triggerEvents, triggerName } from '../names.ts'
import type { Scene } from '../scene.ts'

/**
 * Somebody may have altered the table, or dropped a trigger, since the copy began: then changes may have gone unseen, and
 * the copy is not that table's any more.
 *
 * @throws RowkeeperError `migrate.altered`
 */
export async function refuseAltered(
  session: Pick<WriteSession, 'rows'>,
  { route, way }: Pick<Scene, 'route' | 'way'>,
): Promise<void> {
  const { name, hash } = route.source
  const source = await readTable(session, name)
  const triggers = (await readTriggers(session, name)).map((trigger) => trigger.name)
  const direction = way === 'there' ? 'forward' : 'reverse'
  const missing = triggerEvents
    .map((event) => triggerName(name, direction, event).table)
    .filter((trigger) => !triggers.includes(trigger))
  if (source?.hash === hash && missing.length === 0) return
  const what =
    source?.hash === hash ? `lost its trigger ${missing.join(' and ')}` : 'was altered by somebody else'
  throw new RowkeeperError({
    code: 'migrate.altered',
    message: `${name.schema}.${name.table} ${what} since the migration began, so changes may have gone unseen. The table was not swapped.`,
    hint: 'Give the copy up with: rowkeeper migrate cancel; then run it again',
    effect: 'none',
    exitCode: exitCodes.failed,
  })
}
