import type { Column } from '../../../src/db/catalog.ts'
import type { Family } from '../../../src/db/server.ts'
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
import { type KeyValue, keyIn, keyValue } from '../../../src/engine/chunks/keyset.ts'
import type { Counted } from '../fold/fold.ts'
import type { CounterTable, GroupColumn, TotalTable } from '../tables.ts'

/** Statements that change counters and totals. Every one adds to what is there, so the order of batches is nothing. */

/** The columns of the key, in its order. */
export function keyColumnNames({ group, hasSeries }: CounterTable): readonly string[] {
  return [...group.map(({ name }) => name), ...(hasSeries ? ['series'] : []), 'bucket_size', 'bucket_start']
}

export function createCounters(counters: CounterTable): Statement {
  const columns = [
    ...counters.group.map(defineGroupColumn),
    ...(counters.hasSeries ? [sql`${id('series')} ${ascii} NOT NULL`] : []),
    sql`${id('bucket_size')} ${ascii} NOT NULL`,
    sql`${id('bucket_start')} DATETIME NOT NULL`,
    ...defineMeasures(counters),
    sql`PRIMARY KEY (${join(keyColumnNames(counters).map(id))})`,
    sql`KEY ${id('by_bucket')} (${join(['bucket_size', 'bucket_start'].map(id))})`,
  ]
  return statement(
    'rollup.create-counters',
    sql`CREATE TABLE IF NOT EXISTS ${tableId(counters.name)} (${join(columns)}) ENGINE=InnoDB`,
  )
}

const ascii = raw('VARCHAR(8) CHARACTER SET ascii COLLATE ascii_bin')

function defineGroupColumn({ name, column }: GroupColumn): Fragment {
  const { columnType, characterSet, collation } = column
  const text =
    characterSet === undefined
      ? ''
      : ` CHARACTER SET ${characterSet}${collation ? ` COLLATE ${collation}` : ''}`
  return sql`${id(name)} ${raw(columnType + text)} NOT NULL`
}

function defineMeasures({ measures, uniques, scales }: CounterTable): readonly Fragment[] {
  let sums = 0
  return measures.flatMap(({ name, type }) => {
    const defined = (definition: string) => sql`${id(name)} ${raw(definition)} NOT NULL DEFAULT 0`
    if (type === 'sum') {
      const scale = scales[sums++] ?? 0
      return [defined(scale === 0 ? 'BIGINT' : `DECIMAL(38,${scale})`)]
    }
    const sketch = type === 'unique' && uniques === 'estimated'
    return [defined('BIGINT UNSIGNED'), ...(sketch ? [sql`${id(sketchColumn(name))} BLOB NULL`] : [])]
  })
}

/** Beside an estimate stands what it is reckoned from. */
export function sketchColumn(measure: string): string {
  return `${measure.slice(0, 57)}_sketch`
}

/** A counter's key, and what is added to the columns named. */
export interface Addition {
  readonly key: readonly KeyValue[]
  readonly amounts: readonly KeyValue[]
}

export function addCounts(
  counters: CounterTable,
  columns: readonly string[],
  additions: readonly Addition[],
  family: Family,
): Statement {
  const body = insertOrChange(counters, {
    columns,
    family,
    all: additions.map(({ key, amounts }) => [...key, ...amounts]),
    change: (there, added) => sql`${there} + ${added}`,
  })
  return statement('rollup.add-counts', body)
}

interface Upsert {
  /** Beside those of the key. */
  readonly columns: readonly string[]
  readonly family: Family
  readonly all: readonly (readonly KeyValue[])[]
  /** What a column becomes, of what is there and what comes. */
  readonly change: (there: Fragment, added: Fragment) => Fragment
}

/** MySQL has deprecated VALUES() for a row alias, which MariaDB does not know. */
export function insertOrChange(counters: CounterTable, { columns, family, all, change }: Upsert): Fragment {
  const isMySql = family === 'mysql'
  const added = (name: string) => (isMySql ? sql`added.${id(name)}` : sql`VALUES(${id(name)})`)
  const table = tableId(counters.name)
  const names = join([...keyColumnNames(counters), ...columns].map(id))
  const changes = columns.map((name) => sql`${id(name)} = ${change(sql`${table}.${id(name)}`, added(name))}`)
  // Where all measures are estimates nothing is added, but the rows must be there, and locked.
  const none = sql`${id('bucket_start')} = ${table}.${id('bucket_start')}`
  return sql`INSERT INTO ${table} (${names}) VALUES ${rows(all)}
    ${isMySql ? raw('AS added') : nothing} ON DUPLICATE KEY UPDATE ${changes.length === 0 ? none : join(changes)}`
}

/** `(1, 2), (3, 4)`, spliced in one pass. */
export function rows(all: readonly (readonly KeyValue[])[]): Fragment {
  const chunks = ['']
  const values: (string | number | bigint | Buffer | null)[] = []
  const append = (text: string) => {
    chunks[chunks.length - 1] += text
  }
  for (const [position, row] of all.entries()) {
    append(position === 0 ? '(' : '), (')
    for (const [index, cell] of row.entries()) {
      if (index > 0) append(', ')
      if (typeof cell === 'object' && cell !== null && 'chunks' in cell) append(cell.chunks.join(''))
      else {
        values.push(cell)
        chunks.push('')
      }
    }
  }
  append(')')
  return { chunks, values }
}

export interface TotalAddition {
  readonly object: KeyValue
  readonly amounts: readonly KeyValue[]
}

/**
 * Adds to the totals of objects, in the order of their key: an UPDATE of several tables has no order, and two of them
 * would wait for each other. An object that is not there stays away: an upsert would make one up. Columns that the
 * server stamps with the time of a change keep theirs.
 */
export function addTotals(
  { table, key, columns }: TotalTable,
  additions: readonly TotalAddition[],
): Statement {
  const name = id(key.name)
  const changes = columns.map(({ column }, position) => {
    const cases = additions.map(({ object, amounts }) => sql`WHEN ${object} THEN ${amounts[position] ?? 0}`)
    return sql`${id(column.name)} = ${id(column.name)} + CASE ${name} ${join(cases, ' ')} ELSE 0 END`
  })
  return statement(
    'rollup.add-totals',
    sql`UPDATE ${tableId(table.name)} SET ${join([...changes, ...keepStamps(table.columns)])}
      WHERE ${keyIn([key.name], objectKeys(additions))} ORDER BY ${name}`,
  )
}

function objectKeys(additions: readonly TotalAddition[]): readonly (readonly KeyValue[])[] {
  return additions.map(({ object }) => [object])
}

function keepStamps(columns: readonly Column[]): readonly Fragment[] {
  return columns.filter(({ onUpdateNow }) => onUpdateNow).map(({ name }) => sql`${id(name)} = ${id(name)}`)
}

/** Which of these objects are there. */
export function selectObjects({ table, key }: TotalTable, additions: readonly TotalAddition[]): Statement {
  return statement(
    'rollup.select-objects',
    sql`SELECT ${id(key.name)} AS object FROM ${tableId(table.name)}
      WHERE ${keyIn([key.name], objectKeys(additions))}`,
  )
}

/** The values of a group as statements take them. */
export function groupValues(group: readonly GroupColumn[], cells: readonly string[]): readonly KeyValue[] {
  return group.map(({ column }, position) => keyValue(cells[position] ?? null, column))
}

/** The values of a counter's key, in the order of its columns. */
export function counterKey(
  { group, hasSeries }: CounterTable,
  { group: cells, series, size, start }: Pick<Counted, 'group' | 'series' | 'size' | 'start'>,
): readonly KeyValue[] {
  const key = groupValues(group, cells)
  return hasSeries ? [...key, series, size, start] : [...key, size, start]
}
