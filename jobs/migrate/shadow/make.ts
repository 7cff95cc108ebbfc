import type { WriteSession } from '../../../src/db/session.ts'
import type { Statement } from '../../../src/db/statement.ts'
import { readTriggers } from '../../../src/db/triggers.ts'
import { selectLastKey } from '../copy/sql.ts'
import { withLockWait } from '../lock-wait.ts'
import { triggerEvents, triggerName } from '../names.ts'
import { toPosition } from '../position.ts'
import type { Scene } from '../scene.ts'
import { dropTable } from '../sql.ts'
import type { MigrationDefinition } from '../state/model.ts'
import { createText } from './blueprint.ts'
import { createChangelog, createFromText, createTrigger, dropTrigger } from './sql.ts'

/**
 * Shadow, changelog and triggers, in this order: nothing is written to a table that is not there. Made anew when a run died
 * in the middle of it: until now they hold nothing that counts. The last key is read when all triggers are there: what
 * comes behind it is in the changelog.
 */
export async function makeShadow(scene: Scene, definition: MigrationDefinition): Promise<void> {
  const { context, route, progress } = scene
  const { source, shadow } = route
  await context.define(
    `making ${shadow.table}`,
    async (session) => {
      await removeTriggers(session, scene)
      for (const statement of shadowStatements(scene, definition)) await session.change(statement)
    },
    { tables: [source.name] },
  )
  await context.reach('migrate.shadow-made')
  await makeTriggers(scene)
  await context.reach('migrate.triggers-made')
  const [last] = await context.read((session) => session.rows(selectLastKey(route)))
  progress.note({ upTo: last === undefined ? undefined : toPosition(route.key, last), copied: undefined })
}

function shadowStatements(
  { route: { source, shadow, changelog, key } }: Scene,
  { blueprint }: MigrationDefinition,
): readonly Statement[] {
  return [
    dropTable(shadow),
    dropTable(changelog),
    createFromText(createText(blueprint, shadow)),
    createChangelog(
      changelog,
      source.name,
      key.pairs.map((pair) => pair.source),
    ),
  ]
}

/** Each waits for every transaction that has the table open, and everybody else behind it: so only for a short time. */
async function makeTriggers(scene: Scene): Promise<void> {
  const { context, route, settings } = scene
  const { source, changelog, key } = route
  for (const event of triggerEvents) {
    const trigger = triggerName(source.name, 'forward', event)
    const statement = createTrigger({
      ...{ trigger, event, on: source.name, changelog },
      key: key.pairs.map((pair) => pair.source),
    })
    await context.define(
      `making a trigger on ${source.name.table}`,
      async (session) => {
        const there = await listTriggers(session, scene)
        if (!there.includes(trigger.table))
          await withLockWait(session, settings.options.cutOver.lockWait, () => session.change(statement))
      },
      { tables: [source.name] },
    )
  }
}

async function listTriggers(session: WriteSession, { route }: Scene): Promise<readonly string[]> {
  return (await readTriggers(session, route.source.name)).map(({ name }) => name)
}

async function removeTriggers(session: WriteSession, { route }: Scene): Promise<void> {
  for (const event of triggerEvents)
    await session.change(dropTrigger(triggerName(route.source.name, 'forward', event)))
}
