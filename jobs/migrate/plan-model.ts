import { z } from 'zod'
import type { Strategy, TimeEstimate } from './result-model.ts'
import type { Phase } from './state/model.ts'

/** What the run shall do. A plan is evidence, not permission: every phase looks again before it acts. */
export type Step =
  /** One statement on the table itself, of the wanted kind where the server can. */
  | { readonly type: 'alter'; readonly algorithm: string }
  | { readonly type: 'copyAndSwap' }
  /** A migration that is under way goes on from here. */
  | { readonly type: 'goOn'; readonly phase: Phase }

/** Plain JSON. */
export interface MigratePlan {
  readonly asOf: string
  readonly strategy: Strategy
  /** Why this rung of the ladder and no gentler one. */
  readonly why: string
  readonly change: string
  readonly rows: number
  readonly bytes: number
  readonly indexBytes: number
  readonly steps: readonly Step[]
  readonly estimate: TimeEstimate | undefined
  /** What a plan that writes nothing could not know. */
  readonly assumptions: readonly string[]
  readonly notes: readonly string[]
  readonly statements: readonly string[]
}

export const emptyPlan: MigratePlan = {
  asOf: '',
  strategy: 'none',
  why: '',
  change: '',
  rows: 0,
  bytes: 0,
  indexBytes: 0,
  steps: [],
  estimate: undefined,
  assumptions: [],
  notes: [],
  statements: [],
}

/** A migration is planned in one page: the empty plan and the page fold to the page. */
export function addPlans(first: MigratePlan, second: MigratePlan): MigratePlan {
  return first.asOf === '' ? second : first
}

const stepTypes = ['alter', 'copyAndSwap', 'goOn'] as const satisfies readonly Step['type'][]

/** Guards against a file of another kind, not against a forger: every step looks again before it acts. */
export const savedPlan: z.ZodType<MigratePlan> = z.custom<MigratePlan>(
  (value) =>
    z
      .object({
        asOf: z.string(),
        change: z.string(),
        steps: z.array(z.object({ type: z.enum(stepTypes) }).loose()),
      })
      .loose()
      .safeParse(value).success,
  'is no plan of a migrate job',
)
