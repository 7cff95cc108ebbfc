import type { Column, Index, TableDefinition } from '../../../src/db/catalog.ts'
import type { Rename } from './alter-model.ts'
import { isSameName } from './clause-tokens.ts'
import { describeColumn, describeColumnChange, describeIndex } from './describe.ts'

/**
 * Short lines for people: `column added: note varchar(200) NULL`, `index dropped: KEY title (title)`. Of what the catalogue
 * holds: comments, expressions, checks, foreign keys and partitions are not in it, see `comparableCreate`. Without `renames`,
 * a renamed column is dropped and added.
 */
export function describeDifferences(
  before: TableDefinition,
  after: TableDefinition,
  renames: readonly Rename[] = [],
): readonly string[] {
  return [
    ...compareColumns(before.columns, after.columns, renames),
    ...compareIndexes(renameParts(before.indexes, renames), after.indexes),
    ...compareOptions(before, after),
  ]
}

/** In all that the catalogue says of a table, but for its name, its rows and its next number. */
export function equalDefinitions(before: TableDefinition, after: TableDefinition): boolean {
  return JSON.stringify(comparable(before)) === JSON.stringify(comparable(after))
}

function comparable({ engine, options, columns, indexes }: TableDefinition): unknown {
  return [engine, options, columns, indexes]
}

interface ColumnPair {
  readonly old: Column
  readonly column: Column
}

function compareColumns(
  before: readonly Column[],
  after: readonly Column[],
  renames: readonly Rename[],
): readonly string[] {
  const pairs = pairColumns(before, after, renames)
  const dropped = before.filter((column) => pairs.every(({ old }) => old !== column))
  const added = after.filter((candidate) => pairs.every(({ column }) => column !== candidate))
  return [
    ...dropped.map((column) => `column dropped: ${describeColumn(column)}`),
    ...pairs.flatMap(describePair),
    ...added.map((column) => `column added: ${describeColumn(column)}`),
    ...describeOrder(before, pairs),
  ]
}

/** In the order after. */
function pairColumns(
  before: readonly Column[],
  after: readonly Column[],
  renames: readonly Rename[],
): readonly ColumnPair[] {
  return after.flatMap((column) => {
    const name = nameBefore(column.name, renames)
    const old = before.find((candidate) => name !== undefined && isSameName(candidate.name, name))
    return old === undefined ? [] : [{ old, column }]
  })
}

/** Undefined when the column of this name has another one now: this is a new one. */
function nameBefore(name: string, renames: readonly Rename[]): string | undefined {
  const rename = renames.find(({ to }) => isSameName(to, name))
  if (rename !== undefined) return rename.from
  return renames.some(({ from }) => isSameName(from, name)) ? undefined : name
}

function nameAfter(name: string, renames: readonly Rename[]): string {
  return renames.find(({ from }) => isSameName(from, name))?.to ?? name
}

function describePair({ old, column }: ColumnPair): readonly string[] {
  const changes = describeColumnChange(old, column)
  return [
    ...(old.name === column.name ? [] : [`column renamed: ${old.name} → ${column.name}`]),
    ...(changes === '' ? [] : [`column changed: ${column.name} ${changes}`]),
  ]
}

/** Of the columns that stay. */
function describeOrder(before: readonly Column[], pairs: readonly ColumnPair[]): readonly string[] {
  const places = pairs.map(({ old }) => before.indexOf(old))
  const isKept = places.every((place, at) => at === 0 || place > (places[at - 1] ?? 0))
  return isKept ? [] : [`columns in another order: ${pairs.map(({ column }) => column.name).join(', ')}`]
}

function renameParts(indexes: readonly Index[], renames: readonly Rename[]): readonly Index[] {
  return indexes.map((index) => ({
    ...index,
    parts: index.parts.map((part) => ({ ...part, column: part.column && nameAfter(part.column, renames) })),
  }))
}

function compareIndexes(before: readonly Index[], after: readonly Index[]): readonly string[] {
  const dropped = before.filter(({ name }) => findIndex(after, name) === undefined)
  const added = after.filter(({ name }) => findIndex(before, name) === undefined)
  const renamed = pairRenamed(dropped, added)
  return [
    ...dropped.filter(({ name }) => !renamed.some(({ from }) => from === name)).map(line('index dropped')),
    ...before.flatMap((index) => describeIndexChange(index, findIndex(after, index.name))),
    ...renamed.map(({ from, to }) => `index renamed: ${from} → ${to}`),
    ...added.filter(({ name }) => !renamed.some(({ to }) => to === name)).map(line('index added')),
  ]
}

function line(what: string): (index: Index) => string {
  return (index) => `${what}: ${describeIndex(index)}`
}

function findIndex(indexes: readonly Index[], name: string): Index | undefined {
  return indexes.find((index) => isSameName(index.name, name))
}

function describeIndexChange(before: Index, after: Index | undefined): readonly string[] {
  if (after === undefined || describeIndex(before) === describeIndex(after)) return []
  return [`index changed: ${describeIndex(before)} → ${describeIndex(after)}`]
}

/** One that went and one that came, of the same columns. */
function pairRenamed(dropped: readonly Index[], added: readonly Index[]): readonly Rename[] {
  const left = [...added]
  return dropped.flatMap((index) => {
    const at = left.findIndex((candidate) => shapeOf(candidate) === shapeOf(index))
    const [same] = at === -1 ? [] : left.splice(at, 1)
    return same === undefined ? [] : [{ from: index.name, to: same.name }]
  })
}

function shapeOf(index: Index): string {
  return describeIndex({ ...index, name: '' })
}

function compareOptions(before: TableDefinition, after: TableDefinition): readonly string[] {
  const [old, now] = [optionsOf(before), optionsOf(after)]
  return Object.entries(now).flatMap(([name, value]) => {
    const was = old[name] ?? ''
    return was === value ? [] : [`option changed: ${name} ${was || 'none'} → ${value || 'none'}`]
  })
}

function optionsOf({ engine, options }: TableDefinition): Readonly<Record<string, string>> {
  const { rowFormat, collation, createOptions } = options
  return { engine, 'row format': rowFormat, collation, 'create options': createOptions }
}
