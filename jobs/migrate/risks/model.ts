import type { Fragment } from '../../../src/db/statement.ts'

/**
 * refuse: an INSERT in our sessions, which are strict, would fail at such a row, hours later. change: the value would become
 * another without a word.
 */
export type Weight = 'refuse' | 'change'

/** A question about every row of the table, whose columns are named with `s`. */
export interface Risk {
  readonly weight: Weight
  readonly column: string
  /** `is NULL, and note is to be NOT NULL`: behind "rows whose title". */
  readonly what: string
  readonly condition: Fragment
}

export interface RiskFinding {
  readonly weight: Weight
  /** A sentence with the count. */
  readonly text: string
  readonly count: number
  /** Keys of the first few, as people read them. */
  readonly samples: readonly string[]
}
