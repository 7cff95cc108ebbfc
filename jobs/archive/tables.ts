import { findNearest } from '../../src/config/suggest.ts'
import {
  type Column,
  findColumn,
  findPrimaryKey,
  type Index,
  readTable,
  type TableDefinition,
} from '../../src/db/catalog.ts'
import { type ForeignKey, readForeignKeys } from '../../src/db/foreign-keys.ts'
import { type PartitionMap, readPartitions } from '../../src/db/partitions.ts'
import type { ReadSession } from '../../src/db/session.ts'
import type { TableName } from '../../src/db/statement.ts'
import { isExactKey } from '../../src/engine/chunks/keyset.ts'
import { exitCodes, RowkeeperError } from '../../src/lib/errors.ts'
import { plural } from '../../src/lib/units.ts'
import type { PlanContext } from '../../src/run/context.ts'
import type { JobSettings } from '../../src/run/job.ts'
import type { ArchiveConfig } from './config.ts'
import { type Age, toAge } from './partitions/age.ts'

/** Every table of the job as the catalogue has it. */
export interface Tables {
  readonly source: SourceTable
  readonly target: TargetTable
  readonly age: Age
  /** The zone in which months begin. */
  readonly zone: string
  readonly children: readonly ChildTables[]
}

export interface SourceTable {
  readonly table: TableDefinition
  /** The columns that identify a row. */
  readonly key: readonly Column[]
  /** The columns whose values are copied: all but the generated ones. */
  readonly copied: readonly Column[]
  /** The index that rows are read along; its columns, then those of the key, identify a row. */
  readonly walk: { readonly index: string; readonly columns: readonly Column[] }
  readonly partitions: PartitionMap | undefined
}

export interface TargetTable {
  readonly name: TableName
  /** `here`: on the server of the live table, moved inside one transaction. `there`: on another one. */
  readonly place: 'here' | 'there'
  /** Undefined when it is still to be made. */
  readonly table: TableDefinition | undefined
  readonly partitions: PartitionMap | undefined
}

/** A child's rows live and move with their row of the parent, into that row's month. */
export interface ChildTables {
  readonly table: TableDefinition
  readonly key: readonly Column[]
  readonly copied: readonly Column[]
  /** Of the child, in the order of `parentColumns`. */
  readonly columns: readonly Column[]
  readonly parentColumns: readonly Column[]
  readonly target: TargetTable
  readonly children: readonly ChildTables[]
}

/** The column of a child's archive table that holds the parent's age, so that both lie in the same month. */
export const parentAgeColumn = 'rowkeeper_age'

export interface TableProblem {
  readonly id: string
  readonly evidence: string
  readonly fix: string
}

export type ResolvedTables = { readonly tables: Tables } | { readonly problems: readonly TableProblem[] }

/** Throws what preflight would have refused; for everything after preflight. */
export async function readTables(
  context: PlanContext,
  settings: JobSettings<ArchiveConfig>,
): Promise<Tables> {
  const resolved = await resolveTables(context, settings)
  if ('tables' in resolved) return resolved.tables
  const [problem] = resolved.problems
  throw new RowkeeperError({
    code: problem?.id ?? 'archive.table',
    message: problem?.evidence ?? 'The table could not be read.',
    hint: problem?.fix,
    exitCode: exitCodes.refused,
  })
}

export async function resolveTables(
  context: PlanContext,
  settings: JobSettings<ArchiveConfig>,
): Promise<ResolvedTables> {
  const { options, schema } = settings
  const place = context.destination === undefined ? 'here' : 'there'
  const readTarget = (name: string) => readTargetTable(context, settings, name, place)
  const read = await context.read((session) => readSource(session, { schema, table: options.table }))
  if (read === undefined) return { problems: [noTable(`${schema}.${options.table}`)] }
  const source = resolveSource(read, options)
  if ('problem' in source) return { problems: [source.problem] }
  const zone = options.age.timeZone ?? settings.database.dateTimeZone
  const age = toAge(source.ageColumn, { unit: options.age.unit, columnZone: settings.database.dateTimeZone })
  if ('problem' in age) {
    const evidence = `${options.table}.${source.ageColumn.name} cannot be the age: ${age.problem}.`
    return { problems: [{ id: 'archive.ageType', evidence, fix: fixNames }] }
  }
  const children = await resolveChildren(context, schema, source.table, options.children, readTarget)
  const problems = children.flatMap((child) => ('problem' in child ? [child.problem] : []))
  if (problems.length > 0) return { problems }
  return {
    tables: {
      source,
      target: await readTarget(options.into.table),
      age,
      zone,
      children: children.flatMap((child) => ('problem' in child ? [] : [child])),
    },
  }
}

type Found<T> = T | { readonly problem: TableProblem }

interface ReadSource {
  readonly table: TableDefinition
  readonly partitions: PartitionMap | undefined
}

async function readSource(session: ReadSession, name: TableName): Promise<ReadSource | undefined> {
  const table = await readTable(session, name)
  return table && { table, partitions: await readPartitions(session, table.name) }
}

function resolveSource(
  { table, partitions }: ReadSource,
  { age }: ArchiveConfig,
): Found<SourceTable & { readonly ageColumn: Column }> {
  const key = keyOf(table)
  if ('problem' in key) return key
  const ageColumn = findColumn(table, age.column)
  if (ageColumn === undefined) return { problem: noColumn(table, [age.column]) }
  const walk = findWalk(table, ageColumn, key.columns)
  if (walk === undefined) return { problem: noWalk(table, ageColumn) }
  return { table, partitions, ageColumn, walk, key: key.columns, copied: copiedColumns(table) }
}

export function copiedColumns(table: TableDefinition): readonly Column[] {
  return table.columns.filter((column) => !column.isGenerated)
}

/**
 * The index along which the oldest rows come first. InnoDB ends every secondary index with the primary key, so (index
 * columns, key) is both unique and the order of the index: no sort, and the next batch begins exactly where the last
 * one ended. A nullable column other than the age cannot be compared that way, nor can a float.
 *
 * An index that holds the key itself goes first: what the server appends is no help where the key holds prefixes.
 */
function findWalk(
  table: TableDefinition,
  age: Column,
  key: readonly Column[],
): SourceTable['walk'] | undefined {
  const usable = table.indexes.flatMap((index) => {
    const columns = walkColumns(table, index)
    const isUsable =
      columns?.[0]?.name === age.name &&
      columns.every((column) => column === columns[0] || (!column.isNullable && isExactKey(column)))
    if (!isUsable || columns === undefined) return []
    return [{ index: index.name, columns: withKey(columns, key), own: columns.length }]
  })
  const [best] = usable.toSorted(
    (left, right) => left.columns.length - right.columns.length || right.own - left.own,
  )
  return best && { index: best.index, columns: best.columns }
}

/** Undefined when the index holds expressions, prefixes, descending parts, or no order at all. */
function walkColumns(table: TableDefinition, index: Index): readonly Column[] | undefined {
  if (index.kind !== 'btree') return undefined
  const plain = index.parts.every((part) => part.prefixLength === undefined && !part.isDescending)
  const columns = index.parts.map((part) =>
    part.column === undefined ? undefined : findColumn(table, part.column),
  )
  return plain && columns.every((column) => column !== undefined) ? columns : undefined
}

function withKey(columns: readonly Column[], key: readonly Column[]): readonly Column[] {
  return [...columns, ...key.filter((column) => !columns.includes(column))]
}

function keyOf(table: TableDefinition): Found<{ readonly columns: readonly Column[] }> {
  const index = findPrimaryKey(table)
  if (index === undefined) return { problem: noKey(table) }
  return { columns: columnsOf(table, index.columns) }
}

function columnsOf(table: TableDefinition, names: readonly string[]): readonly Column[] {
  return names.map((name) => {
    const column = findColumn(table, name)
    if (column === undefined) throw new TypeError(`column ${name} was there a moment ago`)
    return column
  })
}

async function readTargetTable(
  context: PlanContext,
  { schema, destination }: JobSettings<ArchiveConfig>,
  table: string,
  place: TargetTable['place'],
): Promise<TargetTable> {
  const name = { schema: destination?.schema ?? schema, table }
  const read = context.destination?.read ?? context.read
  return read(async (session) => {
    const definition = await readTable(session, name)
    const partitions = definition && (await readPartitions(session, definition.name))
    return { name: definition?.name ?? name, place, table: definition, partitions }
  })
}

interface ChildEntry {
  readonly table: string
  readonly key: readonly string[]
  readonly into?: string
  readonly children?: readonly ChildEntry[]
}

async function resolveChildren(
  context: PlanContext,
  schema: string,
  parent: TableDefinition,
  entries: readonly ChildEntry[],
  readTarget: (name: string) => Promise<TargetTable>,
): Promise<readonly Found<ChildTables>[]> {
  const found: Found<ChildTables>[] = []
  for (const entry of entries) {
    found.push(await resolveChild(context, { schema, parent, entry }, readTarget))
  }
  return found
}

async function resolveChild(
  context: PlanContext,
  { schema, parent, entry }: { schema: string; parent: TableDefinition; entry: ChildEntry },
  readTarget: (name: string) => Promise<TargetTable>,
): Promise<Found<ChildTables>> {
  const name = { schema, table: entry.table }
  const read = await context.read(async (session) => {
    const table = await readTable(session, name)
    return table && { table, foreignKeys: await readForeignKeys(session, table.name) }
  })
  if (read === undefined) return { problem: noTable(`${schema}.${entry.table}`) }
  const { table, foreignKeys } = read
  const key = keyOf(table)
  if ('problem' in key) return key
  const missing = entry.key.filter((column) => findColumn(table, column) === undefined)
  if (missing.length > 0) return { problem: noColumn(table, missing) }
  const parentColumns = referencedColumns(parent, entry.key, foreignKeys.outgoing)
  if ('problem' in parentColumns) return parentColumns
  const children = await resolveChildren(context, schema, table, entry.children ?? [], readTarget)
  const problem = children.find((child) => 'problem' in child)
  if (problem !== undefined && 'problem' in problem) return problem
  return {
    table,
    key: key.columns,
    copied: copiedColumns(table),
    columns: columnsOf(table, entry.key),
    parentColumns: parentColumns.columns,
    target: await readTarget(entry.into ?? `${table.name.table}_archive`),
    children: children.flatMap((child) => ('problem' in child ? [] : [child])),
  }
}

/** What the child's columns refer to: as its foreign key says, else the parent's key. */
function referencedColumns(
  parent: TableDefinition,
  names: readonly string[],
  foreignKeys: readonly ForeignKey[],
): Found<{ readonly columns: readonly Column[] }> {
  const same = (left: readonly string[], right: readonly string[]) =>
    left.length === right.length && left.every((name, at) => name.toLowerCase() === right[at]?.toLowerCase())
  const foreignKey = foreignKeys.find(
    ({ columns, referenced }) =>
      same(columns, names) &&
      same([referenced.schema, referenced.table], [parent.name.schema, parent.name.table]),
  )
  const referenced = foreignKey?.referencedColumns ?? findPrimaryKey(parent)?.columns ?? []
  if (referenced.length === names.length) return { columns: columnsOf(parent, referenced) }
  return {
    problem: {
      id: 'archive.childKey',
      evidence: `The key (${names.join(', ')}) of a child does not fit the key (${referenced.join(', ')}) of ${parent.name.table}.`,
      fix: fixNames,
    },
  }
}

const fixNames = 'Correct the job in the configuration, then run: rowkeeper config check'

function noTable(name: string): TableProblem {
  return {
    id: 'archive.tableMissing',
    evidence: `There is no table ${name}, or the account may not see it.`,
    fix: fixNames,
  }
}

function noColumn(table: TableDefinition, missing: readonly string[]): TableProblem {
  const names = table.columns.map((column) => column.name)
  const nearest = missing.map((name) => findNearest(name, names)).filter((name) => name !== undefined)
  const meant = nearest.length === 0 ? '' : ` Did you mean ${nearest.join(', ')}?`
  return {
    id: 'archive.columnMissing',
    evidence: `${table.name.schema}.${table.name.table} has no column ${missing.join(', ')}.${meant} It has: ${names.join(', ')}.`,
    fix: fixNames,
  }
}

function noKey({ name }: TableDefinition): TableProblem {
  return {
    id: 'archive.keyMissing',
    evidence: `${name.schema}.${name.table} has no primary or unique key without NULLs, so a row could not be told from another.`,
    fix: `ALTER TABLE ${name.table} ADD COLUMN id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY`,
  }
}

function noWalk(table: TableDefinition, age: Column): TableProblem {
  const { table: name } = table.name
  return {
    id: 'archive.indexMissing',
    evidence: `No index of ${name} begins with ${age.name} and can be read in its order, so every batch would read the whole table (about ${plural(table.estimatedRows, 'row')}).`,
    fix: `CREATE INDEX ${name}_by_${age.name} ON ${name} (${age.name})`,
  }
}
