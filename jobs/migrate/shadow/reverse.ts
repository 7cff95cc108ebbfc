import { readTriggers } from '../../../src/db/triggers.ts'
import { artefactsOf, triggerEvents, triggerName } from '../names.ts'
import type { Scene } from '../scene.ts'
import { dropTable } from '../sql.ts'
import { createChangelog, createTrigger } from './sql.ts'

/**
 * What is needed to go back: triggers on the shadow, which gets the table's name with them, so that from the first write
 * after the swap on every change is noted. What we write ourselves until then is none.
 */
export async function makeReverse(scene: Scene): Promise<void> {
  const { context, route, settings, way } = scene
  if (way === 'back' || !settings.options.keepOld) return
  const { reverseChangelog } = artefactsOf(route.source.name)
  const key = route.key.pairs.map((pair) => pair.target)
  await context.define(
    `making the way back from ${route.shadow.table}`,
    async (session) => {
      const there = (await readTriggers(session, route.shadow)).map(({ name }) => name)
      const missing = triggerEvents.filter(
        (event) => !there.includes(triggerName(route.source.name, 'reverse', event).table),
      )
      if (missing.length === 0) return
      if (missing.length === triggerEvents.length) {
        await session.change(dropTable(reverseChangelog))
        await session.change(createChangelog(reverseChangelog, route.shadow, key))
      }
      for (const event of missing) {
        const trigger = triggerName(route.source.name, 'reverse', event)
        await session.change(
          createTrigger({ trigger, event, on: route.shadow, changelog: reverseChangelog, key }),
        )
      }
    },
    { tables: [route.shadow] },
  )
  await context.reach('migrate.way-back-made')
}
