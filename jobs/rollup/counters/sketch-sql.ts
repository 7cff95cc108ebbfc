import type { Family } from '../../../src/db/server.ts'
import { id, join, type Statement, sql, statement, tableId } from '../../../src/db/statement.ts'
import { type KeyValue, keyIn, selectKey } from '../../../src/engine/chunks/keyset.ts'
import type { CounterTable } from '../tables.ts'
import { insertOrChange, keyColumnNames, sketchColumn } from './sql.ts'

type Key = readonly KeyValue[]

/** Sketches of counters that this transaction holds: their keys as `Counted` has them, and `sketch_0` and on. */
export function selectSketches(
  counters: CounterTable,
  measures: readonly string[],
  keys: readonly Key[],
): Statement {
  const columns = [
    ...counters.group.map(({ column, name }, position) =>
      selectKey({ ...column, name }, `group_${position}`),
    ),
    ...keyColumnNames(counters).slice(counters.group.length).map(id),
    ...measures.map((name, position) => sql`${id(sketchColumn(name))} AS ${id(`sketch_${position}`)}`),
  ]
  return statement(
    'rollup.select-sketches',
    sql`SELECT ${join(columns)} FROM ${tableId(counters.name)} WHERE ${keyIn(keyColumnNames(counters), keys)}`,
  )
}

/** A counter's key, and for every measure its estimate and its sketch. */
export interface Estimates {
  readonly key: Key
  readonly cells: readonly KeyValue[]
}

/** Sets them: the counters are there, and held by this transaction. */
export function putSketches(
  counters: CounterTable,
  measures: readonly string[],
  estimates: readonly Estimates[],
  family: Family,
): Statement {
  const columns = measures.flatMap((name) => [name, sketchColumn(name)])
  const body = insertOrChange(counters, {
    columns,
    family,
    all: estimates.map(({ key, cells }) => [...key, ...cells]),
    change: (_, added) => added,
  })
  return statement('rollup.put-sketches', body)
}
