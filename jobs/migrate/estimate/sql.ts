import { id, raw, type Statement, sql, statement, tableId } from '../../../src/db/statement.ts'
import type { Route } from '../tables.ts'

/** Counts up to a bound: beyond it the server's own estimate has to do. */
export function countRows({ source, key }: Pick<Route, 'source' | 'key'>, most: number): Statement {
  return statement(
    'migrate.count-rows',
    sql`SELECT COUNT(*) AS row_count FROM (SELECT 1 FROM ${tableId(source.name)} FORCE INDEX (${id(key.sourceIndex)})
      LIMIT ${raw(String(most))}) AS some`,
  )
}

/** First and last value of a key that is one whole number. */
export function selectEnds({ source, key }: Pick<Route, 'source' | 'key'>): Statement {
  const name = id(key.pairs[0]?.source.name ?? '')
  return statement(
    'migrate.select-ends',
    sql`SELECT MIN(${name}) AS first, MAX(${name}) AS last FROM ${tableId(source.name)}`,
  )
}
