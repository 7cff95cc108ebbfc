import { findColumn, type Index, type IndexPart, type TableDefinition } from '../../../src/db/catalog.ts'
import { type Fragment, id, raw, sql } from '../../../src/db/statement.ts'
import { isSameName } from '../definition/clause-tokens.ts'
import type { ColumnPair, Route } from '../tables.ts'
import { isSameType, isText } from '../values.ts'

export interface UniqueQuestion {
  readonly index: string
  readonly columns: readonly string[]
  /** What the new index will compare, of a row of the source. */
  readonly values: readonly Fragment[]
}

/**
 * Unique keys that the source does not have just so: two rows may be alike to them. Compared in the new collations and
 * prefixes: `google` and `Google` are two names in one collation, and one in another.
 */
export function listUniques({
  source,
  target,
  pairs,
}: Pick<Route, 'source' | 'target' | 'pairs'>): readonly UniqueQuestion[] {
  return target.indexes
    .filter((index) => index.isUnique && !isKept(index, source, pairs))
    .flatMap((index) => {
      const values = index.parts.map((part) => comparedValue(part, pairs))
      // A new column, or an expression: what it will hold is for the server to say.
      return values.every((value): value is Fragment => value !== undefined)
        ? [{ index: index.name, columns: index.columns, values }]
        : []
    })
}

function isKept(index: Index, source: TableDefinition, pairs: readonly ColumnPair[]): boolean {
  return source.indexes.some(
    (candidate) =>
      candidate.isUnique &&
      candidate.parts.length === index.parts.length &&
      candidate.parts.every((part, position) => isSamePart(part, index.parts[position], source, pairs)),
  )
}

function isSamePart(
  before: IndexPart,
  after: IndexPart | undefined,
  source: TableDefinition,
  pairs: readonly ColumnPair[],
): boolean {
  const pair = findPair(after, pairs)
  if (before.column === undefined || pair === undefined || after === undefined) return false
  const isSameColumn = findColumn(source, before.column)?.name === pair.source.name
  const holdsAll = isSameType(pair.source, pair.target) || pair.source.collation === pair.target.collation
  return isSameColumn && holdsAll && before.prefixLength === after.prefixLength
}

function findPair(part: IndexPart | undefined, pairs: readonly ColumnPair[]): ColumnPair | undefined {
  return pairs.find(({ target }) => part?.column !== undefined && isSameName(target.name, part.column))
}

function comparedValue(part: IndexPart, pairs: readonly ColumnPair[]): Fragment | undefined {
  const pair = findPair(part, pairs)
  if (pair === undefined) return undefined
  const { source, target } = pair
  const plain = sql`s.${id(source.name)}`
  const written = isText(target)
    ? sql`CONVERT(${plain} USING ${raw(target.characterSet ?? 'utf8mb4')}) COLLATE ${raw(target.collation ?? 'utf8mb4_bin')}`
    : plain
  return part.prefixLength === undefined ? written : sql`LEFT(${written}, ${part.prefixLength})`
}
