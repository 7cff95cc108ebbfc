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
} from '../../../src/db/statement.ts'
import { unreachable } from '../../../src/lib/errors.ts'
import type { Age } from './age.ts'
import type { PartitionChange } from './changes.ts'
import type { NewPartition } from './new-partitions.ts'
import type { Layout, PartitionFunction } from './scheme.ts'

/** One change of a table's partitions. It commits by itself, and takes an exclusive metadata lock for its time. */
export function changePartitions(table: TableName, change: PartitionChange, layout: Layout): Statement {
  switch (change.type) {
    case 'add':
      return statement(
        'archive.add-partitions',
        sql`ALTER TABLE ${tableId(table)} ADD PARTITION (${defineAll(change.partitions, layout)})`,
      )
    case 'split':
      return statement(
        'archive.split-partition',
        sql`ALTER TABLE ${tableId(table)} REORGANIZE PARTITION ${id(change.partition)} INTO (${defineAll(change.into, layout)})`,
      )
    default:
      return unreachable(change)
  }
}

/** `items`: columns and keys as the server prints them; `options`: what follows the parentheses. */
export function createTable(
  table: TableName,
  { items, options }: { readonly items: readonly string[]; readonly options: string },
  { layout, partitions }: { readonly layout: Layout; readonly partitions: readonly NewPartition[] },
): Statement {
  return statement(
    'archive.create-table',
    sql`CREATE TABLE ${tableId(table)} (
  ${raw(items.join(',\n  '))}
) ${raw(options)}
PARTITION BY ${raw(layout.scheme.method)} (${partitionedBy(layout.scheme.by, layout.age)}) (
  ${defineAll(partitions, layout)}
)`,
  )
}

function partitionedBy(by: PartitionFunction, { column }: Age): Fragment {
  switch (by) {
    case 'column':
      return id(column.name)
    case 'floor(unix_timestamp)':
      return sql`FLOOR(UNIX_TIMESTAMP(${id(column.name)}))`
    case 'unix_timestamp':
    case 'to_days':
    case 'to_seconds':
      return sql`${raw(by.toUpperCase())}(${id(column.name)})`
    default:
      return unreachable(by)
  }
}

function defineAll(partitions: readonly NewPartition[], layout: Layout): Fragment {
  return join(
    partitions.map(
      ({ name, upperBound }) => sql`PARTITION ${id(name)} VALUES LESS THAN ${toLiteral(upperBound, layout)}`,
    ),
    ',\n  ',
  )
}

/** Written out and not bound, so that a plan shows the statement as it is sent; nothing but a bound has these forms. */
function toLiteral(bound: string | undefined, { scheme, age }: Layout): Fragment {
  if (bound === undefined) return raw(scheme.method === 'RANGE' ? 'MAXVALUE' : '(MAXVALUE)')
  const isText = scheme.by === 'column' && age.kind !== 'epoch'
  if (isText && /^[\d:. -]+$/.test(bound)) return raw(`('${bound}')`)
  if (!isText && /^-?\d+$/.test(bound)) return raw(`(${bound})`)
  throw new TypeError(`${bound} is no bound of a partition`)
}
