import type { Column } from '../../../../src/db/catalog.ts'
import {
  type Fragment,
  id,
  join,
  nothing,
  raw,
  type Statement,
  sql,
  statement,
  tableId,
} from '../../../../src/db/statement.ts'
import { selectKey } from '../../../../src/engine/chunks/keyset.ts'
import type { CounterTable, TotalTable } from '../../tables.ts'
import type { Sample } from './sample.ts'
import { sampled } from './sql.ts'

/**
 * Objects whose totals are not the sums of their counters of the largest size: `object`, and `total_0`, `counted_0` and
 * on. Bots are in no total.
 */
export function selectWrongTotals(
  counters: CounterTable,
  { table, key, groupPosition, columns }: TotalTable,
  { sample, rows }: { readonly sample: Sample; readonly rows: number },
): Statement {
  const group = comparable(key, id(counters.group[groupPosition]?.name ?? ''))
  const people = counters.hasSeries ? sql` AND series = 'people'` : nothing
  const sums = columns.map(
    ({ measure }, position) => sql`SUM(${id(measure.name)}) AS ${id(`sum_${position}`)}`,
  )
  const own = sql`objects.${id(key.name)}`
  const pairs = columns.map(({ column }, position) => ({
    total: sql`COALESCE(objects.${id(column.name)}, 0)`,
    counted: sql`COALESCE(counted.${id(`sum_${position}`)}, 0)`,
  }))
  const amounts = pairs.map(
    ({ total, counted }, position) =>
      sql`${total} AS ${id(`total_${position}`)}, ${counted} AS ${id(`counted_${position}`)}`,
  )
  const differ = join(
    pairs.map(({ total, counted }) => sql`${total} <> ${counted}`),
    ' OR ',
  )
  return statement(
    'rollup.select-wrong-totals',
    sql`SELECT ${readable(key, own)}, ${join(amounts)} FROM ${tableId(table.name)} AS objects
      LEFT JOIN (
        SELECT ${group} AS object, ${join(sums)} FROM ${tableId(counters.name)}
        WHERE bucket_size = ${counters.sizes.at(-1) ?? ''}${people} GROUP BY object) AS counted
      ON counted.object = ${own}
      WHERE (${differ})${sampled(sample, [own])} ORDER BY ${own} LIMIT ${rows}`,
  )
}

/** Two columns of text may compare by rules that the server does not mix: those of the objects decide. */
function comparable({ characterSet, collation }: Column, group: Fragment): Fragment {
  if (characterSet === undefined || collation === undefined) return group
  return sql`CONVERT(${group} USING ${raw(characterSet)}) COLLATE ${raw(collation)}`
}

function readable(key: Column, own: Fragment): Fragment {
  return key.characterSet === undefined ? selectKey(key, 'object', id('objects')) : sql`${own} AS object`
}
