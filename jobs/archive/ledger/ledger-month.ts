import type { Digest } from '../../../src/engine/chunks/digest.ts'
import type { Month } from '../partitions/months.ts'

/**
 * What a month of an archive table must hold, kept up in the transactions that put rows in or take them out. Digests
 * add up, so the whole month can be proven later without the live table.
 * open: rows may come and go, all of them counted here · unproven: it holds rows of unknown origin too ·
 * exchanging, rotating: a step of several DDL statements is under way · held: taken out, can be brought back ·
 * dropped: gone.
 */
export type MonthState = 'open' | 'unproven' | 'exchanging' | 'rotating' | 'held' | 'dropped'

export interface LedgerMonth {
  readonly month: Month
  readonly state: MonthState
  readonly digest: Digest
  /** `definitionOf` the columns that the digest is over. */
  readonly definition: string
  /** ISO text in UTC, as all times here. */
  readonly verifiedAt: string | undefined
  /** Restored by an operator: neither archived nor rotated until it is released. */
  readonly pinnedAt: string | undefined
  readonly heldTable: string | undefined
  readonly heldUntil: string | undefined
  readonly exportFile: string | undefined
  readonly exportSha256: string | undefined
}
