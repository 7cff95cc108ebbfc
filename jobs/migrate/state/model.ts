import type { TableDefinition } from '../../../src/db/catalog.ts'
import type { Rename } from '../definition/alter-model.ts'
import type { Forecast } from '../estimate/forecast.ts'
import type { Blueprint } from '../shadow/blueprint.ts'

/**
 * In this order; a phase begins when what the one before had to do is done. `holding` only where an operator wants to say
 * when. After `done` the retired table is there until `finish`.
 */
export type Phase =
  | 'preparing'
  | 'copying'
  | 'indexing'
  | 'catchingUp'
  | 'checking'
  | 'holding'
  | 'cuttingOver'
  | 'done'

/** What an operator asked of a migration from another terminal. */
export type MigrationRequest = 'pause' | 'cutOver' | 'cancel'

/** Cells of a key, as `selectKey` reads them. */
export type Position = readonly string[]

/** What the migration is; fixed when it begins. */
export interface MigrationDefinition {
  /** The text of the configuration; another text is another migration. */
  readonly change: string
  readonly renames: readonly Rename[]
  /** Of the table as it was. */
  readonly sourceHash: string
  readonly target: TableDefinition
  readonly blueprint: Blueprint
  /** Constraints that have another name in the copy. */
  readonly constraints: readonly Rename[]
  readonly forecast: Forecast
  /** back: what was swapped is being taken back. */
  readonly way: 'there' | 'back'
}

/** How far it is; never ahead of what is committed. */
export interface MigrationProgress {
  /** The last key there was when the triggers were; undefined for an empty table, and before that. */
  readonly upTo?: Position | undefined
  /** Every row up to this key is copied. */
  readonly copied?: Position | undefined
  readonly checked?: Position | undefined
  readonly rowsCopied: number
  readonly changesApplied: number
  readonly rowsChecked: number
  readonly repaired: number
  /** What keeps copying back just now: `threads running 61, limit 50`. */
  readonly waitsFor?: string | undefined
  readonly throttledMs?: number
  /** Milliseconds that each phase took, over all runs. */
  readonly phaseMs: Readonly<Partial<Record<Phase, number>>>
}

export const noProgress: MigrationProgress = {
  rowsCopied: 0,
  changesApplied: 0,
  rowsChecked: 0,
  repaired: 0,
  phaseMs: {},
}

export interface Migration {
  readonly job: string
  readonly runId: string
  readonly phase: Phase
  readonly definition: MigrationDefinition
  readonly progress: MigrationProgress
  readonly request: MigrationRequest | undefined
  /** ISO text in UTC. */
  readonly startedAt: string
  readonly updatedAt: string
}
