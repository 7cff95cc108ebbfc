import type { Column } from '../../../src/db/catalog.ts'
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
} from '../../../src/db/statement.ts'
import { after, orderBy, selectKey, upTo } from '../../../src/engine/chunks/keyset.ts'
import { type Bounds, keyValues } from '../position.ts'
import type { Position } from '../state/model.ts'
import type { Route } from '../tables.ts'

/** The last key there is; no row when there is none. */
export function selectLastKey({ source, key }: Route): Statement {
  const columns = key.pairs.map((pair) => pair.source)
  const descending = columns.map(({ name }) => sql`${id(name)} DESC`)
  return statement(
    'migrate.select-last-key',
    sql`SELECT ${join(columns.map((column, position) => selectKey(column, `key_${position}`)))}
      FROM ${tableId(source.name)} FORCE INDEX (${id(key.sourceIndex)}) ORDER BY ${join(descending)} LIMIT 1`,
  )
}

/** The key `rows` rows behind `from`, not behind `last`; no row when there are fewer. */
export function selectChunkEnd({ source, key }: Route, { from, to }: Bounds, rows: number): Statement {
  const columns = key.pairs.map((pair) => pair.source)
  return statement(
    'migrate.select-chunk-end',
    sql`SELECT ${join(columns.map((column, position) => selectKey(column, `key_${position}`)))}
      FROM ${tableId(source.name)} FORCE INDEX (${id(key.sourceIndex)})
      WHERE ${inBounds(namesOf(columns), columns, { from, to })}
      ${orderBy(columns.map(({ name }) => name))} LIMIT 1 OFFSET ${raw(String(rows - 1))}`,
  )
}

function namesOf(columns: readonly Column[]): readonly Fragment[] {
  return columns.map(({ name }) => id(name))
}

/** Behind `from`, up to `to`. `names`: of the key in the table that is read; `columns`: what its values were read from. */
export function inBounds(
  names: readonly Fragment[],
  columns: readonly Column[],
  { from, to }: Bounds,
): Fragment {
  const lower = from === undefined ? nothing : sql`${after(names, keyValues(columns, from))} AND `
  return sql`${lower}${upTo(names, keyValues(columns, to))}`
}

/**
 * Plain INSERT: a row that is there already is an error and not a row to pass over, since a chunk's rows cannot be there.
 * Read without locks (READ COMMITTED); what changes meanwhile is in the changelog.
 */
export function copyChunk({ source, shadow, pairs, key }: Route, bounds: Bounds): Statement {
  const columns = key.pairs.map((pair) => pair.source)
  return statement(
    'migrate.copy-chunk',
    sql`INSERT INTO ${tableId(shadow)} (${join(pairs.map(({ target }) => id(target.name)))})
      SELECT ${join(pairs.map(({ source: { name } }) => id(name)))}
      FROM ${tableId(source.name)} FORCE INDEX (${id(key.sourceIndex)})
      WHERE ${inBounds(namesOf(columns), columns, bounds)}`,
  )
}

/** Rows that chunks behind the saved position brought, when the run ended before it saved one further on. */
export function deleteBehind({ shadow, key }: Route, from: Position | undefined, rows: number): Statement {
  const names = key.pairs.map(({ target }) => id(target.name))
  const columns = key.pairs.map((pair) => pair.source)
  const behind = from === undefined ? raw('TRUE') : after(names, keyValues(columns, from))
  return statement(
    'migrate.delete-behind',
    sql`DELETE FROM ${tableId(shadow)} WHERE ${behind} LIMIT ${raw(String(rows))}`,
  )
}
