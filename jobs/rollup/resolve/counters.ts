import { type Column, findColumn, readTable, type TableDefinition } from '../../../src/db/catalog.ts'
import type { ReadSession } from '../../../src/db/session.ts'
import { orderSizes } from '../buckets/sizes.ts'
import { type Measure, toMeasures } from '../measures.ts'
import {
  type CounterTable,
  correct,
  type SeenTable,
  type Settings,
  type SourceTable,
  scaleOf,
  type TableProblem,
} from '../tables.ts'
import type { Found } from './problems.ts'

export async function resolveCounters(
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

export async function resolveSeen(
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
