import { findColumn, findUniqueIndex, readTable, type TableDefinition } from '../../../src/db/catalog.ts'
import type { ReadSession } from '../../../src/db/session.ts'
import { type CounterTable, correct, type Settings, type TableProblem, type TotalTable } from '../tables.ts'
import { columnOf, type Found, noColumns, noTable } from './problems.ts'

export async function resolveTotal(
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
