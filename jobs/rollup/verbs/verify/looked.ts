import type { ComparedTotals } from './compare-totals.ts'
import type { Verifying } from './verifying.ts'
import type { Window } from './windows.ts'

/** What a verify looked at, for its report. */
export interface Looked {
  readonly verifying: Verifying
  readonly windows: readonly Window[]
  readonly totals: ComparedTotals
}
