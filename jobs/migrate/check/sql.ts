import {
  type Fragment,
  id,
  join,
  raw,
  type Statement,
  sql,
  statement,
  tableId,
} from '../../../src/db/statement.ts'
import { selectKey } from '../../../src/engine/chunks/keyset.ts'
import { inBounds } from '../copy/sql.ts'
import type { Bounds } from '../position.ts'
import { keyColumn } from '../shadow/sql.ts'
import type { Route } from '../tables.ts'
import { cellOf, keyInTarget } from '../values.ts'

export type Side = 'source' | 'shadow'

const aliases: Readonly<Record<Side, Fragment>> = { source: raw('s'), shadow: raw('n') }

/** As in src/engine/chunks/checksum.ts: a sum over CRC32 alone would let two rows exchange their values. */
function rowChecksum({ pairs }: Route, side: Side): Fragment {
  const cells = pairs.map((pair) => {
    const cell = cellOf(pair, aliases.source, aliases.shadow)
    return side === 'source' ? cell.source : cell.target
  })
  return sql`CRC32(CRC32(CONCAT(${join(cells, ", _binary'|', ")})))`
}

/**
 * `row_count`, `checksum_xor`, `checksum_sum` of a chunk, as `toDigest` reads them. The limit, which is none, keeps the servers
 * from computing each checksum twice, once for each sum: 200,000 rows in 183 instead of 296 ms on MySQL 9.7, in 101 instead
 * of 146 on MariaDB 10.11.
 */
export function digestChunk(route: Route, side: Side, bounds: Bounds): Statement {
  return statement(
    `migrate.digest-${side}`,
    sql`SELECT COUNT(*) AS row_count, COALESCE(BIT_XOR(checksum), 0) AS checksum_xor,
        COALESCE(SUM(checksum), 0) AS checksum_sum
      FROM (SELECT ${rowChecksum(route, side)} AS checksum FROM ${from(route, side)}
        WHERE ${within(route, side, bounds)} LIMIT ${raw('18446744073709551615')}) AS checksums`,
  )
}

function from({ source, shadow, key }: Route, side: Side): Fragment {
  return side === 'source'
    ? sql`${tableId(source.name)} AS s FORCE INDEX (${id(key.sourceIndex)})`
    : sql`${tableId(shadow)} AS n FORCE INDEX (${id(key.targetIndex)})`
}

function within({ key }: Route, side: Side, bounds: Bounds): Fragment {
  const columns = key.pairs.map((pair) => pair.source)
  const names = key.pairs.map(({ source, target }) =>
    side === 'source' ? sql`s.${id(source.name)}` : sql`n.${id(target.name)}`,
  )
  return inBounds(names, columns, bounds)
}

/**
 * source: its rows whose copy is missing or another. shadow: its rows that are not in the source. Without rows that a
 * change speaks of, which is still to be applied.
 */
export function selectDifferences(route: Route, side: Side, bounds: Bounds, most: number): Statement {
  const other: Side = side === 'source' ? 'shadow' : 'source'
  const { key } = route
  const columns = key.pairs.map((pair) => (side === 'source' ? pair.source : pair.target))
  const [firstOther] = key.pairs.map((pair) => (side === 'source' ? pair.target : pair.source))
  const same = key.pairs.map(
    (pair) => sql`n.${id(pair.target.name)} = ${keyInTarget(pair, sql`s.${id(pair.source.name)}`)}`,
  )
  const isMissing = sql`${aliases[other]}.${id(firstOther?.name ?? '')} IS NULL`
  const differs =
    side === 'source'
      ? sql`(${isMissing} OR ${rowChecksum(route, 'source')} <> ${rowChecksum(route, 'shadow')})`
      : isMissing
  return statement(
    `migrate.differences-of-${side}`,
    sql`SELECT ${join(columns.map((column, position) => selectKey(column, `key_${position}`, aliases[side])))}
      FROM ${from(route, side)} LEFT JOIN ${from(route, other)} ON ${join(same, ' AND ')}
      WHERE ${within(route, side, bounds)} AND ${differs} AND NOT EXISTS (${pending(route, side)})
      LIMIT ${raw(String(most))}`,
  )
}

function pending({ changelog, key }: Route, side: Side): Fragment {
  const same = key.pairs.map((pair, position) => {
    const noted = sql`l.${keyColumn(position)}`
    return side === 'source'
      ? sql`${noted} = s.${id(pair.source.name)}`
      : sql`${keyInTarget(pair, noted)} = n.${id(pair.target.name)}`
  })
  return sql`SELECT 1 FROM ${tableId(changelog)} AS l WHERE ${join(same, ' AND ')}`
}
