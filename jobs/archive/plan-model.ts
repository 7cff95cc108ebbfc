import { z } from 'zod'
import type { TableName } from '../../src/db/statement.ts'
import type { PartitionChange } from './partitions/changes.ts'
import type { Month } from './partitions/months.ts'

/** What the run shall do, in this order. A plan is evidence, not permission: every step looks again before it acts. */
export type Step =
  /** An archive table that is not there yet; one for the table itself and one for each child. */
  | { readonly type: 'createArchive'; readonly table: TableName; readonly statements: readonly string[] }
  | {
      readonly type: 'changePartitions'
      readonly table: TableName
      readonly changes: readonly PartitionChange[]
    }
  /** Batches of another server that a killed run left between its two commits. */
  | { readonly type: 'settleJournal'; readonly batches: number }
  | MoveStep
  | ExchangeStep
  | RotateStep
  | DropStep

/** Rows of one month, batch by batch: on the same server or to another one. */
export interface MoveStep {
  readonly type: 'moveMonth'
  readonly month: Month
  readonly rows: number
  /** With the rows of children that belong to them. */
  readonly bytes: number
}

/** A whole month by exchanging partitions. */
export interface ExchangeStep {
  readonly type: 'exchangeMonth'
  readonly month: Month
  /** Of the live table. */
  readonly partition: string
  readonly rows: number
  readonly bytes: number
}

/** A month of the archive table that is older than `keep`: exported if wished, then taken out and held. */
export interface RotateStep {
  readonly type: 'rotateMonth'
  readonly month: Month
  readonly rows: number
  readonly bytes: number
  readonly exportFile: string | undefined
}

/** A held month whose time is over. */
export interface DropStep {
  readonly type: 'dropHeld'
  readonly month: Month
  readonly rows: number
  readonly heldTable: string
}

export interface MonthCount {
  readonly month: Month
  readonly rows: number
  readonly bytes: number
  /** Counting ends at a bound; beyond it the server's estimate stands. */
  readonly counted: 'exactly' | 'estimated'
  readonly how: 'batches' | 'exchange'
}

/** Rows that stay although they may look old enough, with the reason in words. */
export interface Kept {
  readonly reason: string
  /** Undefined when it is not counted. */
  readonly rows: number | undefined
}

/** Seconds, and what the figures rest on. */
export interface Estimate {
  readonly lowSeconds: number
  readonly highSeconds: number
  readonly basis: 'earlier runs' | 'a guess'
}

/** Bytes, of the live table or of the archive table. */
export interface Size {
  readonly dataBytes: number
  readonly indexBytes: number
  readonly freeBytes: number
  readonly fileBytes: number | undefined
}

/** Plain JSON. */
export interface ArchivePlan {
  readonly asOf: string
  /** The instant rows must be older than, ISO text in UTC. */
  readonly cutoff: string
  /** The same as it stands in the statements. */
  readonly cutoffLiteral: string
  readonly timeZone: string
  readonly months: readonly MonthCount[]
  /** About how many rows of each child move with them. */
  readonly children: readonly { readonly table: string; readonly rows: number }[]
  readonly kept: readonly Kept[]
  readonly steps: readonly Step[]
  readonly estimate: Estimate | undefined
  readonly binaryLogBytes: number
  readonly size: { readonly source: Size; readonly target: Size | undefined } | undefined
  /** Left out of a new archive table, and other things to know. */
  readonly notes: readonly string[]
  /** The statements of a batch and of the partition changes, with `?` for values. */
  readonly statements: readonly string[]
}

export const emptyPlan: ArchivePlan = {
  asOf: '',
  cutoff: '',
  cutoffLiteral: '',
  timeZone: 'UTC',
  months: [],
  children: [],
  kept: [],
  steps: [],
  estimate: undefined,
  binaryLogBytes: 0,
  size: undefined,
  notes: [],
  statements: [],
}

/** Archive plans in one page: the empty plan and the page fold to the page. */
export function addPlans(first: ArchivePlan, second: ArchivePlan): ArchivePlan {
  return first.asOf === '' ? second : first
}

const stepTypes = [
  'createArchive',
  'changePartitions',
  'settleJournal',
  'moveMonth',
  'exchangeMonth',
  'rotateMonth',
  'dropHeld',
] as const satisfies readonly Step['type'][]

/** Guards against a file of another kind, not against a forger: every step looks again before it acts. */
export const savedPlan: z.ZodType<ArchivePlan> = z.custom<ArchivePlan>(
  (value) =>
    z
      .object({
        asOf: z.string(),
        cutoff: z.string(),
        months: z.array(z.object({ month: z.string(), rows: z.number() }).loose()),
        steps: z.array(z.object({ type: z.enum(stepTypes) }).loose()),
      })
      .loose()
      .safeParse(value).success,
  'is no plan of an archive job',
)
