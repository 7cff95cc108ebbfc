import { test as databaseTest } from '../../../support/database.ts'
import { openWorld } from './ways.ts'
import type { Way, World } from './world.ts'

export type OpenWorld = (way: Way) => Promise<World>

/** `openWorld` makes the tables, their truth and an archive job over them, and puts everything away afterwards. */
export const test = databaseTest.extend<{ openWorld: OpenWorld }>({
  openWorld: async ({ database }, use) => {
    const opened: World[] = []
    try {
      await use(async (way) => {
        const world = await openWorld(database, way)
        opened.push(world)
        return world
      })
    } finally {
      for (const world of opened.toReversed()) await world.close()
    }
  },
})
