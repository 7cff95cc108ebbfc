import { id, type Statement, sql, statement, tableId } from '../../../src/db/statement.ts'
import type { Route } from '../tables.ts'

/** Not up to a bound: for that the servers write the rows down first, which takes MariaDB three times as long. */
export function countRows({ source, key }: Pick<Route, 'source' | 'key'>): Statement {
  return statement(
    'migrate.count-rows',
    sql`SELECT COUNT(*) AS row_count FROM ${tableId(source.name)} FORCE INDEX (${id(key.sourceIndex)})`,
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
