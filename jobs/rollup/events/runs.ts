import { type Fragment, id, join, list, sql } from '../../../src/db/statement.ts'

/** Whole numbers that follow one another without a gap. */
export interface Run {
  readonly first: bigint
  readonly last: bigint
}

/**
 * Exactly these numbers: between the ends of a run there is no room for another row. For 50,000 rows in one run a DELETE
 * takes a third of the time of one with a list of its keys on MariaDB 10.11, and two thirds on MySQL 9.7.
 *
 * The last number of a run stands alone. A DELETE of a range locks the first row behind it too, to see that it is one
 * too many, and waits for whoever is writing that row (seen as a deadlock of two workers). Looked up by itself, the last
 * row is the only one that is touched, and the row behind the rest of the run is that very row.
 */
export function inRuns(column: string, runs: readonly Run[]): Fragment {
  const name = id(column)
  const ranges = runs
    .filter(({ first, last }) => first < last)
    .map(({ first, last }) => sql`${name} BETWEEN ${first} AND ${last - 1n}`)
  if (runs.length === 0) return sql`FALSE`
  return sql`(${join([...ranges, sql`${name} IN (${list(runs.map(({ last }) => last))})`], ' OR ')})`
}
