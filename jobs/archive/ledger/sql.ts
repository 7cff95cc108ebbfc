import type { Column } from '../../../src/db/catalog.ts'
import {
  type Fragment,
  join,
  raw,
  type Statement,
  sql,
  statement,
  type TableName,
  tableId,
  type Value,
} from '../../../src/db/statement.ts'
import type { Digest } from '../../../src/engine/chunks/digest.ts'
import { controlTable } from '../../../src/run/sql.ts'
import type { AgeRange } from '../cutoff.ts'
import type { Month } from '../partitions/months.ts'
import { inRange } from '../sql.ts'
import type { MonthState } from './ledger-month.ts'

/** Statements of the month ledger: what every month of an archive table must hold. */

export function selectMonths(schema: string, archive: TableName): Statement {
  return statement(
    'archive.select-months',
    sql`SELECT month, state, row_count, checksum_xor, checksum_sum, definition, verified_at, pinned_at, held_table,
        held_until, export_file, export_sha256
      FROM ${controlTable(schema, 'month')} WHERE ${isArchive(archive)} ORDER BY month`,
  )
}

export interface MonthOf {
  /** The schema of the control tables, on the server of the archive table. */
  readonly schema: string
  readonly archive: TableName
  readonly month: Month
}

export function selectMonthForUpdate({ schema, archive, month }: MonthOf): Statement {
  return statement(
    'archive.select-month',
    sql`SELECT state, definition FROM ${controlTable(schema, 'month')}
      WHERE ${isArchive(archive)} AND month = ${month} FOR UPDATE`,
  )
}

/** Whether the month holds any row. */
export function probeMonth(archive: TableName, age: Column, range: AgeRange): Statement {
  return statement(
    'archive.probe-month',
    sql`SELECT 1 AS found FROM ${tableId(archive)} WHERE ${inRange(age, range)} LIMIT 1`,
  )
}

/** The first word about a month; leaves one that is known as it is. */
export function beginMonth(
  { schema, archive, month }: MonthOf,
  first: { state: MonthState; digest: Digest; definition: string; runId: string },
): Statement {
  return statement(
    'archive.begin-month',
    sql`INSERT INTO ${controlTable(schema, 'month')}
        (archive_schema, archive_table, month, state, row_count, checksum_xor, checksum_sum, definition, run_id, updated_at)
      VALUES (${archive.schema}, ${archive.table}, ${month}, ${first.state}, ${first.digest.rows}, ${first.digest.xor},
        ${first.digest.sum}, ${first.definition}, ${first.runId}, UTC_TIMESTAMP(3))
      ON DUPLICATE KEY UPDATE month = month`,
  )
}

/** Rows put into the month. In the transaction that puts them there. */
export function addToMonth(of: MonthOf, digest: Digest, runId: string): Statement {
  return changeDigest(of, digest, { name: 'archive.add-to-month', sign: '+', runId })
}

/** Rows taken out of the month. In the transaction that takes them away. */
export function takeFromMonth(of: MonthOf, digest: Digest, runId: string): Statement {
  return changeDigest(of, digest, { name: 'archive.take-from-month', sign: '-', runId })
}

function changeDigest(
  of: MonthOf,
  { rows, xor, sum }: Digest,
  { name, sign, runId }: { name: string; sign: '+' | '-'; runId: string },
): Statement {
  const operator = raw(sign)
  return statement(
    name,
    sql`UPDATE ${controlTable(of.schema, 'month')}
      SET row_count = row_count ${operator} ${rows}, checksum_xor = checksum_xor ^ ${xor},
        checksum_sum = checksum_sum ${operator} ${sum}, verified_at = NULL, run_id = ${runId}, updated_at = UTC_TIMESTAMP(3)
      WHERE ${isArchive(of.archive)} AND month = ${of.month}`,
  )
}

/** `undefined` leaves a column as it is; times are ISO-like control time text or null. */
export interface MonthChange {
  readonly state?: MonthState
  readonly digest?: Digest
  readonly definition?: string
  readonly verifiedAt?: string | null
  readonly pinnedAt?: string | null
  readonly pinnedBy?: string | null
  readonly heldTable?: string | null
  readonly heldUntil?: string | null
  readonly exportFile?: string | null
  readonly exportSha256?: string | null
}

export function changeMonth(of: MonthOf, change: MonthChange, runId: string): Statement {
  const { digest } = change
  const assigned: readonly [string, Value | undefined][] = [
    ['state', change.state],
    ['row_count', digest?.rows],
    ['checksum_xor', digest?.xor],
    ['checksum_sum', digest?.sum],
    ['definition', change.definition],
    ['verified_at', change.verifiedAt],
    ['pinned_at', change.pinnedAt],
    ['pinned_by', change.pinnedBy],
    ['held_table', change.heldTable],
    ['held_until', change.heldUntil],
    ['export_file', change.exportFile],
    ['export_sha256', change.exportSha256],
    ['run_id', runId],
  ]
  const assignments = assigned.flatMap(([column, value]): Fragment[] =>
    value === undefined ? [] : [sql`${raw(column)} = ${value}`],
  )
  return statement(
    'archive.change-month',
    sql`UPDATE ${controlTable(of.schema, 'month')} SET ${join(assignments)}, updated_at = UTC_TIMESTAMP(3)
      WHERE ${isArchive(of.archive)} AND month = ${of.month}`,
  )
}

function isArchive(archive: TableName): Fragment {
  return sql`archive_schema = ${archive.schema} AND archive_table = ${archive.table}`
}
