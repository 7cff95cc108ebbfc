import { exitCodes, RowkeeperError } from '../../../src/lib/errors.ts'
import { plural } from '../../../src/lib/units.ts'
import { triggerEvents, triggerName } from '../names.ts'
import type { Scene } from '../scene.ts'
import { dropTrigger } from '../shadow/sql.ts'
import { dropTable } from '../sql.ts'
import { selectNoted, selectTables } from './sql.ts'

/**
 * The triggers went with the retired table: a write that had slipped into it would have left a change. There is none, and
 * then triggers and changelog go.
 *
 * @throws RowkeeperError `migrate.residue` (exit 6)
 */
export async function proveNothingSlipped(scene: Scene): Promise<void> {
  const { context, route, way } = scene
  const [there] = await context.read((session) => session.rows(selectTables([route.changelog])))
  if (there === undefined) return
  const [row] = await context.read((session) => session.rows(selectNoted(route.changelog)))
  if (Number(row?.changes) > 0) throw residue(scene, Number(row?.changes))
  const direction = way === 'there' ? 'forward' : 'reverse'
  await context.define(
    'removing the triggers of the retired table',
    async (session) => {
      for (const event of triggerEvents)
        await session.change(dropTrigger(triggerName(route.source.name, direction, event)))
      await session.change(dropTable(route.changelog))
    },
    { tables: [route.retired] },
  )
}

function residue({ route }: Scene, changes: number): RowkeeperError {
  const { retired, changelog, source } = route
  return new RowkeeperError({
    code: 'migrate.residue',
    message: `${source.name.schema}.${source.name.table} was swapped, and ${plural(changes, 'write')} reached ${retired.table} after that: their keys are in ${changelog.table}.`,
    hint: `Compare these rows of ${retired.table} with ${source.name.table}; nothing is dropped.`,
    effect: 'unknown',
    exitCode: exitCodes.unknown,
  })
}
