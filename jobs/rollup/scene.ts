import type { Pace } from '../../src/engine/pace.ts'
import type { ExecuteContext, PlanContext } from '../../src/run/context.ts'
import type { Tally } from '../../src/run/job.ts'
import type { Progress } from '../../src/run/progress.ts'
import type { WallClock } from './buckets/wall-clock.ts'
import type { RollupResult } from './result-model.ts'
import type { Settings, SourceTable, Tables } from './tables.ts'

export interface PlanScene {
  readonly context: PlanContext
  readonly settings: Settings
  readonly tables: Tables
}

/** What adding to counters needs. */
export interface CountScene {
  readonly context: ExecuteContext
  readonly settings: Settings
  readonly tables: Tables
}

/** What every step works with. */
export interface Scene extends CountScene {
  readonly source: SourceTable
  /** From the times of events to the clock of the buckets. */
  readonly clock: WallClock
  readonly tally: Tally<RollupResult>
  /** To be asked before every batch, with no session held. */
  readonly pace: Pace
  readonly progress: Progress
}
