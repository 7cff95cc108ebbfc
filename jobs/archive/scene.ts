import type { Pace } from '../../src/engine/pace.ts'
import type { ExecuteContext } from '../../src/run/context.ts'
import type { JobSettings, Tally } from '../../src/run/job.ts'
import type { ArchiveConfig } from './config.ts'
import type { Cutoff } from './cutoff.ts'
import type { ArchiveResult } from './result-model.ts'
import type { Tables } from './tables.ts'

/** What every step works with. Tables are read anew after a step changed them. */
export interface Scene {
  readonly context: ExecuteContext
  readonly settings: JobSettings<ArchiveConfig>
  readonly tables: Tables
  readonly cutoff: Cutoff
  readonly tally: Tally<ArchiveResult>
  /** To be asked before every batch, with no session held. */
  readonly pace: Pace
}
