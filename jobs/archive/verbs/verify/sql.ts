import type { Column } from '../../../../src/db/catalog.ts'
import {
  type Fragment,
  id,
  join,
  nothing,
  raw,
  type Statement,
  sql,
  statement,
  type TableName,
  tableId,
} from '../../../../src/db/statement.ts'
import type { Digest } from '../../../../src/engine/chunks/digest.ts'
import { after, keyIn, orderBy } from '../../../../src/engine/chunks/keyset.ts'
import { controlTable } from '../../../../src/run/sql.ts'
import { inPage, selectKeys } from '../../exchange/sql.ts'
import type { LedgerMonth } from '../../ledger/months.ts'
import type { MonthOf } from '../../ledger/sql.ts'
import type { Key } from '../../move/sql.ts'
import { idOf } from '../../sql.ts'

/** Statements of verifying, beside those it shares with other rooms. */

/** What a month was found to hold, and the columns that was said of. */
export interface Content {
  readonly digest: Digest
  readonly definition: string
}

/** Only while the ledger says exactly this of the month. */
export function markVerified(of: MonthOf, content: Content): Statement {
  return setVerified('archive.mark-verified', of, { content, at: raw('UTC_TIMESTAMP(3)') })
}

export function unmarkVerified(of: MonthOf, content: Content): Statement {
  return setVerified('archive.unmark-verified', of, { content, at: raw('NULL') })
}

function setVerified(
  name: string,
  of: MonthOf,
  { content, at }: { content: Content; at: Fragment },
): Statement {
  return statement(
    name,
    sql`UPDATE ${controlTable(of.schema, 'month')} SET verified_at = ${at}
      WHERE ${isMonth(of)} AND state IN ('open', 'held') AND ${hasContent(content)}`,
  )
}

/** Only while the ledger says of the month what it said `before`. */
export function adoptMonth(
  of: MonthOf,
  before: LedgerMonth,
  { digest, definition, runId }: Content & { readonly runId: string },
): Statement {
  return statement(
    'archive.adopt-month',
    sql`UPDATE ${controlTable(of.schema, 'month')}
      SET row_count = ${digest.rows}, checksum_xor = ${digest.xor}, checksum_sum = ${digest.sum},
        definition = ${definition}, run_id = ${runId}, verified_at = UTC_TIMESTAMP(3), updated_at = UTC_TIMESTAMP(3),
        state = IF(state = 'held', 'held', 'open')
      WHERE ${isMonth(of)} AND state = ${before.state} AND ${hasContent(before)}`,
  )
}

function isMonth({ archive, month }: MonthOf): Fragment {
  return sql`archive_schema = ${archive.schema} AND archive_table = ${archive.table} AND month = ${month}`
}

function hasContent({ digest, definition }: Content): Fragment {
  return sql`row_count = ${digest.rows} AND checksum_xor = ${digest.xor} AND checksum_sum = ${digest.sum}
    AND definition = ${definition}`
}

/** A table, and the index whose order its rows are read in. */
export interface Indexed {
  readonly name: TableName
  readonly index: string
}

/** From the first to the last key, both with all their rows. */
export interface KeyBounds {
  readonly first: Key
  readonly last: Key
}

/** The lowest or the highest key of some partitions. */
export function selectEdge(
  { name, index }: Indexed,
  key: readonly Column[],
  { partitions, end }: { readonly partitions: readonly string[]; readonly end: 'first' | 'last' },
): Statement {
  const direction = raw(end === 'first' ? '' : ' DESC')
  const order = join(key.map((column) => sql`${idOf(column)}${direction}`))
  return statement(
    'archive.select-edge',
    sql`SELECT ${selectKeys(key)} FROM ${tableId(name)} PARTITION (${join(partitions.map(id))})
      FORCE INDEX (${id(index)}) ORDER BY ${order} LIMIT 1`,
  )
}

/** The next rows of all partitions together, in the order of `walk`, which begins with the key. */
export function selectKeyPage(
  archive: Indexed,
  walk: readonly Column[],
  page: {
    readonly key: readonly Column[]
    readonly bounds: KeyBounds | undefined
    readonly last: Key | undefined
    readonly rows: number
  },
): Statement {
  const bounds = page.bounds === undefined ? nothing : sql` AND ${isWithin(page.key, page.bounds)}`
  return statement(
    'archive.select-key-page',
    sql`SELECT ${selectKeys(walk)} FROM ${along(archive)}
      WHERE ${inPage(walk, { last: page.last, until: undefined })}${bounds} ${orderBy(namesOf(walk))}
      LIMIT ${page.rows}`,
  )
}

function isWithin(key: readonly Column[], { first, last }: KeyBounds): Fragment {
  const columns = key.map(idOf)
  const isFirst = join(
    columns.map((column, position) => sql`${column} = ${first[position] ?? null}`),
    ' AND ',
  )
  return sql`(${after(columns, first)} OR (${isFirst})) AND NOT ${after(columns, last)}`
}

/** Which of these keys are there. */
export function selectPresent(table: Indexed, key: readonly Column[], keys: readonly Key[]): Statement {
  return statement(
    'archive.select-present',
    sql`SELECT ${selectKeys(key)} FROM ${along(table)} WHERE ${keyIn(namesOf(key), keys)}`,
  )
}

/** Left alone, both optimizers read a small table whole for a long list of keys. */
function along({ name, index }: Indexed): Fragment {
  return sql`${tableId(name)} FORCE INDEX (${id(index)})`
}

function namesOf(columns: readonly Column[]): readonly string[] {
  return columns.map(({ name }) => name)
}
