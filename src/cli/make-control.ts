import { installState, stateStatus } from '../run/state.ts'
import { chooseDatabase } from './choose-database.ts'
import type { Desk } from './desk.ts'
import type { Invocation } from './shell.ts'

/** Without a configuration file nobody has made rowkeeper's own tables before; a run cannot do without them. */
export async function makeMissingControl(desk: Desk, invocation: Invocation): Promise<void> {
  if (invocation.configuration?.control !== 'made') return
  const options = {
    database: chooseDatabase(desk, undefined),
    surroundings: desk.surroundings,
    migrations: await invocation.shell.loadMigrations(),
  }
  const { result } = await stateStatus(options)
  if (result.status === 'installed') return
  desk.tell(`rowkeeper's own tables are not there yet: making them in ${result.schema} (rowkeeper_…).\n`)
  await installState(options)
}
