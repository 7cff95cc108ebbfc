import { type Database, openDatabase } from '../db/database.ts'
import type { PlanDestination, Read } from './context.ts'
import { readControl } from './control.ts'
import type { Launch } from './launch.ts'
import type { Releases } from './releases.ts'
import { databaseSettings } from './settings.ts'

/** The database a job writes to besides its own. */
export interface OpenedDestination {
  readonly database: Database
  readonly plan: PlanDestination
  readonly lease: string
}

export async function openDestination(
  { opened, config, surroundings }: Launch,
  runId: string,
  releases: Releases,
): Promise<OpenedDestination | undefined> {
  if (opened.destination === undefined) return undefined
  const { name, config: databaseConfig, lease } = opened.destination
  const database = await openDatabase({
    settings: databaseSettings(name, databaseConfig, runId),
    clock: surroundings.clock,
    kill: surroundings.control.kill,
  })
  releases.add(database.close)
  const control = await readControl(database, config, name)
  return { database, plan: { server: database.server, control, read: database.read }, lease }
}

/** Undefined without a configured replica. Connects at the first use; a connection that failed is tried again. */
export function createReplicaReader(
  { entry, config, surroundings }: Launch,
  runId: string,
  releases: Releases,
): Read | undefined {
  const databaseConfig = config.databases[entry.database]
  if (databaseConfig?.replica === undefined) return undefined
  const settings = databaseSettings(
    `${entry.database} (replica)`,
    { ...databaseConfig, url: databaseConfig.replica },
    runId,
  )
  let opening: Promise<Database> | undefined
  const open = async () => {
    const database = await openDatabase({
      settings,
      clock: surroundings.clock,
      kill: surroundings.control.kill,
    })
    releases.add(database.close)
    return database
  }
  return async (work) => {
    opening ??= open()
    const replica = await opening.catch((error) => {
      opening = undefined
      throw error
    })
    return replica.read(work)
  }
}
