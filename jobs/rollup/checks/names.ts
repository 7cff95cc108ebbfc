import type { TableName } from '../../../src/db/statement.ts'
import { readTableKind } from '../../../src/db/table-kind.ts'
import type { PlanContext } from '../../../src/run/context.ts'
import type { Finding } from '../../../src/run/events.ts'
import { correct, type Settings } from '../tables.ts'
import { refusal } from './look.ts'

/** Each name is of a table, and none is both counted and filled. */
export async function checkNames(
  context: PlanContext,
  { options, schema, job }: Settings,
): Promise<readonly Finding[]> {
  const named = [
    { key: 'source.table', table: options.source?.table },
    { key: 'into.table', table: options.into.table },
    { key: 'total.table', table: options.total?.table },
  ].flatMap(({ key, table }) => (table === undefined ? [] : [{ key, name: { schema, table } }]))
  const findings: Finding[] = []
  for (const [index, { key, name }] of named.entries()) {
    const earlier = named.slice(0, index).find((other) => isSame(other.name, name, context))
    if (earlier !== undefined) findings.push(usedTwice(earlier.key, key, name, job))
    const kind = await context.read((session) => readTableKind(session, name))
    if (kind !== undefined && kind !== 'table')
      findings.push(
        refusal(
          'notATable',
          `${name.schema}.${name.table} is a ${kind}, not an ordinary table.`,
          correct(job, key),
        ),
      )
  }
  return findings
}

function isSame(one: TableName, other: TableName, { server }: PlanContext): boolean {
  const fold = (name: string) => (server.lowerCaseTableNames === 0 ? name : name.toLowerCase())
  return fold(one.table) === fold(other.table)
}

function usedTwice(first: string, second: string, { schema, table }: TableName, job: string): Finding {
  return refusal(
    'sameTable',
    `${first} and ${second} are one table, ${schema}.${table}; events, counters and totals each need their own.`,
    correct(job, second),
  )
}
