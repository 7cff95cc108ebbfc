import { findNearest } from '../../src/config/suggest.ts'
import {
  type Column,
  findColumn,
  findUniqueIndex,
  readTable,
  type TableDefinition,
} from '../../src/db/catalog.ts'
import { describeGrant } from '../../src/db/privileges.ts'
import type { ReadSession } from '../../src/db/session.ts'
import type { TableName } from '../../src/db/statement.ts'
import { isExactKey } from '../../src/engine/chunks/keyset.ts'
import { exitCodes, RowkeeperError } from '../../src/lib/errors.ts'
import type { PlanContext } from '../../src/run/context.ts'
import type { JobSettings } from '../../src/run/job.ts'
import { type EventTime, toEventTime } from './buckets/event-time.ts'
import { type BucketSize, orderSizes } from './buckets/sizes.ts'
import type { RollupConfig } from './config.ts'
import { type Measure, toMeasures } from './measures.ts'

/** Every table of the job as the catalogue has it. */
export interface Tables {
  /** Undefined for a job that only imports files. */
  readonly source: SourceTable | undefined
  readonly counters: CounterTable
  readonly total: TotalTable | undefined
  /** Where values that were met are remembered; undefined when nothing asks for it. */
  readonly seen: SeenTable | undefined
}

export interface SourceTable {
  readonly table: TableDefinition
  /** The primary key, or what the configuration names instead: events are read in its order. */
  readonly key: readonly Column[]
  /** The index that holds the key. */
  readonly keyIndex: string
  readonly time: EventTime
  /** In the order of `counters.group`. */
  readonly group: readonly Column[]
  /** For the measures that sum a column, in their order. */
  readonly sums: readonly Column[]
  /** For the measures of different values, in their order. */
  readonly uniques: readonly Column[]
  readonly agent: Column | undefined
  readonly viewer: Column | undefined
}

/** One counter for every group, series, size and start of a bucket. */
export interface CounterTable {
  readonly name: TableName
  /** Undefined when it is still to be made. */
  readonly table: TableDefinition | undefined
  readonly group: readonly GroupColumn[]
  /** Bots are a series of their own: the key has a column for it. */
  readonly hasSeries: boolean
  readonly sizes: readonly [BucketSize, ...BucketSize[]]
  /** The zone whose clock the buckets begin by. */
  readonly zone: string
  readonly measures: readonly Measure[]
  readonly uniques: 'exact' | 'estimated'
  /** Digits behind the point of the measures that sum a column, in their order. */
  readonly scales: readonly number[]
}

export interface GroupColumn {
  readonly name: string
  /** What its values are read as and written from: the event's column, else the counter's own. */
  readonly column: Column
}

/** The objects' own table, with running totals. */
export interface TotalTable {
  readonly table: TableDefinition
  readonly key: Column
  /** The position in the group of the value that is this key. */
  readonly groupPosition: number
  readonly columns: readonly { readonly column: Column; readonly measure: Measure }[]
}

export interface SeenTable {
  readonly name: TableName
  readonly table: TableDefinition | undefined
}

export interface TableProblem {
  readonly id: string
  readonly evidence: string
  readonly fix: string
}

export type ResolvedTables = { readonly tables: Tables } | { readonly problems: readonly TableProblem[] }

export type Settings = JobSettings<RollupConfig>

/** Throws what preflight would have refused; for everything after preflight. */
export async function readTables(context: PlanContext, settings: Settings): Promise<Tables> {
  const resolved = await resolveTables(context, settings)
  if ('tables' in resolved) return resolved.tables
  const [problem] = resolved.problems
  throw new RowkeeperError({
    code: problem?.id ?? 'rollup.table',
    message: problem?.evidence ?? 'The table could not be read.',
    hint: problem?.fix,
    exitCode: exitCodes.refused,
  })
}

/** For what needs events of a table. */
export function requireSource({ source }: Tables, { job }: Settings): SourceTable {
  if (source !== undefined) return source
  throw new RowkeeperError({
    code: 'rollup.noSource',
    message: `${job} has no table of events (jobs.${job}.source), so there is nothing to read.`,
    hint: `Files are counted with: rowkeeper rollup import ${job} FILE`,
    exitCode: exitCodes.usage,
  })
}

export function resolveTables(context: PlanContext, settings: Settings): Promise<ResolvedTables> {
  return context.read(async (session) => {
    const problems: TableProblem[] = []
    const report = <T>(found: Found<T>): T | undefined => {
      if (isProblem(found)) problems.push(...found.problems)
      return isProblem(found) ? undefined : found.value
    }
    const source = report(await resolveSource(session, settings))
    const counters = report(await resolveCounters(session, settings, source))
    const total = counters && report(await resolveTotal(session, settings, counters))
    const seen = await resolveSeen(session, settings)
    if (problems.length > 0 || counters === undefined) return { problems }
    return { tables: { source, counters, total, seen } }
  })
}

type Found<T> = { readonly value: T } | { readonly problems: readonly TableProblem[] }

function isProblem<T>(found: Found<T>): found is { readonly problems: readonly TableProblem[] } {
  return 'problems' in found
}

async function resolveSource(
  session: ReadSession,
  settings: Settings,
): Promise<Found<SourceTable | undefined>> {
  const { options, schema, database, job } = settings
  const { source } = options
  if (source === undefined) return { value: undefined }
  const table = await readTable(session, { schema, table: source.table })
  if (table === undefined) return { problems: [noTable(`${schema}.${source.table}`)] }
  if (table.columns.length === 0) return { problems: [await unreadable(session, table)] }
  const names = columnNames(options, source)
  const missing = names.all.filter((name) => findColumn(table, name) === undefined)
  if (missing.length > 0) return { problems: [noColumns(table, missing, job)] }
  const key = resolveKey(table, names.key, job)
  if (isProblem(key)) return key
  const column = (name: string) => columnOf(table, name)
  const time = toEventTime(column(source.time), { unit: source.unit, zone: database.dateTimeZone })
  if ('problem' in time) return { problems: [wrongTime(`${source.table}.${source.time}`, time.problem, job)] }
  const { bots, repeats } = options.filters
  const value: SourceTable = {
    table,
    ...key.value,
    time,
    group: names.group.map(column),
    sums: names.sums.map(column),
    uniques: names.uniques.map(column),
    agent: bots && column(bots.column),
    viewer: repeats && column(repeats.viewer),
  }
  const problems = [...findGroupProblems(value, job), ...findSumProblems(value, job)]
  return problems.length > 0 ? { problems } : { value }
}

function columnNames(options: RollupConfig, source: NonNullable<RollupConfig['source']>) {
  const measures = toMeasures(options)
  const { bots, repeats } = options.filters
  const names = {
    key: [source.key].flat(),
    group: Object.values(options.group),
    sums: measures.flatMap((measure) => (measure.type === 'sum' ? [measure.column] : [])),
    uniques: measures.flatMap((measure) => (measure.type === 'unique' ? [measure.column] : [])),
  }
  const others = [source.time, bots?.column, repeats?.viewer].filter((name) => name !== undefined)
  return { ...names, all: [...new Set([...Object.values(names).flat(), ...others])] }
}

function resolveKey(
  table: TableDefinition,
  names: readonly string[],
  job: string,
): Found<Pick<SourceTable, 'key' | 'keyIndex'>> {
  const index = findUniqueIndex(table, names)
  const key = (index?.columns ?? names).map((name) => columnOf(table, name))
  const isUsable = index !== undefined && key.every((column) => !column.isNullable && isExactKey(column))
  if (isUsable) return { value: { key, keyIndex: index.name } }
  const said = index === undefined ? 'is no unique key' : 'may hold NULL, or values that are not exact'
  return {
    problems: [
      {
        id: 'rollup.key',
        evidence: `(${names.join(', ')}) ${said} of ${table.name.table}, so one event cannot be told from another.`,
        fix: `Name the primary key: ${correct(job, 'source.key')}`,
      },
    ],
  }
}

function findGroupProblems({ table, group }: SourceTable, job: string): readonly TableProblem[] {
  return group
    .filter((column) => !isExactKey(column))
    .map((column) => ({
      id: 'rollup.groupType',
      evidence: `${table.name.table}.${column.name} is ${column.columnType}; counters cannot be kept by it exactly.`,
      fix: correct(job, 'group'),
    }))
}

const exactNumbers = ['tinyint', 'smallint', 'mediumint', 'int', 'bigint', 'decimal']

function findSumProblems({ table, sums }: SourceTable, job: string): readonly TableProblem[] {
  return sums
    .filter(({ dataType }) => !exactNumbers.includes(dataType))
    .map((column) => ({
      id: 'rollup.sumType',
      evidence: `${table.name.table}.${column.name} is ${column.columnType}; only whole numbers and DECIMAL add up to the same in every order.`,
      fix: correct(job, 'measures'),
    }))
}

async function resolveCounters(
  session: ReadSession,
  { options, schema, database, job }: Settings,
  source: SourceTable | undefined,
): Promise<Found<CounterTable>> {
  const name = { schema, table: options.into.table }
  const table = await readTable(session, name)
  const group = Object.keys(options.group).map((column, position) => ({
    name: column,
    column: source?.group[position] ?? (table && findColumn(table, column)) ?? textColumn(column),
  }))
  const measures = toMeasures(options)
  const counters: CounterTable = {
    name: table?.name ?? name,
    table,
    group,
    hasSeries: options.filters.bots !== undefined,
    sizes: orderSizes(options.buckets.sizes),
    zone: options.buckets.timeZone ?? database.dateTimeZone,
    measures,
    uniques: options.uniques,
    scales: findScales(measures, source, table),
  }
  const problems = [...findNameProblems(counters, job)]
  return problems.length > 0 ? { problems } : { value: counters }
}

/** As the events have them; without events, as the counters do. */
function findScales(
  measures: readonly Measure[],
  source: SourceTable | undefined,
  counters: TableDefinition | undefined,
): readonly number[] {
  if (source !== undefined) return source.sums.map(scaleOf)
  const sums = measures.filter(({ type }) => type === 'sum')
  return sums.map(({ name }) => {
    const column = counters && findColumn(counters, name)
    return column === undefined ? 0 : scaleOf(column)
  })
}

/** What values of files are, where no table says more. */
function textColumn(name: string): Column {
  return {
    name,
    dataType: 'varchar',
    columnType: 'varchar(190)',
    isNullable: false,
    isInvisible: false,
    isGenerated: false,
    generation: 'none',
    isAutoIncrement: false,
    hasDefault: false,
    defaultText: undefined,
    onUpdateNow: false,
    maximumLength: 190,
    characterSet: 'utf8mb4',
    collation: 'utf8mb4_bin',
  }
}

const ownNames = ['series', 'bucket_size', 'bucket_start']

function findNameProblems({ group, measures }: CounterTable, job: string): readonly TableProblem[] {
  const names = [...group, ...measures].map(({ name }) => name.toLowerCase())
  const twice = names.find((name, index) => names.indexOf(name) !== index || ownNames.includes(name))
  if (group.length === 0)
    return [
      { id: 'rollup.noGroup', evidence: 'Nothing to count by: group is empty.', fix: correct(job, 'group') },
    ]
  if (measures.length === 0)
    return [
      {
        id: 'rollup.noMeasure',
        evidence: 'Nothing to count: measures is empty.',
        fix: correct(job, 'measures'),
      },
    ]
  if (twice === undefined) return []
  return [
    {
      id: 'rollup.sameColumn',
      evidence: `The counter table cannot have ${twice} twice; ${ownNames.join(', ')} are its own.`,
      fix: correct(job, 'measures'),
    },
  ]
}

export function scaleOf({ dataType, columnType }: Column): number {
  return dataType === 'decimal' ? Number(/,\s*(\d+)\)/.exec(columnType)?.[1] ?? 0) : 0
}

async function resolveTotal(
  session: ReadSession,
  { options, schema, job }: Settings,
  counters: CounterTable,
): Promise<Found<TotalTable | undefined>> {
  const { total } = options
  if (total === undefined) return { value: undefined }
  const table = await readTable(session, { schema, table: total.table })
  if (table === undefined) return { problems: [noTable(`${schema}.${total.table}`)] }
  const missing = [total.key, ...Object.keys(total.columns)].filter(
    (name) => findColumn(table, name) === undefined,
  )
  if (missing.length > 0) return { problems: [noColumns(table, missing, job)] }
  const groupPosition = total.of === undefined ? 0 : counters.group.findIndex(({ name }) => name === total.of)
  const columns = Object.entries(total.columns).flatMap(([column, name]) => {
    const measure = counters.measures.find((one) => one.name === name)
    return measure === undefined ? [] : [{ column: columnOf(table, column), measure }]
  })
  const problems = [
    ...(groupPosition < 0 ? [unknownName('total.of', total.of ?? '', job)] : []),
    ...Object.values(total.columns)
      .filter((name) => counters.measures.every((measure) => measure.name !== name))
      .map((name) => unknownName('total.columns', name, job)),
    ...columns
      .filter(({ measure }) => measure.type === 'unique')
      .map(({ measure }) => noTotal(measure.name, job)),
    ...(findUniqueIndex(table, [total.key]) === undefined ? [noTotalKey(table, total.key, job)] : []),
  ]
  return problems.length > 0
    ? { problems }
    : { value: { table, key: columnOf(table, total.key), groupPosition, columns } }
}

function unknownName(key: string, name: string, job: string): TableProblem {
  return {
    id: 'rollup.unknownName',
    evidence: `${key} names ${name}, which the job does not have.`,
    fix: correct(job, key),
  }
}

function noTotal(name: string, job: string): TableProblem {
  return {
    id: 'rollup.uniqueTotal',
    evidence: `${name} counts different values, and those of several times do not add up to a total.`,
    fix: correct(job, 'total.columns'),
  }
}

function noTotalKey({ name }: TableDefinition, key: string, job: string): TableProblem {
  return {
    id: 'rollup.totalKey',
    evidence: `${key} alone is no unique key of ${name.table}, so one event could count for several rows.`,
    fix: correct(job, 'total.key'),
  }
}

async function resolveSeen(
  session: ReadSession,
  { options, schema }: Settings,
): Promise<SeenTable | undefined> {
  const hasUniques = toMeasures(options).some(({ type }) => type === 'unique')
  const isNeeded = options.filters.repeats !== undefined || (hasUniques && options.uniques === 'exact')
  if (!isNeeded) return undefined
  const name = { schema, table: seenTableName(options.into.table) }
  const table = await readTable(session, name)
  return { name: table?.name ?? name, table }
}

/** Names of tables have 64 characters at most. */
function seenTableName(counters: string): string {
  return `${counters.slice(0, 59)}_seen`
}

function columnOf(table: TableDefinition, name: string): Column {
  const column = findColumn(table, name)
  if (column === undefined) throw new TypeError(`column ${name} was there a moment ago`)
  return column
}

export function correct(job: string, key: string): string {
  return `Correct jobs.${job}.${key} in the configuration, then run: rowkeeper config check`
}

function noTable(name: string): TableProblem {
  return {
    id: 'rollup.tableMissing',
    evidence: `There is no table ${name}, or the account may not see it.`,
    fix: 'Correct the job in the configuration, then run: rowkeeper config check',
  }
}

/** Who may do something else with a table, DELETE for one, sees that it is there and none of its columns. */
async function unreadable(session: ReadSession, { name }: TableDefinition): Promise<TableProblem> {
  return {
    id: 'rollup.privileges',
    evidence: `The account may not SELECT on ${name.schema}.${name.table}.`,
    fix: await describeGrant(session, name, ['SELECT']),
  }
}

function noColumns(table: TableDefinition, missing: readonly string[], job: string): TableProblem {
  const names = table.columns.map((column) => column.name)
  const nearest = missing.map((name) => findNearest(name, names)).filter((name) => name !== undefined)
  const meant = nearest.length === 0 ? '' : ` Did you mean ${nearest.join(', ')}?`
  return {
    id: 'rollup.columnMissing',
    evidence: `${table.name.schema}.${table.name.table} has no column ${missing.join(', ')}.${meant} It has: ${names.join(', ')}.`,
    fix: `Correct jobs.${job} in the configuration, then run: rowkeeper config check`,
  }
}

function wrongTime(name: string, problem: string, job: string): TableProblem {
  return {
    id: 'rollup.timeType',
    evidence: `${name} cannot be the time of events: ${problem}.`,
    fix: correct(job, 'source.time'),
  }
}
