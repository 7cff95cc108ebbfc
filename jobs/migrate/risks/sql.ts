import { id, join, raw, type Statement, sql, statement, tableId } from '../../../src/db/statement.ts'
import { selectKey } from '../../../src/engine/chunks/keyset.ts'
import type { Route } from '../tables.ts'
import type { Risk } from './model.ts'
import type { UniqueQuestion } from './uniques.ts'

/** One look at every row for all questions: `risk_0`, `risk_1` … */
export function countRisks({ source }: Pick<Route, 'source'>, risks: readonly Risk[]): Statement {
  const counts = risks.map(
    ({ condition }, index) => sql`COALESCE(SUM(${condition}), 0) AS ${id(`risk_${index}`)}`,
  )
  return statement('migrate.count-risks', sql`SELECT ${join(counts)} FROM ${tableId(source.name)} AS s`)
}

export function selectRiskKeys(
  { source, key }: Pick<Route, 'source' | 'key'>,
  risk: Risk,
  most: number,
): Statement {
  const columns = key.pairs.map((pair) => pair.source)
  return statement(
    'migrate.select-risk-keys',
    sql`SELECT ${join(columns.map((column, position) => selectKey(column, `key_${position}`, raw('s'))))}
      FROM ${tableId(source.name)} AS s WHERE ${risk.condition} LIMIT ${raw(String(most))}`,
  )
}

/** Values that several rows have. NULL is like no other. */
export function selectTwins(
  { source }: Pick<Route, 'source'>,
  { values }: UniqueQuestion,
  most: number,
): Statement {
  const columns = values.map((value, index) => sql`${value} AS ${id(`value_${index}`)}`)
  const names = values.map((_, index) => id(`value_${index}`))
  const there = values.map((value) => sql`${value} IS NOT NULL`)
  return statement(
    'migrate.select-twins',
    sql`SELECT ${join(columns)}, COUNT(*) AS twins FROM ${tableId(source.name)} AS s
      WHERE ${join(there, ' AND ')} GROUP BY ${join(names)} HAVING COUNT(*) > 1 LIMIT ${raw(String(most))}`,
  )
}
