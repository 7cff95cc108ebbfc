import {
  type Column,
  findColumn,
  findPrimaryKey,
  type Index,
  type TableDefinition,
} from '../../../src/db/catalog.ts'
import type { Age } from './age.ts'
import { quoteName } from './age-column.ts'
import { collationOf, fits } from './column-fit.ts'

/** Why rows of the source could not lie in the archive table as they are, or not come back. */
export interface Difference {
  /** Of the archive table; absent when it is not about one column. */
  readonly column?: string
  /** A sentence. */
  readonly problem: string
  /** The statement that repairs it, or what to do. */
  readonly fix: string
}

/** None when every row of the source fits into the archive table unchanged. The order of columns may differ. */
export function compareForArchive(
  source: TableDefinition,
  target: TableDefinition,
  age: Age,
): readonly Difference[] {
  const own = findColumn(source, age.column.name) === undefined ? [age.column] : []
  return [
    ...[...source.columns, ...own].flatMap((column) => compareColumn(column, { source, target, age })),
    ...target.columns.flatMap((column) => findDemand(column, { source, target, age })),
    ...findMissingIndex({ source, target, age }),
  ]
}

interface Pair {
  readonly source: TableDefinition
  readonly target: TableDefinition
  readonly age: Age
}

function compareColumn(column: Column, pair: Pair): readonly Difference[] {
  const { source, target } = pair
  const there = findColumn(target, column.name)
  if (there === undefined) return [missingColumn(column, pair)]
  const reasons = [
    ...compareGeneration(column, there),
    ...compareType(column, there),
    ...compareNulls(column, there, pair.age),
  ]
  if (reasons.length === 0) return []
  const [here, name] = [source, target].map((table) => table.name.table)
  const problem = `${name}.${there.name} cannot take ${here}.${column.name}: ${reasons.join('; ')}.`
  const isGenerated = column.isGenerated || there.isGenerated
  const fix = isGenerated
    ? `Give ${name}.${there.name} the definition that it has in: SHOW CREATE TABLE ${quoteName(source.name.table)}`
    : alter(target, `MODIFY COLUMN ${define(column, pair.age)}`)
  return [{ column: there.name, problem, fix }]
}

function missingColumn(column: Column, { source, target, age }: Pair): Difference {
  const name = target.name.table
  const loss = isAge(column, age)
    ? 'which says in which month the row above lies'
    : `and that of ${source.name.table} would be lost`
  const problem = `${name} has no column ${column.name}, ${loss}.`
  const fix = column.isGenerated
    ? `Add it as it is in: SHOW CREATE TABLE ${quoteName(source.name.table)}`
    : alter(target, `ADD COLUMN ${define(column, age)}`)
  return { column: column.name, problem, fix }
}

function compareGeneration(here: Column, there: Column): readonly string[] {
  if (here.generation === there.generation) return []
  return [`one is ${generationOf(here)}, the other ${generationOf(there)}`]
}

function generationOf({ generation }: Column): string {
  return generation === 'none' ? 'an ordinary column' : `a ${generation} generated column`
}

function compareType(here: Column, there: Column): readonly string[] {
  if (!fits(here, there)) return [`${here.columnType} does not fit into ${there.columnType}`]
  const [wanted, found] = [collationOf(here), collationOf(there)]
  if (here.dataType === 'json' || wanted === found) return []
  return [`it has the collation ${found ?? 'of binary data'} instead of ${wanted ?? 'none'}`]
}

/** Rows without an age stay in the source. */
function compareNulls(here: Column, there: Column, age: Age): readonly string[] {
  if (isAge(here, age) || !here.isNullable || there.isNullable || there.isGenerated) return []
  return ['it is NOT NULL, and NULL is allowed in the source']
}

function isAge({ name }: Column, { column }: Age): boolean {
  return name.toLowerCase() === column.name.toLowerCase()
}

/** A column that only the archive table has, and that wants a value of every row. */
function findDemand(column: Column, { source, target, age }: Pair): readonly Difference[] {
  const isShared = findColumn(source, column.name) !== undefined || isAge(column, age)
  if (isShared || column.isNullable || column.hasDefault || column.isGenerated) return []
  const problem = `${target.name.table}.${column.name} wants a value of every row, and ${source.name.table} has no such column.`
  const fix = alter(target, `MODIFY COLUMN ${quoteName(column.name)} ${column.columnType} NULL`)
  return [{ column: column.name, problem, fix }]
}

/** Rows are looked up by their key before they are copied and after: without an index each batch reads the whole table. */
function findMissingIndex({ source, target, age }: Pair): readonly Difference[] {
  const key = findPrimaryKey(source)?.columns ?? []
  if (key.length === 0 || target.indexes.some((index) => leadsTo(index, key, age))) return []
  const columns = key.map(quoteName).join(', ')
  const problem = `No index of ${target.name.table} begins with (${key.join(', ')}), so that each batch would read all of it.`
  return [{ problem, fix: alter(target, `ADD INDEX (${columns})`) }]
}

function leadsTo(index: Index, key: readonly string[], age: Age): boolean {
  if (index.kind !== 'btree') return false
  const wanted = new Set(key.map((name) => name.toLowerCase()))
  const columns = index.columns.map((name) => name.toLowerCase())
  const withoutAge = columns.filter((name) => wanted.has(name) || name !== age.column.name.toLowerCase())
  const lead = withoutAge.slice(0, wanted.size)
  return lead.length === wanted.size && lead.every((name) => wanted.has(name))
}

function alter({ name }: TableDefinition, change: string): string {
  return `ALTER TABLE ${quoteName(name.schema)}.${quoteName(name.table)} ${change}`
}

function define(column: Column, age: Age): string {
  const { name, columnType, characterSet, collation } = column
  const text = collation === undefined ? '' : ` CHARACTER SET ${characterSet} COLLATE ${collation}`
  const nullability = column.isNullable && !isAge(column, age) ? 'NULL' : 'NOT NULL'
  return `${quoteName(name)} ${columnType}${text} ${nullability}`
}
