import { type Fragment, id, join, list, sql } from '../../../src/db/statement.ts'

/** Whole numbers that follow one another without a gap. */
export interface Run {
  readonly first: bigint
  readonly last: bigint
}

/** Exactly these numbers: between the ends of a run there is no room for another row. */
export function inRuns(column: string, runs: readonly Run[]): Fragment {
  const name = id(column)
  const single = runs.filter(({ first, last }) => first === last).map(({ first }) => first)
  const longer = runs
    .filter(({ first, last }) => first < last)
    .map(({ first, last }) => sql`${name} BETWEEN ${first} AND ${last}`)
  const alternatives = [...longer, ...(single.length === 0 ? [] : [sql`${name} IN (${list(single)})`])]
  return alternatives.length === 0 ? sql`FALSE` : sql`(${join(alternatives, ' OR ')})`
}
