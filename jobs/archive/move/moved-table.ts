import { type Column, findColumn, findPrimaryKey, type TableDefinition } from '../../../src/db/catalog.ts'
import type { TableName } from '../../../src/db/statement.ts'
import { ageOfParent } from '../partitions/pairs.ts'
import type { ChildTables, Tables, TargetTable } from '../tables.ts'

/** The live table or one of its children, and the archive table its rows go to. */
export interface MovedTable {
  readonly name: TableName
  readonly key: readonly Column[]
  /** The index of the key. */
  readonly keyIndex: string
  /** The columns whose values are copied and compared. */
  readonly copied: readonly Column[]
  readonly archive: ArchiveSide
  /** How a child refers to the table above it; undefined for the live table. */
  readonly link: Link | undefined
}

export interface ArchiveSide {
  readonly name: TableName
  /** What its partitions are made by: the age, or what a child's rows have of the row they belong to. */
  readonly age: Column
  /** An index that begins with the age; one that an operator made may have none. */
  readonly ageIndex: string | undefined
}

export interface Link {
  readonly above: MovedTable
  readonly columns: readonly Column[]
  /** Of the table above, in the order of `columns`. */
  readonly parentColumns: readonly Column[]
  /** An index that begins with `columns`: a foreign key always has one. */
  readonly index: string | undefined
}

/** The live table first, every child behind the table it belongs to: copied in this order, deleted backwards. */
export function listMovedTables({ source, target, age, children }: Tables): readonly MovedTable[] {
  const live: MovedTable = {
    name: source.table.name,
    key: source.key,
    keyIndex: keyIndexOf(source.table),
    copied: source.copied,
    archive: archiveSide(target, age.column, source.walk.index),
    link: undefined,
  }
  return [live, ...children.flatMap((child) => listChild(child, live, ageOfParent(age).column))]
}

function listChild(child: ChildTables, above: MovedTable, age: Column): readonly MovedTable[] {
  const { table, key, copied, columns, parentColumns, target, children } = child
  const moved: MovedTable = {
    name: table.name,
    key,
    keyIndex: keyIndexOf(table),
    copied,
    archive: archiveSide(target, age, undefined),
    link: { above, columns, parentColumns, index: findIndex(table, columns) },
  }
  return [moved, ...children.flatMap((grandchild) => listChild(grandchild, moved, age))]
}

/** A table that is still to be made will have the column and the index of its source. */
function archiveSide({ name, table }: TargetTable, age: Column, ageIndex: string | undefined): ArchiveSide {
  if (table === undefined) return { name, age, ageIndex }
  const found = findColumn(table, age.name)
  if (found === undefined) throw new TypeError(`${name.table} has no ${age.name}, which preflight refuses`)
  return { name, age: found, ageIndex: findIndex(table, [found]) }
}

function findIndex({ indexes }: TableDefinition, columns: readonly Column[]): string | undefined {
  const index = indexes.find(
    ({ kind, parts }) =>
      kind === 'btree' &&
      columns.every(({ name }, at) => parts[at]?.column === name && parts[at].prefixLength === undefined),
  )
  return index?.name
}

function keyIndexOf(table: TableDefinition): string {
  const index = findPrimaryKey(table)
  if (index === undefined) throw new TypeError(`${table.name.table} has no key, which preflight refuses`)
  return index.name
}
