import { createHash } from 'node:crypto'
import type { Column } from '../../../src/db/catalog.ts'
import type { Row } from '../../../src/db/connection.ts'
import { fromControlTime } from '../../../src/db/date-time.ts'
import type { ReadSession } from '../../../src/db/session.ts'
import type { TableName } from '../../../src/db/statement.ts'
import type { Digest } from '../../../src/engine/chunks/digest.ts'
import type { Month } from '../partitions/months.ts'
import { selectMonths } from './sql.ts'

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

/** Nothing is known of any month while the control tables are missing. */
export async function readMonths(
  session: Pick<ReadSession, 'rows'>,
  control: { readonly schema: string; readonly isInstalled: boolean },
  archive: TableName,
): Promise<ReadonlyMap<Month, LedgerMonth>> {
  if (!control.isInstalled) return new Map()
  const rows = await session.rows(selectMonths(control.schema, archive))
  return new Map(rows.map(toLedgerMonth).map((month) => [month.month, month]))
}

/** A digest says something about these columns only; after an ALTER it cannot be compared any more. */
export function definitionOf(columns: readonly Column[]): string {
  const parts = columns.map(({ name, columnType, collation }) => [name, columnType, collation])
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex')
}

function toLedgerMonth(row: Row): LedgerMonth {
  return {
    month: String(row.month),
    state: String(row.state) as MonthState,
    digest: {
      rows: BigInt(String(row.row_count)),
      xor: BigInt(String(row.checksum_xor)),
      sum: BigInt(String(row.checksum_sum)),
    },
    definition: String(row.definition),
    verifiedAt: timeOf(row.verified_at),
    pinnedAt: timeOf(row.pinned_at),
    heldTable: textOf(row.held_table),
    heldUntil: timeOf(row.held_until),
    exportFile: textOf(row.export_file),
    exportSha256: textOf(row.export_sha256),
  }
}

function textOf(cell: Row[string] | undefined): string | undefined {
  return cell === null || cell === undefined ? undefined : String(cell)
}

function timeOf(cell: Row[string] | undefined): string | undefined {
  const text = textOf(cell)
  return text === undefined ? undefined : fromControlTime(text)
}
