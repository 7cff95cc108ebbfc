import { z } from 'zod'
import type { TableName } from '../../src/db/statement.ts'
import type { KeyCells } from './events/key.ts'
import type { TopEntry } from './result-model.ts'
import type { Guarantee, Strategy } from './strategy/choose.ts'

/** What the run shall do, in this order. A plan is evidence, not permission: every step looks again before it acts. */
export type Step =
  /** Tables of rollup's own that are not there yet. */
  | { readonly type: 'createTable'; readonly table: TableName; readonly statement: string }
  | ConsumeStep
  | RotateStep
  /** Tables that runs put aside when they still rotated. */
  | { readonly type: 'settleSegments'; readonly begun: readonly string[] }
  | RecomputeStep

/** Events up to this key are counted and deleted; what comes later waits for the next run. */
export interface ConsumeStep {
  readonly type: 'consume'
  readonly upTo: KeyCells
  readonly events: number
}

/** The table is put aside, counted and put away, after those that an earlier run put aside. */
export interface RotateStep {
  readonly type: 'rotate'
  readonly events: number
  /** Tables that were put aside before, and are not gone yet. */
  readonly begun: readonly string[]
  /** Milliseconds that a counted table is kept. */
  readonly hold: number
}

/** Buckets of the smallest size, by their starts; larger ones are summed from them. */
export interface RecomputeStep {
  readonly type: 'recompute'
  readonly from: string
  readonly to: string
  /** About how many events lie in them. */
  readonly events: number
}

export interface Waiting {
  readonly events: number
  /** Counting ends at a bound; beyond it the server's estimate stands. */
  readonly counted: 'exactly' | 'estimated'
  /** As the column has it. */
  readonly oldest: string | undefined
  readonly newest: string | undefined
}

/** Seconds, and what the figures rest on. */
export interface Estimate {
  readonly lowSeconds: number
  readonly highSeconds: number
  readonly basis: 'earlier runs' | 'a guess'
}

/** Plain JSON. */
export interface RollupPlan {
  readonly asOf: string
  /** Undefined for a job that only imports files. */
  readonly strategy: Strategy | undefined
  readonly why: string
  readonly guarantee: Guarantee | undefined
  readonly timeZone: string
  readonly waiting: Waiting
  readonly steps: readonly Step[]
  readonly estimate: Estimate | undefined
  /** What the waiting events would change most, of a part of them. */
  readonly top: readonly TopEntry[]
  readonly notes: readonly string[]
  readonly statements: readonly string[]
}

export const emptyPlan: RollupPlan = {
  asOf: '',
  strategy: undefined,
  why: '',
  guarantee: undefined,
  timeZone: 'UTC',
  waiting: { events: 0, counted: 'exactly', oldest: undefined, newest: undefined },
  steps: [],
  estimate: undefined,
  top: [],
  notes: [],
  statements: [],
}

/** Rollup plans in one page: the empty plan and the page fold to the page. */
export function addPlans(first: RollupPlan, second: RollupPlan): RollupPlan {
  return first.asOf === '' ? second : first
}

const stepTypes = [
  'createTable',
  'consume',
  'rotate',
  'settleSegments',
  'recompute',
] as const satisfies readonly Step['type'][]

/** Guards against a file of another kind, not against a forger: every step looks again before it acts. */
export const savedPlan: z.ZodType<RollupPlan> = z.custom<RollupPlan>(
  (value) =>
    z
      .object({
        asOf: z.string(),
        waiting: z.object({ events: z.number() }).loose(),
        steps: z.array(z.object({ type: z.enum(stepTypes) }).loose()),
      })
      .loose()
      .safeParse(value).success,
  'is no plan of a rollup job',
)
