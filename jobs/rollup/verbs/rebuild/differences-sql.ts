import {
  type Fragment,
  id,
  join,
  raw,
  type Statement,
  sql,
  statement,
  type TableName,
  tableId,
} from '../../../../src/db/statement.ts'
import type { CounterTable, SourceTable } from '../../tables.ts'
import { periodOf } from '../verify/sql.ts'
import type { Span } from './asked.ts'
import { groupNames, measureNames, ofSize, selectCounted } from './fill-sql.ts'

/** The smallest counters that differ from the rows of events, by day: `period`, `counters`, and `change_0` and on. */
export function compareWithEvents(source: SourceTable, counters: CounterTable, stretch: Span): Statement {
  return statement(
    'rollup.compare-with-events',
    selectDifferences(counters, stretch, selectCounted(source, counters, stretch)),
  )
}

/** The same from what the shadow holds, which is all of the stretch. */
export function compareWithShadow(shadow: TableName, counters: CounterTable, stretch: Span): Statement {
  return statement(
    'rollup.compare-with-shadow',
    selectDifferences(counters, stretch, selectSmallest(shadow, counters, stretch)),
  )
}

function selectSmallest(table: TableName, counters: CounterTable, stretch: Span): Fragment {
  const names = [...groupNames(counters), 'bucket_start', ...measureNames(counters)].map(id)
  return sql`SELECT ${join(names)} FROM ${tableId(table)} WHERE ${ofSize(counters.sizes[0], stretch)}`
}

/** Both in one statement, which sees one instant. */
function selectDifferences(counters: CounterTable, stretch: Span, truth: Fragment): Fragment {
  const keys = join([...groupNames(counters), 'bucket_start'].map(id))
  const changes = counters.measures.map((_, position) => id(`change_${position}`))
  const reckoned = measureNames(counters).map(
    (name, position) =>
      sql`SUM(CASE side WHEN 'must' THEN ${id(name)} ELSE 0 END) -
        SUM(CASE side WHEN 'is' THEN ${id(name)} ELSE 0 END) AS ${id(`change_${position}`)}`,
  )
  const differs = join(
    changes.map((change) => sql`${change} <> 0`),
    ' OR ',
  )
  return sql`SELECT ${periodOf(raw('bucket_start'), counters.sizes[0])} AS period, COUNT(*) AS counters,
      ${join(changes.map((change) => sql`SUM(${change}) AS ${change}`))}
    FROM (
      SELECT bucket_start, ${join(reckoned)} FROM (
        SELECT 'must' AS side, must.* FROM (${truth}) AS must
        UNION ALL SELECT 'is', present.* FROM (${selectSmallest(counters.name, counters, stretch)}) AS present) AS sides
      GROUP BY ${keys} HAVING ${differs}) AS differing
    GROUP BY period ORDER BY period`
}
