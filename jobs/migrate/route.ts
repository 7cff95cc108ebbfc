import { type Column, findColumn, type Index, type TableDefinition } from '../../src/db/catalog.ts'
import { isExactKey } from '../../src/engine/chunks/keyset.ts'
import type { Rename } from './definition/alter-model.ts'
import { isSameName } from './definition/clause-tokens.ts'
import type { Artefacts } from './names.ts'
import type { ColumnPair, Route, RouteKey, TableProblem } from './tables.ts'
import { isInteger, isSameType, isText } from './values.ts'

/** In the order of the target. A column that the server computes in the target is not carried. */
export function pairColumns(
  source: TableDefinition,
  target: TableDefinition,
  renames: readonly Rename[],
): readonly ColumnPair[] {
  return target.columns.flatMap((column) => {
    if (column.isGenerated) return []
    const from = findOrigin(source, column, renames)
    return from === undefined ? [] : [{ source: from, target: column }]
  })
}

/** A column renamed away leaves its name to a new one, which begins without values. */
function findOrigin(
  source: TableDefinition,
  { name }: Column,
  renames: readonly Rename[],
): Column | undefined {
  const renamed = renames.find(({ to }) => isSameName(to, name))
  if (renamed !== undefined) return findColumn(source, renamed.from)
  const isGone = renames.some(({ from }) => isSameName(from, name))
  return isGone ? undefined : findColumn(source, name)
}

/** The way there. */
export function planRoute(
  source: TableDefinition,
  target: TableDefinition,
  renames: readonly Rename[],
  { shadow, retired, changelog }: Pick<Artefacts, 'shadow' | 'retired' | 'changelog'>,
): { readonly route: Route } | { readonly problem: TableProblem } {
  const pairs = pairColumns(source, target, renames)
  const key = findKey(source, target, pairs)
  if (key === undefined) return { problem: noKey(source) }
  return { route: { source, target, shadow, retired, changelog, pairs, key } }
}

/** PRIMARY first. Both tables must have a unique index on the same columns, else no row could be found again. */
function findKey(
  source: TableDefinition,
  target: TableDefinition,
  pairs: readonly ColumnPair[],
): RouteKey | undefined {
  const candidates = source.indexes.toSorted((left) => (left.name === 'PRIMARY' ? -1 : 1))
  for (const index of candidates) {
    const keyPairs = pairKey(source, index, pairs)
    if (keyPairs === undefined) continue
    const names = keyPairs.map(({ target: { name } }) => name)
    const targetIndex = target.indexes.find((candidate) => isKeyOn(target, candidate, names))
    if (targetIndex !== undefined)
      return { pairs: keyPairs, sourceIndex: index.name, targetIndex: targetIndex.name }
  }
  return undefined
}

function pairKey(
  source: TableDefinition,
  index: Index,
  pairs: readonly ColumnPair[],
): readonly ColumnPair[] | undefined {
  if (!isUsable(source, index)) return undefined
  const keyPairs = index.columns.map((name) => pairs.find((pair) => isSameName(pair.source.name, name)))
  const isCarried = keyPairs.every((pair): pair is ColumnPair => pair !== undefined)
  return isCarried && keyPairs.every(keepsOrder) ? keyPairs : undefined
}

const ordered = ['decimal', 'date', 'datetime', 'timestamp', 'time', 'year']

/**
 * Behind the point. A key that loses some is another one in the copy: the row would not be found there any more, and one that
 * is deleted meanwhile would come back with the swap.
 */
function digitsOf({ dataType, columnType }: Column): number {
  const form = dataType === 'decimal' ? /,(\d+)\)/ : /\((\d)\)/
  return Number(form.exec(columnType)?.[1] ?? 0)
}

/** A range of keys is compared with the same range of the copy: both must have them in one order. */
function keepsOrder({ source, target }: ColumnPair): boolean {
  if (isSameType(source, target)) return true
  if (isInteger(source)) return isInteger(target)
  if (ordered.includes(source.dataType))
    return source.dataType === target.dataType && digitsOf(target) >= digitsOf(source)
  return isText(source) && isText(target) && source.collation === target.collation
}

/** Whole columns in rising order, without NULL, each of which can be read and sent back as it is. */
function isUsable(table: TableDefinition, { isUnique, kind, parts }: Index): boolean {
  if (!isUnique || kind !== 'btree') return false
  return parts.every(({ column, prefixLength, isDescending }) => {
    const found = column === undefined ? undefined : findColumn(table, column)
    if (found === undefined || prefixLength !== undefined || isDescending) return false
    return !found.isNullable && isExactKey(found)
  })
}

function isKeyOn(table: TableDefinition, index: Index, names: readonly string[]): boolean {
  if (!index.isUnique || index.kind !== 'btree' || index.parts.length !== names.length) return false
  return index.parts.every(({ column, prefixLength }, position) => {
    const isSame = column !== undefined && isSameName(column, names[position] ?? '')
    return isSame && prefixLength === undefined && findColumn(table, column)?.isNullable === false
  })
}

function noKey({ name }: TableDefinition): TableProblem {
  return {
    id: 'migrate.key',
    evidence: `${name.schema}.${name.table} and what it is to become have no unique key in common on whole columns without NULL that can be read exactly (not FLOAT, DOUBLE, ENUM or SET) and that keep their order and their digits (no other collation, no number that becomes text, no fraction cut short): no row could be found again in the copy.`,
    fix: 'Keep the primary key, or first add a unique key on columns without NULL that both definitions have.',
  }
}
