import type { Pace } from '../../src/engine/pace.ts'
import type { ExecuteContext, PlanContext } from '../../src/run/context.ts'
import type { JobSettings, Tally } from '../../src/run/job.ts'
import type { Progress } from '../../src/run/progress.ts'
import type { ArchiveConfig } from './config.ts'
import type { Cutoff } from './cutoff.ts'
import type { LedgerMonth } from './ledger/months.ts'
import type { ArchiveResult } from './result-model.ts'
import type { Tables } from './tables.ts'
import type { Counting } from './uncounted.ts'

/** What planning works with, in every room of the job. */
export interface PlanScene {
  readonly context: PlanContext
  readonly settings: JobSettings<ArchiveConfig>
  readonly tables: Tables
  readonly cutoff: Cutoff
  /** What is known of the months of the archive table. */
  readonly ledger: ReadonlyMap<string, LedgerMonth>
  /** Rollup jobs that count the live table, and those that count the archive table. */
  readonly counting: { readonly live: readonly Counting[]; readonly archive: readonly Counting[] }
}

/** What every step works with. Tables are read anew after a step changed them. */
export interface Scene {
  readonly context: ExecuteContext
  readonly settings: JobSettings<ArchiveConfig>
  readonly tables: Tables
  readonly cutoff: Cutoff
  readonly tally: Tally<ArchiveResult>
  /** To be asked before every batch, with no session held. */
  readonly pace: Pace
  readonly progress: Progress
}
