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
import { upTo } from '../../../src/engine/chunks/keyset.ts'
import { keyValues } from '../position.ts'
import { keyColumn } from '../shadow/sql.ts'
import type { Position } from '../state/model.ts'
import type { Route } from '../tables.ts'
import { keyInTarget } from '../values.ts'

export interface PageBounds {
  /** Changes behind this one. */
  readonly after: bigint
  readonly rows: number
  /** While rows are being copied: only of keys up to here, where no chunk is at work any more. */
  readonly copied: Position | undefined
}

/** Numbers of changes, rising. One with a low number may be committed late: the next pass begins at the front again. */
export function selectPage({ changelog, key }: Route, { after, rows, copied }: PageBounds): Statement {
  return statement(
    'migrate.select-changes',
    sql`SELECT change_id FROM ${tableId(changelog)} WHERE change_id > ${after}
      ${
        copied === undefined
          ? nothing
          : sql`AND ${isCopied(
              key.pairs.map((pair) => pair.source),
              copied,
            )}`
      }
      ORDER BY change_id LIMIT ${rows}`,
  )
}

function isCopied(columns: readonly Column[], copied: Position): Fragment {
  const names = columns.map((_, position) => keyColumn(position))
  return upTo(names, keyValues(columns, copied))
}

/**
 * Which changes: those of a page, named one by one, since a transaction with a number in between may still be open; or all,
 * when nobody can write.
 */
export type Changes = readonly bigint[] | 'all'

/**
 * Looked up from the numbers in the order that is written here: a DELETE by a list or a range would read, and wait for,
 * rows that others are just inserting (measured for rollup; see there).
 */
function changesOf({ changelog }: Route, changes: Changes): Fragment {
  const table = tableId(changelog)
  if (changes === 'all') return table
  const page = sql`JSON_TABLE(${`[${changes.join(',')}]`}, '$[*]' COLUMNS (change_id BIGINT UNSIGNED PATH '$')) AS page`
  return sql`${page} STRAIGHT_JOIN ${table} FORCE INDEX (PRIMARY) ON ${table}.change_id = page.change_id`
}

export function deleteChanged(route: Route, changes: Changes): Statement {
  const { shadow, changelog, key } = route
  const name = tableId(shadow)
  const isSame = key.pairs.map((pair, position) => {
    const noted = keyInTarget(pair, sql`${tableId(changelog)}.${keyColumn(position)}`)
    return sql`${name}.${id(pair.target.name)} = ${noted}`
  })
  return statement(
    'migrate.delete-changed',
    sql`DELETE ${name} FROM ${changesOf(route, changes)}
      STRAIGHT_JOIN ${name} FORCE INDEX (${id(key.targetIndex)}) ON ${join(isSame, ' AND ')}`,
  )
}

/** As the rows are now. Plain INSERT: what clashes with another row must not replace it. */
export function insertChanged(route: Route, changes: Changes): Statement {
  const { source, shadow, changelog, pairs, key } = route
  const columns = key.pairs.map((_, position) => keyColumn(position))
  const noted = columns.map((column) => sql`${tableId(changelog)}.${column}`)
  const name = tableId(source.name)
  const isSame = key.pairs.map(
    (pair, position) => sql`${name}.${id(pair.source.name)} = changed.${keyColumn(position)}`,
  )
  return statement(
    'migrate.insert-changed',
    sql`INSERT INTO ${tableId(shadow)} (${join(pairs.map(({ target }) => id(target.name)))})
      SELECT ${join(pairs.map((pair) => sql`${name}.${id(pair.source.name)}`))}
      FROM (SELECT DISTINCT ${join(noted)} FROM ${changesOf(route, changes)}) AS changed
      STRAIGHT_JOIN ${name} FORCE INDEX (${id(key.sourceIndex)}) ON ${join(isSame, ' AND ')}`,
  )
}

export function deleteNoted(route: Route, changes: Changes): Statement {
  const name = tableId(route.changelog)
  const body =
    changes === 'all' ? sql`DELETE FROM ${name}` : sql`DELETE ${name} FROM ${changesOf(route, changes)}`
  return statement('migrate.delete-noted', body)
}

/** Keys whose rows shall be carried over again. */
export function noteKeys({ changelog, key }: Route, keys: readonly Position[]): Statement {
  const columns = key.pairs.map((pair) => pair.source)
  const rows = keys.map(
    (position) => sql`(${join(keyValues(columns, position).map((value) => sql`${value}`))})`,
  )
  return statement(
    'migrate.note-keys',
    sql`INSERT INTO ${tableId(changelog)} (${join(columns.map((_, position) => keyColumn(position)))})
      VALUES ${join(rows)}`,
  )
}

/** Up to a bound: beyond it a catch-up is not near. */
export function countNoted({ changelog }: Pick<Route, 'changelog'>, most: number): Statement {
  return statement(
    'migrate.count-changes',
    sql`SELECT COUNT(*) AS changes FROM (SELECT 1 FROM ${tableId(changelog)} LIMIT ${raw(String(most))}) AS some`,
  )
}
