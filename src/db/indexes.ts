import type { Row } from './connection.ts'
import type { ReadSession } from './session.ts'
import { type Statement, sql, statement, type TableName } from './statement.ts'

export interface Index {
  readonly name: string
  readonly isUnique: boolean
  readonly kind: IndexKind
  /** In index order. An expression has the empty name here, which no column can have. */
  readonly columns: readonly string[]
  readonly parts: readonly IndexPart[]
}

/** Only a `btree` has an order. MariaDB keeps unique keys that are too long for one as `hash`. */
export type IndexKind = 'btree' | 'fulltext' | 'spatial' | 'hash' | 'vector'

export interface IndexPart {
  /** Undefined for an expression. */
  readonly column: string | undefined
  /** Characters, or bytes of a binary column; undefined when the whole value is indexed. */
  readonly prefixLength: number | undefined
  readonly isDescending: boolean
}

export async function readIndexes(
  session: Pick<ReadSession, 'rows'>,
  name: TableName,
): Promise<readonly Index[]> {
  const groups = groupByName(await session.rows(selectIndexes(name)))
  return [...groups].map(([indexName, entries]) => toIndex(indexName, entries))
}

function toIndex(name: string, entries: readonly Row[]): Index {
  const kind = toKind(entries[0])
  const parts = entries.map((entry) => toPart(entry, kind))
  const isUnique = String(entries[0]?.non_unique) === '0'
  return { name, isUnique, kind, columns: parts.map(({ column }) => column ?? ''), parts }
}

const indexKinds = new Map<string, IndexKind>([
  ['BTREE', 'btree'],
  ['HASH', 'hash'],
  ['FULLTEXT', 'fulltext'],
  ['SPATIAL', 'spatial'],
  ['RTREE', 'spatial'],
  ['VECTOR', 'vector'],
])

/** A kind of a server to come has no order that we could rely on, like a hash. */
function toKind(entry: Row | undefined): IndexKind {
  return indexKinds.get(String(entry?.index_type).toUpperCase()) ?? 'hash'
}

/** Both servers print a prefix of 32 for every spatial index, which nobody declared. */
function toPart({ column_name, sub_part, collation }: Row, kind: IndexKind): IndexPart {
  const isWhole = sub_part === null || kind === 'spatial'
  return {
    column: column_name === null ? undefined : String(column_name),
    prefixLength: isWhole ? undefined : Number(sub_part),
    isDescending: collation === 'D',
  }
}

function groupByName(rows: readonly Row[]): Map<string, Row[]> {
  const groups = new Map<string, Row[]>()
  for (const row of rows) {
    const name = String(row.index_name)
    groups.set(name, [...(groups.get(name) ?? []), row])
  }
  return groups
}

function selectIndexes({ schema, table }: TableName): Statement {
  return statement(
    'catalog.select-indexes',
    sql`SELECT INDEX_NAME AS index_name, NON_UNIQUE AS non_unique, INDEX_TYPE AS index_type, COLUMN_NAME AS column_name,
        SUB_PART AS sub_part, COLLATION AS collation
      FROM information_schema.STATISTICS
      WHERE TABLE_SCHEMA = ${schema} AND TABLE_NAME = ${table} ORDER BY INDEX_NAME, SEQ_IN_INDEX`,
  )
}
