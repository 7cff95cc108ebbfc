import type { TableDefinition } from '../../../src/db/catalog.ts'
import { type ChildTables, parentAgeColumn, type Tables, type TargetTable } from '../tables.ts'
import type { Age } from './age.ts'

/** A live table and the archive table its rows go to. */
export interface ArchivePair {
  readonly live: TableDefinition
  readonly target: TargetTable
  /** As the archive table has it: what its partitions are made by. */
  readonly age: Age
}

/** The table of the job first, then its children, each before its own. */
export function listPairs({ source, target, age, children }: Tables): readonly ArchivePair[] {
  return [{ live: source.table, target, age }, ...children.flatMap((child) => listChild(child, age))]
}

/** The live tables of the job, each before its children. */
export function listLive(tables: Tables): readonly TableDefinition[] {
  return listPairs(tables).map(({ live }) => live)
}

function listChild({ table, target, children }: ChildTables, age: Age): readonly ArchivePair[] {
  const own: ArchivePair = { live: table, target, age: ageOfParent(age) }
  return [own, ...children.flatMap((child) => listChild(child, age))]
}

/** The parent's age in a child's archive table: a column of its own that is always filled. */
export function ageOfParent(age: Age): Age {
  return { ...age, column: { ...age.column, name: parentAgeColumn, isNullable: false } }
}
