import { findColumn, findUniqueIndex, readTable, type TableDefinition } from '../../../src/db/catalog.ts'
import type { ReadSession } from '../../../src/db/session.ts'
import { isExactKey } from '../../../src/engine/chunks/keyset.ts'
import { toEventTime } from '../buckets/event-time.ts'
import type { RollupConfig } from '../config.ts'
import { toMeasures } from '../measures.ts'
import { correct, type Settings, type SourceTable, type TableProblem } from '../tables.ts'
import { columnOf, type Found, isProblem, noColumns, noTable, unreadable } from './problems.ts'

export async function resolveSource(
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

function wrongTime(name: string, problem: string, job: string): TableProblem {
  return {
    id: 'rollup.timeType',
    evidence: `${name} cannot be the time of events: ${problem}.`,
    fix: correct(job, 'source.time'),
  }
}
