import type { TableDefinition } from '../../../../src/db/catalog.ts'
import type { Pace } from '../../../../src/engine/pace.ts'
import type { ExecuteContext } from '../../../../src/run/context.ts'
import type { Progress } from '../../../../src/run/progress.ts'
import type { CounterTable, SourceTable, TotalTable } from '../../tables.ts'
import type { Asked } from './asked.ts'
import type { Shadow } from './shadow.ts'

/** What is counted anew, and found to be still there to be counted. */
export interface Rebuilding {
  readonly asked: Asked
  readonly source: SourceTable
  readonly counters: CounterTable & { readonly table: TableDefinition }
  readonly total: TotalTable | undefined
  readonly shadow: Shadow
}

export interface RebuildScene extends Rebuilding {
  readonly context: ExecuteContext
  /** To be asked before every transaction, with no session held. */
  readonly pace: Pace
  readonly progress: Progress
}
