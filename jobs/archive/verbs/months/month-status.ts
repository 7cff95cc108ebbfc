import { unreachable } from '../../../../src/lib/errors.ts'
import type { CountedMonth } from '../../count-months.ts'
import type { LedgerMonth } from '../../ledger/months.ts'
import type { Month } from '../../partitions/months.ts'
import type { MonthPartition } from '../../partitions/partition-map.ts'

export type Whereabouts = 'live table' | 'archive table' | 'held' | 'dropped' | 'under way'

/**
 * verified: read whole and found to be what the ledger says, and not changed since · copied: every row was proven when it
 * came · unproven: it holds rows of unknown origin, or was altered · nothing: it holds nothing to be proven.
 */
export type Proof = 'verified' | 'copied' | 'unproven' | 'nothing'

/** One month of one archive table, and of its live table where rows of it are still to go. */
export interface MonthStatus {
  readonly month: Month
  readonly liveRows: number
  readonly archivedRows: number
  readonly counted: 'exactly' | 'estimated'
  readonly bytes: number
  readonly where: readonly Whereabouts[]
  readonly proof: Proof
  readonly verifiedAt: string | undefined
  readonly pinnedAt: string | undefined
  readonly heldTable: string | undefined
  readonly heldUntil: string | undefined
  readonly exportFile: string | undefined
}

/** An archive table with its months. */
export interface TableMonths {
  readonly table: string
  readonly months: readonly MonthStatus[]
  /** Those that are not of one month. */
  readonly odd: readonly MonthPartition[]
}

export interface MonthFacts {
  readonly month: Month
  readonly live: CountedMonth | undefined
  readonly liveBytes: number
  readonly partition: MonthPartition | undefined
  /** Of the partition, where the ledger does not say. */
  readonly found: { readonly rows: number; readonly counted: 'exactly' | 'estimated' } | undefined
  readonly ledger: LedgerMonth | undefined
}

export function statusOf({ month, live, liveBytes, partition, found, ledger }: MonthFacts): MonthStatus {
  const archivedRows = found?.rows ?? ledgerRows(ledger)
  const isEstimated = found?.counted === 'estimated' || live?.counted === 'estimated'
  return {
    month,
    liveRows: live?.rows ?? 0,
    archivedRows,
    counted: isEstimated ? 'estimated' : 'exactly',
    bytes: liveBytes + (archivedRows === 0 ? 0 : (partition?.bytes ?? 0)),
    where: [...(live === undefined ? [] : (['live table'] as const)), ...whereOf(ledger, archivedRows)],
    proof: proofOf(ledger, archivedRows),
    verifiedAt: ledger?.verifiedAt,
    pinnedAt: ledger?.pinnedAt,
    heldTable: ledger?.heldTable,
    heldUntil: ledger?.heldUntil,
    exportFile: ledger?.exportFile,
  }
}

/** Whether the ledger can be asked how many rows a month has; otherwise they are counted. */
export function isAccounted(ledger: LedgerMonth | undefined): boolean {
  return ledger !== undefined && ledger.state !== 'unproven'
}

function ledgerRows(ledger: LedgerMonth | undefined): number {
  return ledger === undefined || ledger.state === 'dropped' ? 0 : Number(ledger.digest.rows)
}

function whereOf(ledger: LedgerMonth | undefined, rows: number): readonly Whereabouts[] {
  const here: readonly Whereabouts[] = rows === 0 ? [] : ['archive table']
  const state = ledger?.state
  switch (state) {
    case undefined:
    case 'open':
    case 'unproven':
      return here
    case 'exchanging':
    case 'rotating':
      return ['under way']
    case 'held':
      return ['held']
    case 'dropped':
      return ['dropped']
    default:
      return unreachable(state)
  }
}

function proofOf(ledger: LedgerMonth | undefined, rows: number): Proof {
  if (ledger?.state === 'dropped' || rows === 0) return 'nothing'
  if (ledger === undefined || ledger.state === 'unproven') return 'unproven'
  return ledger.verifiedAt === undefined ? 'copied' : 'verified'
}
