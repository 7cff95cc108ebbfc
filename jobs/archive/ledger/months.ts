import { createHash } from 'node:crypto'
import type { Column } from '../../../src/db/catalog.ts'
import type { Row } from '../../../src/db/connection.ts'
import { fromControlTime } from '../../../src/db/date-time.ts'
import type { ReadSession } from '../../../src/db/session.ts'
import type { TableName } from '../../../src/db/statement.ts'
import type { Month } from '../partitions/months.ts'
import type { LedgerMonth, MonthState } from './ledger-month.ts'
import { selectMonths } from './sql.ts'

export type { LedgerMonth, MonthState }

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
