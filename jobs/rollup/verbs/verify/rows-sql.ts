import { id, join, raw, type Statement, sql, statement, tableId } from '../../../../src/db/statement.ts'
import { bucketStartSql } from '../../buckets/bucket-sql.ts'
import { inRange, type TextRange } from '../../recompute/sql.ts'
import type { SourceTable } from '../../tables.ts'
import { type DaysAsked, periodOf, sampled } from './sql.ts'

/** By day what rows of events say, as `sumCounters` does for counters: `period`, `amount_0` and on. */
export function sumRows(
  source: SourceTable,
  range: TextRange,
  { window, measures, size, sample }: DaysAsked,
): Statement {
  let sums = 0
  const amounts = measures.map(({ type }, position) => {
    const column = type === 'sum' ? source.sums[sums++] : undefined
    const amount = column === undefined ? raw('COUNT(*)') : sql`SUM(${id(column.name)})`
    return sql`${amount} AS ${id(`amount_${position}`)}`
  })
  const start = bucketStartSql(source.time, range.shifts, size)
  const day = periodOf(start, size)
  return statement(
    'rollup.sum-rows',
    sql`SELECT ${day} AS period, ${join(amounts)} FROM ${tableId(source.table.name)}
      WHERE ${inRange(source, range)} AND ${start} >= ${window.from} AND ${start} < ${window.to}${sampled(sample, [day])}
      GROUP BY period`,
  )
}
