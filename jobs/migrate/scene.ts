import type { Pace } from '../../src/engine/pace.ts'
import type { ExecuteContext } from '../../src/run/context.ts'
import type { Tally } from '../../src/run/job.ts'
import type { MigrateResult } from './result-model.ts'
import type { Progress } from './state/progress.ts'
import type { Steering } from './steering/steering.ts'
import type { Route, Settings } from './tables.ts'

/** What every phase works with. */
export interface Scene {
  readonly context: ExecuteContext
  readonly settings: Settings
  readonly route: Route
  readonly way: 'there' | 'back'
  readonly tally: Tally<MigrateResult>
  /** To be asked before every chunk; changes are applied whatever the load is, else they would only become more. */
  readonly pace: Pace
  readonly progress: Progress
  readonly steering: Steering
  /** How many rows there are, as far as is known. */
  readonly expectedRows: number
}
