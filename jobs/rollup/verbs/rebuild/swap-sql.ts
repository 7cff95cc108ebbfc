import {
  type Fragment,
  id,
  join,
  type Statement,
  sql,
  statement,
  type TableName,
  tableId,
} from '../../../../src/db/statement.ts'
import { after, type KeyValue, selectKey, upTo } from '../../../../src/engine/chunks/keyset.ts'
import { keyColumnNames } from '../../counters/sql.ts'
import type { CounterTable } from '../../tables.ts'
import { groupNames, isSameKey, measureNames } from './fill-sql.ts'

/** Statements that make counters of what the shadow holds. */

/** Groups behind the first and up to the last, which is included; undefined where there is no bound. */
export interface Piece {
  readonly behind: readonly KeyValue[] | undefined
  readonly last: readonly KeyValue[] | undefined
}

/** The group of the row that lies so many behind a group: `group_0` and on. */
export function selectPieceEnd(
  shadow: TableName,
  counters: CounterTable,
  { behind, rows }: Pick<Piece, 'behind'> & { readonly rows: number },
): Statement {
  const groups = counters.group.map(({ name, column }, position) =>
    selectKey({ ...column, name }, `group_${position}`),
  )
  return statement(
    'rollup.select-piece-end',
    sql`SELECT ${join(groups)} FROM ${tableId(shadow)} AS shadow WHERE ${inPiece(counters, { behind, last: undefined })}
      ORDER BY ${join(groupsOf(counters))} LIMIT ${rows - 1}, 1`,
  )
}

/** By how much the totals of objects change: `object`, and `change_0` and on, one for each measure. */
export function selectTotalChanges(
  shadow: TableName,
  counters: CounterTable,
  { position, piece }: { readonly position: number; readonly piece: Piece },
): Statement {
  const group = counters.group[position]
  if (group === undefined) throw new TypeError('the total belongs to no column of the group')
  const { name, column } = group
  const changes = measureNames(counters).map(
    (measure, index) =>
      sql`SUM(shadow.${id(measure)}) - COALESCE(SUM(counters.${id(measure)}), 0) AS ${id(`change_${index}`)}`,
  )
  return statement(
    'rollup.select-total-changes',
    sql`SELECT ${selectKey({ ...column, name }, 'object', id('shadow'))}, ${join(changes)}
      FROM ${tableId(shadow)} AS shadow LEFT JOIN ${tableId(counters.name)} AS counters ON ${isSameKey(counters)}
      WHERE shadow.bucket_size = ${counters.sizes[0]} AND ${inPiece(counters, piece)} GROUP BY shadow.${id(name)}`,
  )
}

/** Sets counters of every size: doing it twice changes nothing. */
export function setFromShadow(shadow: TableName, counters: CounterTable, piece: Piece): Statement {
  const key = keyColumnNames(counters).map(id)
  const measures = measureNames(counters).map(id)
  const names = join([...key, ...measures])
  return statement(
    'rollup.set-from-shadow',
    sql`INSERT INTO ${tableId(counters.name)} (${names})
      SELECT * FROM (SELECT ${names} FROM ${tableId(shadow)} AS shadow WHERE ${inPiece(counters, piece)}) AS rebuilt
      ORDER BY ${join(key)}
      ON DUPLICATE KEY UPDATE ${join(measures.map((name) => sql`${name} = rebuilt.${name}`))}`,
  )
}

function inPiece(counters: CounterTable, { behind, last }: Piece): Fragment {
  const columns = groupsOf(counters)
  const bounds = [
    ...(behind === undefined ? [] : [after(columns, behind)]),
    ...(last === undefined ? [] : [upTo(columns, last)]),
  ]
  return bounds.length === 0 ? sql`TRUE` : join(bounds, ' AND ')
}

function groupsOf(counters: CounterTable): readonly Fragment[] {
  return groupNames(counters).map((name) => sql`shadow.${id(name)}`)
}
